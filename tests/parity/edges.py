"""Hand-written edge cases, one thing changed at a time. The notation is that of sandbox.py."""
from sandbox import OTHER_USER, tok

A, B, C, D = tok("A"), tok("B"), tok("C"), tok("D")
OAUTH = "hf_oauth_<40*C>"
CACHE = "<HOME>/.cache/huggingface"
DEFAULT = CACHE + "/token"
STORED = CACHE + "/stored_tokens"
LEGACY = "<HOME>/.huggingface/token"
STAGING = "<HOME>/.cache/huggingface_staging/token"


def f(path, content="", **kw):
    return dict({"path": path, "content": content}, **kw)


def d(path, mode=None):
    return dict({"path": path, "type": "dir"}, **({"mode": mode} if mode else {}))


def link(path, target):
    return f(path, target, type="symlink")


def utf16(text):
    """Bytes of UTF-16 with a byte order mark; folded text is unfolded first."""
    from sandbox import PLACEHOLDER

    return PLACEHOLDER.sub(lambda m: int(m.group(3)) * m.group(4), text).encode("utf-16").hex()


fC = f(DEFAULT, C)


def values():
    """What the two variables and the token file may hold."""
    for name, value in [
        ("plain", A), ("empty", ""), ("spaces", "  "), ("tab", "\t"), ("newline only", "\n"),
        ("trailing LF", A + "\n"), ("trailing CRLF", A + "\r\n"), ("trailing CR", A + "\r"),
        ("leading space", " " + A), ("trailing space", A + " "), ("double quotes", '"' + A + '"'),
        ("single quotes", "'" + A + "'"), ("inner LF", A + "\n" + B), ("inner CR", A + "\r" + B),
        ("inner space", A + " " + B), ("NBSP around", "\u00a0" + A + "\u00a0"), ("BOM before", "\ufeff" + A),
        ("zero-width space before", "\u200b" + A), ("0x1c after", A + "\x1c"), ("NEL after", A + "\x85"),
        ("Bearer prefix", "Bearer " + A), ("unexpanded", "$MY_TOKEN"), ("org token", "api_org_<34*a>"),
        ("every character that strip removes", "".join(map(chr, [9, 10, 11, 12, 13, 28, 29, 30, 31, 32, 0x85, 0xa0, 0x1680,
                                                               *range(0x2000, 0x200b), 0x2028, 0x2029, 0x202f, 0x205f, 0x3000])) + A),
        ("characters that strip keeps", "\u180e" + A + "\u2060"), ("newlines inside blanks", " \n " + A + " \r\n "),
        ("only characters that strip keeps", "\u200b"), ("non-ASCII", A + "\u00e9\u4e2d\U0001f917"),
        ("not UTF-8", A + "<xff>"), ("not UTF-8, blanks around", " " + A + "<xff> \n"), ("a raw A0, no blank", "<xa0>" + A + "<xa0>"),
        ("an encoded surrogate", A + "<xed><xa0><x80>"), ("100,000 characters", "hf_<99997*A>"),
    ]:
        yield "HF_TOKEN " + name, {"HF_TOKEN": value}, [fC]
        yield "HUGGING_FACE_HUB_TOKEN " + name, {"HUGGING_FACE_HUB_TOKEN": value}, [fC]
    yield "both names, different", {"HF_TOKEN": A, "HUGGING_FACE_HUB_TOKEN": B}, [fC]
    yield "HF_TOKEN empty, old name set", {"HF_TOKEN": "", "HUGGING_FACE_HUB_TOKEN": B}, [fC]
    yield "HF_TOKEN blank, old name set", {"HF_TOKEN": " ", "HUGGING_FACE_HUB_TOKEN": B}, [fC]
    yield "HF_TOKEN set, old name empty", {"HF_TOKEN": A, "HUGGING_FACE_HUB_TOKEN": ""}, [fC]
    yield "both empty", {"HF_TOKEN": "", "HUGGING_FACE_HUB_TOKEN": ""}, [fC]
    yield "names that no version reads", {n: A for n in (
        "HUGGINGFACE_HUB_TOKEN", "HUGGINGFACE_TOKEN", "HF_API_TOKEN", "HF_API_KEY", "HUGGINGFACEHUB_API_TOKEN", "HUGGINGFACE_API_KEY",
        "HF_ACCESS_TOKEN", "hf_token", "HFTOKEN", "HF_TOKEN_")}, []
    for name, content in [
        ("empty", ""), ("blank", " \n"), ("trailing LF", C + "\n"), ("CRLF", C + "\r\n"), ("two lines", C + "\n" + D + "\n"),
        ("two lines CRLF", C + "\r\n" + D + "\r\n"), ("two lines CR", C + "\r" + D), ("CR CR LF", C + "\r\r\n"), ("leading LF", "\n" + C),
        ("BOM", "\ufeff" + C), ("quoted", '"' + C + '"'),
        ("comment first", "# my token\n" + C + "\n"), ("key=value", "HF_TOKEN=" + C + "\n"), ("NUL inside", C + "\x00"),
        ("NBSP after", C + "\u00a0"), ("0x1c after", C + "\x1c"), ("vertical tab after", C + "\x0b"), ("form feed after", C + "\x0c"),
        ("org token", "api_org_<34*a>"), ("not UTF-8", C + "<xff>"), ("cut in a character", C + "<xe2><x82>"),
        ("an encoded surrogate", C + "<xed><xa0><x80>"), ("an overlong NUL", C + "<xc0><x80>"), ("beyond Unicode", C + "<xf4><x90><x80><x80>"),
        ("60,000 blanks first", "<60000* >" + C), ("60,000 characters", "hf_<59997*C>"), ("e-acute", C + "\u00e9"),
    ]:
        yield "file " + name, {}, [f(DEFAULT, content)]
        yield "legacy file " + name, {}, [f(LEGACY, content)]
    yield "file UTF-16", {}, [{"path": DEFAULT, "hex": utf16(C)}]


def files():
    """What may stand where the token file should."""
    for name, path in (("file", DEFAULT), ("legacy", LEGACY)):
        parent = path.rsplit("/", 1)[0]
        yield name + " is a directory", {}, [d(path)]
        yield name + " is a socket", {}, [f(path, type="socket")]
        for mode in ("0000", "0200", "0100", "0400"):
            yield "%s of mode %s" % (name, mode), {}, [f(path, C, mode=mode)]
        for mode in ("0000", "0111", "0444", "0600", "0300"):
            yield "%s in a directory of mode %s" % (name, mode), {}, [f(path, C), d(parent, mode)]
        yield name + ", parent is a file", {}, [f(parent, "x")]
        yield name + ", grandparent is a file", {}, [f("<HOME>/.cache", "x")]
        yield name + " is a dangling link", {}, [link(path, "<HOME>/nowhere")]
        yield name + " is a link into a missing directory", {}, [link(path, "<HOME>/no/where")]
        yield name + " is a link loop", {}, [link(path, path)]
        yield name + " is a link to a file", {}, [link(path, "<HOME>/real"), f("<HOME>/real", D)]
        yield name + " is a link to a directory", {}, [link(path, "<HOME>")]
        yield name + " is a relative link", {}, [link(path, "../real"), f(parent + "/../real", D)]
        yield name + " is a link to /dev/null", {}, [link(path, "/dev/null")]
        yield name + ", parent is a link", {}, [link(parent, "<HOME>/real"), f("<HOME>/real/token", D)]
        yield name + ", parent is a dangling link", {}, [link(parent, "<HOME>/nowhere")]
        yield name + ", parent is a link loop", {}, [link(parent, parent)]
    yield "unreadable file but the variables set", {"HF_TOKEN": A, "HUGGING_FACE_HUB_TOKEN": A}, [f(DEFAULT, C, mode="0000")]


def legacy():
    """0.12 to 0.19 copy the old file to the new place first: what may go wrong on the way."""
    old = f(LEGACY, D)
    yield "legacy file, nothing else", {}, [old]
    yield "legacy and default file", {}, [old, fC]
    yield "legacy and empty default file", {}, [old, f(DEFAULT, "")]
    yield "legacy and unreadable default file", {}, [old, f(DEFAULT, C, mode="0000")]
    yield "legacy file, default is a directory", {}, [old, d(DEFAULT)]
    yield "legacy file unreadable, default file present", {}, [f(LEGACY, D, mode="0000"), fC]
    yield "legacy directory unreadable, default file present", {}, [old, d("<HOME>/.huggingface", "0000"), fC]
    yield "legacy file not UTF-8, default file present", {}, [f(LEGACY, D + "<xff>"), fC]
    both = {"HF_TOKEN": A, "HUGGING_FACE_HUB_TOKEN": B}
    yield "legacy file and the variables", both, [old]
    yield "legacy file unreadable and the variables", both, [f(LEGACY, D, mode="0000")]
    yield "legacy file not UTF-8 and the variables", both, [f(LEGACY, D + "<xff>")]
    yield "legacy file, implicit token off", {"HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"}, [f(LEGACY, D, mode="0000")]
    for name, there in [
        (".cache read-only", [d("<HOME>/.cache", "0555")]), ("cache directory read-only", [d(CACHE, "0555")]),
        ("cache directory write-only", [d(CACHE, "0300")]), ("cache directory not to be entered", [d(CACHE, "0600")]),
        ("cache directory a file", [f(CACHE, "x")]), (".cache a file", [f("<HOME>/.cache", "x")]),
        ("cache directory a dangling link", [link(CACHE, "<HOME>/nowhere")]), ("cache directory a link loop", [link(CACHE, CACHE)]),
        (".cache a dangling link", [link("<HOME>/.cache", "<HOME>/nowhere")]),
        ("default a dangling link", [link(DEFAULT, "<HOME>/nowhere")]), ("default a link into a missing directory", [link(DEFAULT, "<HOME>/no/where")]),
        ("default a dangling link to a read-only directory", [link(DEFAULT, "<HOME>/ro/t"), d("<HOME>/ro", "0555")]),
        ("default a link to a dangling link", [link(DEFAULT, "<HOME>/l"), link("<HOME>/l", "<HOME>/nowhere")]), ("default a relative dangling link", [link(DEFAULT, "../there")]),
        ("default a link loop", [link(DEFAULT, DEFAULT)]), ("default a socket", [f(DEFAULT, type="socket")]),
        ("home read-only", [d("<HOME>", "0555")]),
    ]:
        yield "legacy file, " + name, {}, [old] + there
        yield "legacy file and variable, " + name, {"HUGGING_FACE_HUB_TOKEN": B}, [old] + there
    for name, home, there in [
        ("missing", "<HOME>/h", []), ("three levels missing", "<HOME>/a/b/h", []), ("relative", "h", []), ("empty", "", []),
        ("below a file", "<HOME>/afile/h", [f("<HOME>/afile", "x")]), ("a file", "<HOME>/afile", [f("<HOME>/afile", "x")]),
        ("in a read-only directory", "<HOME>/ro/h", [d("<HOME>/ro", "0555")]), ("a dangling link", "<HOME>/l", [link("<HOME>/l", "<HOME>/nowhere")]),
        ("with dot-dot through a missing directory", "<HOME>/no/../h", []), ("a name too long", "<HOME>/<300*a>", []),
        ("a path too long", "<HOME>" + 17 * "/<250*a>", []), ("literal $", "$NOPE/h", []), ("unknown user", "~nosuchuser0/h", []),
        ("below /dev/null", "/dev/null/h", []), ("below a link loop", "<HOME>/l/h", [link("<HOME>/l", "l")]), ("two below a link loop", "<HOME>/l/h/i", [link("<HOME>/l", "l")]),
        ("new, with a name too long below", "<HOME>/new/<300*a>", []), ("new, then dot-dot", "<HOME>/new/../h", []), ("new, then dot-dot to a read-only directory", "<HOME>/ro/new/../../h", [d("<HOME>/ro", "0555")]),
        ("by a dangling link, two below", "<HOME>/l/h", [link("<HOME>/l", "<HOME>/nowhere")]), ("two below a file", "<HOME>/afile/h/i", [f("<HOME>/afile", "x")]),
        ("in a directory not to be entered", "<HOME>/no/h", [d("<HOME>/no", "0600")]), ("dot-dot at its end", "<HOME>/new/..", []),
    ]:
        yield "legacy file, HF_HOME " + name, {"HF_HOME": home}, [old] + there
    yield "legacy file, current directory locked, HF_HOME relative", {"HF_HOME": "h"}, [old, d("<CWD>", "0555")]
    yield "legacy file, current directory gone, HF_HOME relative", {"HF_HOME": "h"}, [old], {"cwd": "gone"}
    yield "legacy file, current directory gone, HF_HOME empty", {"HF_HOME": ""}, [old], {"cwd": "gone"}
    yield "legacy file, staging", {"HUGGINGFACE_CO_STAGING": "1"}, [old]


def homes():
    """HF_HOME, XDG_CACHE_HOME, HOME and what the clients expand in them."""
    for name, value, where in [
        ("absolute", "<HOME>/h", "<HOME>/h/token"), ("trailing slash", "<HOME>/h/", "<HOME>/h/token"), ("empty", "", "<CWD>/token"),
        ("relative", "h", "<CWD>/h/token"), ("dot", ".", "<CWD>/token"), ("dot-dot", "..", "<SBX>/token"),
        ("tilde", "~/h", "<HOME>/h/token"), ("bare tilde", "~", "<HOME>/token"), ("tilde inside", "<HOME>/~/h", "<HOME>/~/h/token"),
        ("tilde after a blank", " ~/h", "<CWD>/ ~/h/token"), ("$HOME", "$HOME/h", "<HOME>/h/token"), ("${HOME}", "${HOME}/h", "<HOME>/h/token"),
        ("$HOME unexpanded place", "$HOME/h", "<CWD>/$HOME/h/token"), ("unknown variable", "$NOPE/h", "<CWD>/$NOPE/h/token"),
        ("unknown user", "~nosuchuser0/h", "<CWD>/~nosuchuser0/h/token"), ("with space", "<HOME>/a b", "<HOME>/a b/token"),
        ("quoted", '"<HOME>/h"', '<CWD>/"<HOME>/h"/token'), ("trailing newline", "<HOME>/h\n", "<HOME>/h\n/token"),
        ("newline inside", "<HOME>/a\nb", "<HOME>/a\nb/token"), ("backslash", "<HOME>/a\\b", "<HOME>/a\\b/token"),
        ("not UTF-8", "<HOME>/d<xff>", "<HOME>/d<xff>/token"), ("non-ASCII", "<HOME>/\u00e9\u4e2d", "<HOME>/\u00e9\u4e2d/token"),
        ("names a file", "<HOME>/afile", "<HOME>/afile"), ("double slashes", "<HOME>//h//", "<HOME>/h/token"),
        ("leading double slash", "/<HOME>/h", "<HOME>/h/token"), ("dots inside", "<HOME>/./h/.", "<HOME>/h/token"),
        ("through root's dot-dot", "/..<HOME>/h", "<HOME>/h/token"), ("$$HOME", "$$HOME/h", "<CWD>/$<HOME>/h/token"), ("lone $", "$", "<CWD>/$/token"),
        ("open brace", "${HOME/h", "<CWD>/${HOME/h/token"), ("empty braces", "${}", "<CWD>/${}/token"), ("escaped", "\\$HOME/h", "<CWD>/\\<HOME>/h/token"),
        ("digit", "$1/h", "<CWD>/$1/h/token"), ("name goes on", "$HOMEx/h", "<CWD>/$HOMEx/h/token"), ("two variables", "$HOME$HOME", "<HOME><HOME>/token"),
        ("a name too long", "<HOME>/<300*a>", "<HOME>/h/token"), ("a path too long", "<HOME>" + 17 * "/<250*a>", "<HOME>/h/token"),
        ("255 characters", "<HOME>/<255*a>", "<HOME>/<255*a>/token"), ("/dev/null", "/dev/null", "<HOME>/h/token"), ("missing", "<HOME>/none", "<HOME>/h/token"),
    ]:
        yield "HF_HOME " + name, {"HF_HOME": value}, [f(where, D)]
        yield "XDG_CACHE_HOME " + name, {"XDG_CACHE_HOME": value}, [f(where.replace("/token", "/huggingface/token"), D), fC]
    yield "HF_HOME set, only the default file present", {"HF_HOME": "<HOME>/h"}, [fC]
    yield "HF_HOME by variable holding ~", {"HF_HOME": "$A", "A": "~/h"}, [f("<HOME>/h/token", D), f("<CWD>/~/h/token", B)]
    yield "HF_HOME by variable holding $B", {"HF_HOME": "$A", "A": "$B", "B": "<HOME>/h"}, [f("<HOME>/h/token", D)]
    yield "HF_HOME by three variables", {"HF_HOME": "$A", "A": "$B", "B": "$C", "C": "<HOME>/h"}, [f("<HOME>/h/token", D)]
    yield "HF_HOME ~ and $", {"HF_HOME": "~/$A", "A": "h"}, [f("<HOME>/h/token", D)]
    yield "HF_HOME by an empty variable", {"HF_HOME": "<HOME>/h$A", "A": ""}, [f("<HOME>/h/token", D)]
    yield "HF_HOME by a variable not UTF-8", {"HF_HOME": "<HOME>/$A", "A": "d<xfe>"}, [f("<HOME>/d<xfe>/token", D)]
    yield "HF_HOME by a variable whose name is not ASCII", {"HF_HOME": "<HOME>/${\u00e9}", "\u00e9": "h"}, [f("<HOME>/h/token", D)]
    yield "HF_HOME by a name that is not ASCII, no braces", {"HF_HOME": "<HOME>/$\u00e9", "\u00e9": "h"}, [f("<HOME>/$\u00e9/token", D)]
    yield "HF_HOME by a name with blanks", {"HF_HOME": "<HOME>/${A B}", "A B": "h"}, [f("<HOME>/h/token", D)]
    yield "HF_HOME a link to a directory", {"HF_HOME": "<HOME>/l"}, [link("<HOME>/l", "<HOME>/h"), f("<HOME>/h/token", D)]
    yield "HF_HOME a link loop", {"HF_HOME": "<HOME>/l"}, [link("<HOME>/l", "<HOME>/l")]
    yield "HF_HOME dot-dot after a link", {"HF_HOME": "<HOME>/l/../h"}, [link("<HOME>/l", "<HOME>/x/y"), d("<HOME>/x/y"), f("<HOME>/x/h/token", D), f("<HOME>/h/token", B)]
    yield "XDG_CACHE_HOME and HF_HOME", {"XDG_CACHE_HOME": "<HOME>/x", "HF_HOME": "<HOME>/h"}, [f("<HOME>/x/huggingface/token", D), f("<HOME>/h/token", B)]
    yield "current directory locked, HF_HOME relative", {"HF_HOME": "h"}, [f("<CWD>/h/token", D), d("<CWD>", "0000")]
    yield "current directory gone", {}, [fC], {"cwd": "gone"}
    yield "current directory gone, HF_HOME relative", {"HF_HOME": "h"}, [], {"cwd": "gone"}
    yield "current directory gone, HF_HOME empty", {"HF_HOME": ""}, [], {"cwd": "gone"}
    yield "current directory gone, HF_TOKEN_PATH empty", {"HF_TOKEN_PATH": ""}, [fC], {"cwd": "gone"}
    for name, value, where in [
        ("empty", "", DEFAULT), ("relative", "rh", "<CWD>/rh/.cache/huggingface/token"), ("trailing slash", "<HOME>/", DEFAULT),
        ("trailing slashes", "<HOME>///", DEFAULT), ("a tilde", "~", "<CWD>/~/.cache/huggingface/token"), ("a blank", " ", "<CWD>/ /.cache/huggingface/token"),
        ("dot", ".", "<CWD>/.cache/huggingface/token"), ("with $", "<HOME>/$A", "<HOME>/h/.cache/huggingface/token"),
        ("with $ kept", "<HOME>/$A", "<HOME>/$A/.cache/huggingface/token"), ("not UTF-8", "<HOME>/<xff>", "<HOME>/<xff>/.cache/huggingface/token"),
        ("dot-dot", "<HOME>/../home", DEFAULT), ("only slashes", "//", DEFAULT), ("a file", "<HOME>/afile", "<HOME>/afile"),
    ]:
        old = where.replace(".cache/huggingface/token", ".huggingface/token")
        yield "HOME " + name, {"HOME": value, "A": "h"}, [f(where, D)]
        yield "HOME %s, legacy file" % name, {"HOME": value, "A": "h"}, [f(old, B)]
        yield "HOME %s, HF_HOME by tilde" % name, {"HOME": value, "HF_HOME": "~/x", "A": "h"}, [f(where.replace(".cache/huggingface", "x"), B)]


def password_database():
    pw = [f("<PW>/.cache/huggingface/token", D), f("<PW>/.huggingface/token", B)]
    yield "HOME not set", {"HOME": None}, pw + [fC]
    yield "HOME not set, HF_HOME by tilde", {"HOME": None, "HF_HOME": "~/h"}, [f("<PW>/h/token", D)]
    yield "HOME not set, HF_HOME by $HOME", {"HOME": None, "HF_HOME": "$HOME/h"}, [f("<CWD>/$HOME/h/token", D)]
    yield "HOME not set, HF_TOKEN_PATH by tilde", {"HOME": None, "HF_TOKEN_PATH": "~/t"}, [f("<PW>/t", D)]
    yield "HOME not set, staging", {"HOME": None, "HUGGINGFACE_CO_STAGING": "1"}, [f("<PW>/.cache/huggingface_staging/token", D)]
    none = {"passwd": "none"}
    yield "HOME not set, no entry", {"HOME": None}, [f("<CWD>/~/.cache/huggingface/token", D), f("<CWD>/~/.huggingface/token", B)], none
    yield "HOME not set, no entry, nothing there", {"HOME": None}, pw, none
    yield "HOME not set, no entry, HF_HOME by tilde", {"HOME": None, "HF_HOME": "~/h"}, [f("<CWD>/~/h/token", D)], none
    yield "HOME set, no entry", {}, [fC], none
    other = {"passwd": "own"}
    yield "another user's home", {"HF_HOME": "~%s/h" % OTHER_USER}, [f("<PW>/h/token", D)], other
    yield "another user's home, bare", {"HF_HOME": "~" + OTHER_USER}, [f("<PW>/token", D)], other
    yield "another user's home by HF_TOKEN_PATH", {"HF_TOKEN_PATH": "~%s/t" % OTHER_USER}, [f("<PW>/t", D)], other
    yield "another user's name goes on", {"HF_HOME": "~%sx/h" % OTHER_USER}, [f("<CWD>/~%sx/h/token" % OTHER_USER, D)], other


def token_paths():
    for name, value, where in [
        ("absolute", "<HOME>/t", "<HOME>/t"), ("tilde", "~/t", "<HOME>/t"), ("$HOME", "$HOME/t", "<HOME>/t"), ("${HOME}", "${HOME}/t", "<HOME>/t"),
        ("relative", "t", "<CWD>/t"), ("empty", "", "<CWD>/token"), ("directory", "<HOME>", "<HOME>/t"), ("missing", "<HOME>/none", "<HOME>/t"),
        ("tilde kept literally", "~/t", "<CWD>/~/t"), ("below a file", "<HOME>/t/x", "<HOME>/t"), ("dot", ".", "<HOME>/t"), ("root", "/", "<HOME>/t"),
        ("bare tilde", "~", "<HOME>/t"), ("unknown user", "~nosuchuser0", "<CWD>/~nosuchuser0"),
        ("trailing slash", "<HOME>/t/", "<HOME>/t"), ("trailing slashes", "<HOME>/t///", "<HOME>/t"), ("trailing /.", "<HOME>/t/.", "<HOME>/t"),
        ("trailing /..", "<HOME>/t/..", "<HOME>/t"), ("double slash", "<HOME>//t", "<HOME>/t"), ("leading double slash", "/<HOME>/t", "<HOME>/t"),
        ("leading ./", "./t", "<CWD>/t"), ("only ./", "./", "<CWD>/t"),
        ("dot-dot through a missing directory", "<HOME>/none/../t", "<HOME>/t"), ("dot-dot through a file", "<HOME>/t/../t", "<HOME>/t"),
        ("dot-dot through a directory", "<HOME>/../home/t", "<HOME>/t"), ("trailing newline", "<HOME>/t\n", "<HOME>/t"), ("trailing blank", "<HOME>/t ", "<HOME>/t"),
        ("not UTF-8", "<HOME>/t<xff>", "<HOME>/t<xff>"), ("/dev/null", "/dev/null", "<HOME>/t"), ("below /dev/null", "/dev/null/t", "<HOME>/t"),
        ("a name too long", "<HOME>/<256*a>", "<HOME>/t"), ("a path too long", "<HOME>" + 17 * "/<250*a>", "<HOME>/t"),
        ("that just fits", "<LONG>/t", "<HOME>/t"), ("that no longer fits", "<LONG>/token", "<HOME>/token"), ("by a variable twice", "$A", "<HOME>/t"),
    ]:
        yield "HF_TOKEN_PATH " + name, {"HF_TOKEN_PATH": value, "A": "$HOME/t"}, [f(where, D), fC]
    yield "HF_TOKEN_PATH and HF_HOME", {"HF_TOKEN_PATH": "<HOME>/t", "HF_HOME": "<HOME>/h"}, [f("<HOME>/t", D), f("<HOME>/h/token", B)]
    yield "HF_TOKEN_PATH a link to a directory", {"HF_TOKEN_PATH": "<HOME>/l"}, [link("<HOME>/l", "<HOME>/h"), d("<HOME>/h"), fC]
    yield "cache variables do not matter", {"HF_HUB_CACHE": "<HOME>/h", "HUGGINGFACE_HUB_CACHE": "<HOME>/h", "HF_ASSETS_CACHE": "~x", "HF_XET_CACHE": "",
                                            "TRANSFORMERS_CACHE": "<HOME>/h", "HF_DATASETS_CACHE": "<HOME>/h"}, [f("<HOME>/h/token", D), fC]


def flags():
    for v in ("1", "true", "TRUE", "tRuE", "ON", "on", "yes", "Yes", "0", "", "2", " 1", "1 ", "1\n", "t", "y", "false", "off", "\uff11",
              "ye\u017f", "tr\u00fce", "1<xff>", "AUTO"):
        yield "HF_HUB_DISABLE_IMPLICIT_TOKEN=%r" % v, {"HF_HUB_DISABLE_IMPLICIT_TOKEN": v, "HF_TOKEN": A, "HUGGING_FACE_HUB_TOKEN": A}, []
    yield "implicit token off, token file bad", {"HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"}, [d(DEFAULT)]
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        for v in ("1", "true", "0", ""):
            yield "%s=%r" % (name, v), {name: v}, [fC]
    yield "HF_HUB_OFFLINE=0 TRANSFORMERS_OFFLINE=1", {"HF_HUB_OFFLINE": "0", "TRANSFORMERS_OFFLINE": "1"}, [fC]
    stg = f(STAGING, D)
    for v in ("1", "true", "0", "ye\u017f", ""):
        yield "HUGGINGFACE_CO_STAGING=%s" % v, {"HUGGINGFACE_CO_STAGING": v}, [stg, fC]
    on = {"HUGGINGFACE_CO_STAGING": "1"}
    yield "staging with HF_TOKEN_PATH", dict(on, HF_TOKEN_PATH="<HOME>/t"), [stg, f("<HOME>/t", B)]
    yield "staging with HF_HOME", dict(on, HF_HOME="<HOME>/h"), [stg, f("<HOME>/h/token", B)]
    yield "staging with XDG_CACHE_HOME", dict(on, XDG_CACHE_HOME="<HOME>/x"), [stg, f("<HOME>/x/huggingface_staging/token", B)]
    yield "staging with HF_ENDPOINT", dict(on, HF_ENDPOINT="https://hub.example.test"), [stg]
    yield "staging with a malformed endpoint", dict(on, HF_ENDPOINT="http://[::1"), [stg]
    yield "staging with a malformed port", dict(on, HF_ENDPOINT="http://h:abc"), [stg]
    yield "staging, home with $", dict(on, HOME="<HOME>/$A", A="h"), [f("<HOME>/$A/.cache/huggingface_staging/token", D), f("<HOME>/h/.cache/huggingface_staging/token", B)]
    yield "staging, stored tokens in a locked directory", on, [stg, f(STORED, ""), d(CACHE, "0000")]
    yield "staging, cache directory a link loop", on, [stg, link(CACHE, CACHE)]


def import_killers():
    """Settings that make the import raise, and look-alikes that do not."""
    ints = ["", "abc", "10", " 5 ", "1.5", "0", "+5", "-5", "- 5", "1_000", "1__0", "_1", "1_", "0x10", "1e3", "\uff11\uff10", "\u0663", "\u00b2", "\u2460",
            "\U0001d7d3", "\u00a05\u2003", "5\n", "5\x1c", "\uff15\x1c", "\u00a05\x85", "\ufeff5", "5 5", "5<xff>", "<4300*1>", "<4301*1>", "<4301*0>", "_".join("1" * 4300), "-<4300*1>", "0b1", "inf", "None", "+", "+_1"]
    for name in ("HF_HUB_ETAG_TIMEOUT", "HF_HUB_DOWNLOAD_TIMEOUT", "HF_HUB_LOCAL_DIR_AUTO_SYMLINK_THRESHOLD"):
        for v in ints if name == "HF_HUB_ETAG_TIMEOUT" else ints[:12]:
            yield "%s=%.20r" % (name, v), {name: v}, [fC]
    for v in ("https://hub.example.test", "https://hub.example.test/", "https://hub.example.test//", "", " ", "hub.example.test", "http://", "//", "://",
              "http://[::1", "http://[::1]", "http://[::1]:80", "http://::1]", "[::1", "//[::1", "http:[::1", "http:///[::1", "http://h/[", "http://h?[", "http://h#[",
              " http://[::1", "\thttp://[::1", "ht\ntp://[::1", "1http://[::1", "http+x://[::1", "http://u@[::1", "HTTP://[::1", "http\u00e9://[::1", "http://[::1/",
              "http://h:abc", "http://h:", "http://h:99999", "http://h:65535", "http://h:65536", "http://h:-1", "http://h:+1", "http://h: 80", "http://h:80 ", "http://h:1_0",
              "http://h:\uff18\uff10", "http://h:80:90", "http://u:abc@h", "http://u:p@h:1", "http://h#:abc", "http://h/:abc", "http://h?:abc", "h:abc", "//h:abc", "http://:abc",
              "http://h:abc/", "http://h:0", "http://h:00080", "http://h:\u0663", "http://h:80\t", "http://h:8<xff>0",
              "http://a\u2100b", "http://a\uff0fb", "http://a\uff20b", "http://a\uff1ab", "http://a\uff03b", "http://a\uff1fb", "http://\uff41.example", "http://u\uff0f@h", "//a\u2100b", "a\u2100b",
              "http://h/\u2100", "http://\u00e9.example", "http://<xff>", "http://a\u00a8b", "https://u:p@hub.example.test", " https://hub.example.test", "http://127.0.0.1:9/x//"):
        yield "HF_ENDPOINT=%r" % v, {"HF_ENDPOINT": v}, [fC]
    for v in ("http://[abc]", "http://[v1.a]", "http://[v1]", "http://[]", "http://[127.0.0.1]", "http://[::1%25lo]", "http://[1::2::3]"):
        # older interpreters do not look between the brackets
        yield "HF_ENDPOINT=%r" % v, {"HF_ENDPOINT": v}, [fC], {"python": [3, 11, 4]}
    for v in ("1", "0", ""):
        yield "EAGER_IMPORT=%r" % v, {"EAGER_IMPORT": v}, [fC]
    for name in ("HF_HUB_VERBOSITY", "HUGGINGFACE_HUB_VERBOSITY", "HF_HUB_USER_AGENT_ORIGIN", "HF_DEBUG", "HF_XET_HIGH_PERFORMANCE", "HF_HUB_ENABLE_HF_TRANSFER",
                 "HF_HUB_DISABLE_PROGRESS_BARS", "HF_INFERENCE_ENDPOINT", "HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK", "HF_HUB_DISABLE_XET"):
        yield "%s nonsense" % name, {name: "n\u00f6n-sense http://[::1 {0} %s"}, [fC]
        yield "%s empty" % name, {name: ""}, [fC]
    for name, v in (("POSITION", "x"), ("POSITION", ""), ("POSITION", "-1"), ("POSITION", "1.5"), ("position", " 1_0 "), ("Position", "1e3"), ("DELAY", "1e3"),
                    ("DELAY", "1,5"), ("delay", ".5"), ("MININTERVAL", "nan"), ("MININTERVAL", "0x1"), ("smoothing", "\uff11.\uff15"), ("TOTAL", "x"), ("INITIAL", "1.0"),
                    ("UNIT_DIVISOR", "1024"), ("UNIT_DIVISOR", "1k"), ("NROWS", ""), ("NCOLS", "<xff>"), ("MINITERS", "_1"), ("DISABLE", "x"), ("ASCII", ""), ("NONSENSE", "x")):
        yield "TQDM_%s=%r" % (name, v), {"TQDM_" + name: v}, [fC]
    yield "TQDM in two spellings, the second counts", {"TQDM_POSITION": "x", "TQDM_position": "1"}, [fC]
    yield "TQDM in two spellings, the second kills", {"TQDM_POSITION": "1", "TQDM_position": "x"}, [fC]
    yield "TQDM without a home", {"TQDM_POSITION": "x", "HOME": None}, [fC]


def oidc():
    on = {"HF_OIDC_RESOURCE": "ns/name"}
    given = dict(on, HF_OIDC_ID_TOKEN="x.y.z")
    github = dict(on, GITHUB_ACTIONS="true", HF_TOKEN=A)
    request = dict(github, ACTIONS_ID_TOKEN_REQUEST_URL="http://oidc.example.test/x", ACTIONS_ID_TOKEN_REQUEST_TOKEN="abc")
    yield "OIDC resource empty", {"HF_OIDC_RESOURCE": "", "HF_TOKEN": A}, []
    yield "OIDC resource blank", {"HF_OIDC_RESOURCE": " ", "HF_TOKEN": A}, []
    yield "OIDC resource, no CI", dict(on, HF_TOKEN=A), []
    yield "OIDC resource, id token", dict(given, HF_TOKEN=A), []
    yield "OIDC resource, id token empty", dict(on, HF_OIDC_ID_TOKEN="", HF_TOKEN=A), []
    yield "OIDC resource, id token blank", dict(on, HF_OIDC_ID_TOKEN=" "), []
    for v in ("http://hub.example.test:81", "", "hub.example.test", "http://", "ftp://h", "https://u:p@h", "http://h:abc", "http://h:99999", " http://h", "http://h/x y", "http://<xff>", "http://h\x7f",
              "http:", "http:h", "//h", "h:80", ":x", "http:///x", "http://:80", "http://u@", "ws://h", "wss://h", "HTTP://h", "http://h:", "http://h:-1", "http://h: 80", "http://h:1_0", "http://h:\uff14",
              "http://1.2.3", "http://1.2.3.999", "http://01.2.3.4", "http://[::1]", "http://[::1]x", "http://[::1]80", "http://u@:p@h", "http://\u00e9.test", "http://h\t", "http://h/<xff>", "http://u<xff>@h",
              "http://h:80:90", "http://a b", "////x", "::x", "mailto:x", "?x", "#x", "<66000*a>", "http://h/<66000*a>", "http://h:<4301*1>"):
        yield "OIDC resource, id token, HF_ENDPOINT=%r" % v, dict(given, HF_ENDPOINT=v), []
    for v in ("h", "http://h\t", "ftp://h"):
        yield "OIDC resource, id token, offline, HF_ENDPOINT=%r" % v, dict(given, HF_ENDPOINT=v, HF_HUB_OFFLINE="1"), []
    for v in ("<xff>", "\u00e9"):
        for name in ("HF_OIDC_RESOURCE", "HF_OIDC_ID_TOKEN"):
            yield "OIDC resource, id token, %s=%r" % (name, v), dict(given, **{name: v}), []
            yield "OIDC resource, id token, offline, %s=%r" % (name, v), dict(given, HF_HUB_OFFLINE="1", **{name: v}), []
        yield "OIDC resource, id token, bad endpoint, %r" % v, dict(given, HF_ENDPOINT="h\t", HF_OIDC_RESOURCE=v), []
        yield "OIDC resource, GitHub, request token %r" % v, dict(request, ACTIONS_ID_TOKEN_REQUEST_TOKEN=v), []
        yield "OIDC resource, GitHub, request token %r, offline" % v, dict(request, ACTIONS_ID_TOKEN_REQUEST_TOKEN=v, HF_HUB_OFFLINE="1"), []
        yield "OIDC resource, GitHub, HF_ENDPOINT=%r" % v, dict(request, HF_ENDPOINT=v), []
    for v in ("http://", "//h", "http://h:abc", "http://[::1", "http://[zz]", "http://1.2.3.999", "http://h\n", "http://h/<xff>", "ws://h", "http://h?x", " http://h"):
        yield "OIDC resource, GitHub, request address %r" % v, dict(request, ACTIONS_ID_TOKEN_REQUEST_URL=v), []
    yield "OIDC resource, id token, staging", dict(given, HUGGINGFACE_CO_STAGING="1"), []
    yield "OIDC resource, id token, token file bad", given, [d(DEFAULT)]
    yield "OIDC resource, GitHub without permission", github, []
    yield "OIDC resource, GITHUB_ACTIONS=True", dict(github, GITHUB_ACTIONS="True"), []
    yield "OIDC resource, GITHUB_ACTIONS=1", dict(github, GITHUB_ACTIONS="1"), []
    yield "OIDC resource, GitHub with permission", request, []
    yield "OIDC resource, GitHub, no request token", dict(request, ACTIONS_ID_TOKEN_REQUEST_TOKEN=None), []
    yield "OIDC resource, GitHub, empty request token", dict(request, ACTIONS_ID_TOKEN_REQUEST_TOKEN=""), []
    yield "OIDC resource, GitHub, empty request address", dict(request, ACTIONS_ID_TOKEN_REQUEST_URL=""), []
    yield "OIDC resource, GitHub, request address without scheme", dict(request, ACTIONS_ID_TOKEN_REQUEST_URL="oidc.example.test/x"), []
    yield "OIDC resource, GitHub, and an id token", dict(request, HF_OIDC_ID_TOKEN="x.y.z"), []
    yield "OIDC resource, GitHub, offline", dict(request, HF_HUB_OFFLINE="1"), []
    yield "OIDC resource, implicit token off", dict(on, HF_HUB_DISABLE_IMPLICIT_TOKEN="1"), []
    yield "OIDC resource, id token, implicit token off", dict(given, HF_HUB_DISABLE_IMPLICIT_TOKEN="1"), []
    yield "OIDC resource, offline", dict(given, HF_HUB_OFFLINE="1"), []
    yield "OIDC resource, offline by transformers", dict(given, TRANSFORMERS_OFFLINE="1"), []
    yield "OIDC resource, no CI, offline", dict(on, HF_HUB_OFFLINE="1"), []
    yield "OIDC id token only", {"HF_OIDC_ID_TOKEN": "x.y.z"}, [fC]


def stored_tokens():
    """The file beside the token: it decides nothing, but may make the newest clients raise."""
    two = "[a]\nhf_token = %s\n\n[b]\nhf_token = %s\n" % (A, B)
    for name, content in [
        ("two sections", two), ("percent sign", "[a]\nhf_token = hf_a%b\n"), ("good percent reference", "[a]\nx = 1\nhf_token = hf_%(x)s\n"),
        ("section without hf_token", "[a]\nother = 1\n[b]\nhf_token = %s\n" % B), ("DEFAULT section", "[DEFAULT]\nhf_token = %s\n[a]\nx = 1\n" % A),
        ("duplicate section", "[a]\nhf_token = %s\n[a]\nhf_token = %s\n" % (A, B)), ("duplicate option", "[a]\nhf_token = %s\nhf_token = %s\n" % (A, B)),
        ("duplicate option in capitals", "[a]\nhf_token = %s\nHF_TOKEN = %s\n" % (A, B)), ("no section header", "hf_token = %s\n" % A),
        ("colon and case", "[My Token]\nHF_TOKEN: %s\n" % A), ("inline comment and continuation", "[a]\nhf_token = %s ; main\n   more\n# c\n; d\n" % A),
        ("option without value", "[a]\nhf_token\n"), ("empty value", "[a]\nhf_token =\n"), ("no option name", "[a]\n = x\n"), ("BOM", "\ufeff[a]\nhf_token = %s\n" % A),
        ("CRLF", "[a]\r\nhf_token = %s\r\n" % A), ("CR", "[a]\rhf_token = %s\r" % A), ("empty", ""), ("non-ASCII name", "[\u00e9 \u4e2d]\nhf_token = %s\n" % A),
        ("not UTF-8", "[a<xff>]\nhf_token = %s\n" % A), ("not UTF-8 in a comment", two + "# <xff>\n"), ("cut in a character", two + "# <xe2><x82>"),
        ("not UTF-8, no header", "junk\n<xff>\n"), ("not UTF-8, far behind a missing header", "junk\n<9000*#>\n<xff>\n"),
        ("not UTF-8, far behind a duplicate section", "[a]\n[a]\n<9000*#>\n<xff>\n"), ("not UTF-8, far behind an option without value", "[a]\nx\n<9000*#>\n<xff>\n"),
        ("not UTF-8, far behind", two + "<9000*#>\n<xff>\n"), ("NUL", "[a]\nhf_token = \x00\n"), ("section with brackets", "[a]b]\nhf_token = %s\n" % A),
    ]:
        yield "stored tokens, %s" % name, {}, [fC, f(STORED, content)]
        if name in ("two sections", "not UTF-8"):
            yield "stored tokens, %s, no active file" % name, {}, [f(STORED, content)]
            yield "stored tokens, %s, HF_TOKEN set" % name, {"HF_TOKEN": A}, [fC, f(STORED, content)]
            yield "stored tokens, %s, beside HF_TOKEN_PATH" % name, {"HF_TOKEN_PATH": "<HOME>/d/t"}, [f("<HOME>/d/t", D), f("<HOME>/d/stored_tokens", content), f(STORED, "")]
            yield "stored tokens, %s, not beside HF_TOKEN_PATH" % name, {"HF_TOKEN_PATH": "<HOME>/d/t"}, [f("<HOME>/d/t", D), f(STORED, content)]
            yield "stored tokens, %s, HF_TOKEN_PATH with a trailing slash" % name, {"HF_TOKEN_PATH": "<HOME>/d/t/"}, [f("<HOME>/d/t", D), f("<HOME>/d/stored_tokens", content)]
            yield "stored tokens, %s, relative HF_TOKEN_PATH" % name, {"HF_TOKEN_PATH": "t"}, [f("<CWD>/t", D), f("<CWD>/stored_tokens", content)]
            yield "stored tokens, %s, staging" % name, {"HUGGINGFACE_CO_STAGING": "1"}, [f(STAGING, D), f(STORED, content)]
            yield "stored tokens, %s, empty token file" % name, {}, [f(DEFAULT, "\n"), f(STORED, content)]
    yield "stored tokens, UTF-16", {}, [fC, {"path": STORED, "hex": utf16("[a]\n")}]
    yield "stored tokens, a directory", {}, [fC, d(STORED)]
    yield "stored tokens, a socket", {}, [fC, f(STORED, type="socket")]
    yield "stored tokens, unreadable", {}, [fC, f(STORED, two, mode="0000")]
    yield "stored tokens, a dangling link", {}, [fC, link(STORED, "<HOME>/no")]
    yield "stored tokens, a link loop", {}, [fC, link(STORED, STORED)]
    yield "stored tokens, in a locked directory reached by a link", {"HF_TOKEN_PATH": "<HOME>/l"}, [link("<HOME>/l", "<HOME>/real"), f("<HOME>/real", D), f("<HOME>/stored_tokens", "<xff>", mode="0000")]
    near = "refresh_token = r\nexpires_at = <NOW+3600>\n"
    for name, extra in [("fresh", "refresh_token = r\nexpires_at = <NOW+200000>\n"), ("near expiry", near), ("expired", "refresh_token = r\nexpires_at = <NOW-3600>\n"),
                        ("no refresh token, expired", "expires_at = <NOW-3600>\n"), ("corrupt expiry", "refresh_token = r\nexpires_at = soon\n"),
                        ("no expiry", "refresh_token = r\n"), ("huge expiry", "refresh_token = r\nexpires_at = <4000*9>\n"), ("too huge expiry", "refresh_token = r\nexpires_at = <5000*9>\n"),
                        ("negative expiry", "refresh_token = r\nexpires_at = -5\n"), ("empty refresh token", "refresh_token =\nexpires_at = <NOW-3600>\n"),
                        ("not UTF-8 behind", near + "# <xff>\n")]:
        yield "OAuth token " + name, {}, [f(DEFAULT, OAUTH), f(STORED, "[oauth-me]\nhf_token = %s\n%s" % (OAUTH, extra))]
    body = "[oauth-me]\nhf_token = %s\nrefresh_token = r\nexpires_at = <NOW+10>\n" % OAUTH
    yield "OAuth token near expiry, HF_TOKEN set", {"HF_TOKEN": A}, [f(DEFAULT, OAUTH), f(STORED, body)]
    yield "OAuth token near expiry, offline", {"HF_HUB_OFFLINE": "1"}, [f(DEFAULT, OAUTH), f(STORED, body)]
    yield "OAuth token near expiry, read-only home", {}, [f(DEFAULT, OAUTH), f(STORED, body), d(CACHE, "0555")]
    yield "OAuth token near expiry, endpoint empty", {"HF_ENDPOINT": ""}, [f(DEFAULT, OAUTH), f(STORED, body)]
    yield "OAuth token near expiry, second section", {}, [f(DEFAULT, OAUTH), f(STORED, "[a]\nhf_token = %s\n" % OAUTH + body)]


def interpreters():
    """What the interpreter takes from its environment before any client code runs."""
    accent = f(DEFAULT, C + "\u00e9")
    latin = f(DEFAULT, C + "<xe9>")
    ascii_only = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"}
    for name, env in [
        ("UTF-8 locale", {"LC_ALL": "C.UTF-8"}), ("C locale", {"LC_ALL": "C"}), ("POSIX locale", {"LC_ALL": "POSIX"}), ("LANG=C", {"LANG": "C"}),
        ("LC_CTYPE=C", {"LC_CTYPE": "C", "LANG": "C.UTF-8"}), ("unknown locale", {"LC_ALL": "xx_YY.ISO-8859-1"}), ("PYTHONUTF8=1", {"PYTHONUTF8": "1", "LC_ALL": "C"}),
        ("PYTHONUTF8=0", {"PYTHONUTF8": "0"}), ("PYTHONUTF8=0, LANG=C", {"PYTHONUTF8": "0", "LANG": "C"}), ("PYTHONUTF8=0, LC_CTYPE=C", {"PYTHONUTF8": "0", "LC_CTYPE": "C"}),
        ("PYTHONUTF8=0, LC_ALL=C", {"PYTHONUTF8": "0", "LC_ALL": "C"}), ("PYTHONUTF8=0, LC_ALL=POSIX", {"PYTHONUTF8": "0", "LC_ALL": "POSIX"}),
        ("PYTHONUTF8=0, LC_ALL empty", {"PYTHONUTF8": "0", "LC_ALL": ""}), ("PYTHONUTF8=0, UTF-8 locale", {"PYTHONUTF8": "0", "LC_ALL": "C.UTF-8"}),
        ("PYTHONUTF8=0, unknown locale", {"PYTHONUTF8": "0", "LC_ALL": "xx_YY.ISO-8859-1"}), ("PYTHONUTF8=0, unknown LANG", {"PYTHONUTF8": "0", "LANG": "xx_YY.ISO-8859-1"}),
        ("PYTHONUTF8=0, no coercion", {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}), ("PYTHONUTF8=0, no coercion, LANG=C.UTF-8", {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LANG": "C.UTF-8"}),
        ("no coercion", {"PYTHONCOERCECLOCALE": "0"}), ("coercion with a warning", {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "warn"}), ("PYTHONUTF8 empty", {"PYTHONUTF8": "", "LC_ALL": "C"}),
    ]:
        yield name + ", file with e-acute", env, [accent]
    yield "ASCII interpreter, file with a BOM", ascii_only, [f(DEFAULT, "\ufeff" + C)]
    yield "ASCII interpreter, file of ASCII", ascii_only, [fC]
    yield "ASCII interpreter, file not UTF-8", ascii_only, [latin]
    yield "ASCII interpreter, legacy file with e-acute", ascii_only, [f(LEGACY, D + "\u00e9")]
    yield "ASCII interpreter, NBSP around HF_TOKEN", dict(ascii_only, HF_TOKEN="\u00a0" + A + "\u00a0", HUGGING_FACE_HUB_TOKEN="\u00a0" + B), [fC]
    yield "ASCII interpreter, only an NBSP in HF_TOKEN", dict(ascii_only, HF_TOKEN="\u00a0"), [fC]
    yield "ASCII interpreter, HF_HOME with e-acute", dict(ascii_only, HF_HOME="<HOME>/\u00e9"), [f("<HOME>/\u00e9/token", D)]
    yield "ASCII interpreter, HF_HOME by a variable with e-acute", dict(ascii_only, HF_HOME="<HOME>/${\u00e9}", **{"\u00e9": "h"}), [f("<HOME>/h/token", D)]
    yield "ASCII interpreter, full-width timeout", dict(ascii_only, HF_HUB_ETAG_TIMEOUT="\uff11"), [fC]
    yield "ASCII interpreter, flag with a long s", dict(ascii_only, HF_HUB_DISABLE_IMPLICIT_TOKEN="ye\u017f"), [fC]
    yield "ASCII interpreter, stored tokens with e-acute", ascii_only, [fC, f(STORED, "[\u00e9]\nhf_token = x\n")]
    yield "ASCII interpreter, endpoint not ASCII", dict(ascii_only, HF_ENDPOINT="http://a\u2100b"), [fC]


def edges():
    out = [{"id": "e000", "note": "nothing set", "env": {}, "files": []},
           {"id": "e001", "note": "default file only", "env": {}, "files": [fC]}]
    for group in (values, files, legacy, homes, password_database, token_paths, flags, import_killers, oidc, stored_tokens, interpreters):
        for note, env, there, *more in group():
            out.append(dict({"id": "e%03d" % len(out), "note": note, "env": env, "files": there}, **(more[0] if more else {})))
    return out
