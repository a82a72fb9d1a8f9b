"""Scenarios for clients that read variables and token files: edges by hand, and a seeded generator.

Each driver picks the edge lists that concern it; the generator mixes everything, since a variable that
a client must not read is as much worth a test as one that it reads.
"""
from common import tok

LOGIN = "<HOME>/.cache/huggingface/token"


def edge(name, env=None, files=(), note="", **more):
    out = {"id": name, "note": note, "env": env or {}, "files": list(files)}
    out.update(more)
    return out


def f(path, content=None, **more):
    out = {"path": path}
    if content is not None:
        out["content"] = content
    out.update(more)
    return out


def hexed(*parts):
    """A value of raw bytes, from text (as UTF-8) and bytes."""
    return {"hex": b"".join(p if isinstance(p, bytes) else p.encode() for p in parts).hex()}


def visible(text):
    """A note that shows every character."""
    return text.encode("unicode_escape").decode()


def values(letter):
    """(name, value) of every way a token is written that some client treats differently; no NUL: also for variables."""
    t = tok(letter)
    return [
        ("plain", t),
        ("empty", ""),
        ("blank", "  "),
        ("tab", "\t"),
        ("newline-only", "\n"),
        ("crlf-only", "\r\n"),
        ("newline", t + "\n"),
        ("crlf", t + "\r\n"),
        ("cr", t + "\r"),
        ("two-newlines", t + "\n\n"),
        ("lead-space", " " + t),
        ("trail-space", t + " "),
        ("trail-tab", t + "\t"),
        ("lead-newline", "\n" + t),
        ("lead-crlf", "\r\n" + t),
        ("inner-space", t[:9] + " " + t[9:]),
        ("inner-tab", t[:9] + "\t" + t[9:]),
        ("inner-newline", t[:9] + "\n" + t[9:]),
        ("inner-cr", t[:9] + "\r" + t[9:]),
        ("two-lines", t + "\n" + tok("z")),
        ("two-lines-nl", t + "\n" + tok("z") + "\n"),
        ("dquotes", '"' + t + '"'),
        ("squotes", "'" + t + "'"),
        ("bearer", "Bearer " + t),
        ("bom", "\ufeff" + t),
        ("bom-only", "\ufeff"),
        ("bom-newline", "\ufeff" + t + "\n"),
        ("trail-bom", t + "\ufeff"),
        ("zwsp", "\u200b" + t),
        ("trail-zwsp", t + "\u200b"),
        ("nbsp", "\u00a0" + t + "\u00a0"),
        ("nel", t + "\u0085"),
        ("lead-nel", "\u0085" + t),
        ("em-space", "\u2003" + t + "\u2003"),
        ("ideographic", t + "\u3000"),
        ("line-sep", t + "\u2028"),
        ("vt-ff", "\x0b" + t + "\x0c"),
        ("fs-us", "\x1c" + t + "\x1f"),
        ("control", "\x01" + t),
        ("del", t + "\x7f"),
        ("latin", t + "é"),
        ("latin-only", "é"),
        ("cjk", t + "中"),
        ("emoji", t + "\U0001f917"),
        ("not-utf8", hexed(t, b"\xe9")),
        ("not-utf8-nl", hexed(t, b"\xff\n")),
        ("lone-ff", hexed(b"\xff")),
        ("cut-utf8", hexed(t, b"\xe4\xb8")),
        ("surrogate", hexed(t, b"\xed\xa0\x80")),
        ("overlong", hexed(t, b"\xc0\xaf")),
        ("other-prefix", "api_org_" + letter * 30),
        ("no-prefix", "secret"),
        ("one-char", "x"),
        ("undefined", "undefined"),
        ("unicode-space-only", "\u2003\u00a0"),
        ("nel-only", "\u0085"),
        ("zwsp-only", "\u200b"),
        ("fs-only", "\x1c"),
        ("spaces-mixed", " \t\r\n" + t + " \t\r\n"),
        ("long", "hf_" + letter * 5000),
    ]


def file_values(letter):
    """The same for files, where NUL and UTF-16 are possible too."""
    t = tok(letter)
    return values(letter) + [
        ("nul", t + "\x00"),
        ("lead-nul", "\x00" + t),
        ("utf16", {"hex": t.encode("utf-16").hex()}),
        ("utf16-be-nl", {"hex": (t + "\n").encode("utf-16-be").hex()}),
    ]


def put(path, value, **more):
    """A file with a value of `values`."""
    out = {"path": path}
    out.update({"hex": value["hex"]} if isinstance(value, dict) else {"content": value})
    out.update(more)
    return out


def env_edges(name, letter="A", with_login=True):
    """The variable `name` in every form, beside a login."""
    files = [f(LOGIN, tok("C"))] if with_login else []
    return [edge("env-%s-%s" % (name, n), {name: v}, files) for n, v in values(letter)]


def file_edges(tag, path, env=None, letter="E", others=()):
    """The token file at `path` in every form and every state of a file."""
    out = [edge("file-%s-%s" % (tag, n), env, [put(path, v)] + list(others)) for n, v in file_values(letter)]
    parent, _, base = path.rpartition("/")
    t = tok(letter)
    states = [
        ("missing", []),
        ("directory", [f(path, type="dir")]),
        ("unreadable", [f(path, t, mode="0000")]),
        ("write-only", [f(path, t, mode="0200")]),
        ("link", [f("<SBX>/real", t), f(path, "<SBX>/real", type="symlink")]),
        ("dangling", [f(path, "<SBX>/nowhere", type="symlink")]),
        ("loop", [f(path, base, type="symlink")]),
        ("link-to-dir", [f("<SBX>/d", type="dir"), f(path, "<SBX>/d", type="symlink")]),
        ("link-unreadable", [f("<SBX>/real", t, mode="0000"), f(path, "<SBX>/real", type="symlink")]),
    ]
    if parent not in ("<HOME>", "<CWD>", "<PW>", "<SBX>"):
        states += [
            ("parent-is-file", [f(parent, "x")]),
            ("parent-locked", [f(path, t), f(parent, type="dir", mode="0000")]),
            ("parent-no-list", [f(path, t), f(parent, type="dir", mode="0111")]),
        ]
    return out + [edge("file-%s-%s" % (tag, n), env, fs + list(others)) for n, fs in states]


# Every way a directory variable is written that some client treats differently, with the place a naive reader takes.
DIRS = ["<HOME>/h", "<HOME>/h/", "<HOME>//h", "h", "./h", "../cwd/h", "h/", "", ".", "..", "/", " ", "~/h", "~", "$HOME/h", "${HOME}/h",
        "<HOME>/a b", "<HOME>/nowhere/../h", "<HOME>/link/../h", "<HOME>/h/.", "<HOME>/\u00e9", "\"<HOME>/h\"", "<HOME>/h\n", " <HOME>/h"]

# Files that tell these readings apart; each place holds another token.
PLACES = ["<HOME>/.cache/huggingface/token", "<HOME>/.cache/huggingface/hub/token", "<HOME>/.huggingface/token", "<HOME>/h/token", "<HOME>/h/huggingface/token",
          "<HOME>/h/.cache/huggingface/token", "<CWD>/h/token", "<CWD>/h/huggingface/token", "<CWD>/h/.cache/huggingface/token", "<CWD>/token", "<CWD>/huggingface/token",
          "<CWD>/.cache/huggingface/token", "<SBX>/token", "<SBX>/huggingface/token", "<HOME>/token", "<HOME>/huggingface/token", "<CWD>/~/h/token", "<CWD>/~/h/huggingface/token",
          "<CWD>/~/token", "<CWD>/$HOME/h/token", "<CWD>/${HOME}/h/token", "<HOME>/a b/token", "<HOME>/a b/huggingface/token", "<CWD>/ /token", "<HOME>/\u00e9/token", "<HOME>/h\n/token",
          "<SBX>/far/h/token", "<SBX>/far/h/huggingface/token", "<PW>/.cache/huggingface/token", "<PW>/.cache/huggingface/hub/token", "<HOME>/hub/token", "<HOME>/h/hub/token", "<CWD>/hub/token"]
LETTERS = "CDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def all_places():
    """A token at every place, and a symlink that makes `link/..` mean another directory than its text says."""
    return [f("<SBX>/far/dir", type="dir"), f("<HOME>/link", "<SBX>/far/dir", type="symlink")] + [f(p, tok(c)) for p, c in zip(PLACES, LETTERS)]


def dir_edges(name, env=None):
    """The directory variable `name` in every form, with a token at every place."""
    out = []
    for i, d in enumerate(DIRS):
        e = dict(env or {})
        e[name] = d
        out.append(edge("dir-%s-%02d" % (name, i), e, all_places(), d))
    e = dict(env or {})
    e[name] = hexed("<HOME>/\xff".replace("\xff", ""), b"\xff")
    out.append(edge("dir-%s-not-utf8" % name, e, all_places()))
    e = dict(env or {})
    e[name] = "<HOME>/nowhere"
    out.append(edge("dir-%s-missing" % name, e, all_places()))
    return out


def path_edges(name):
    """The file variable `name` in every form, with a token at every place."""
    out = []
    for i, d in enumerate(DIRS):
        p = d + "token" if d.endswith("/") else d + "/token" if d else ""
        out.append(edge("path-%s-%02d" % (name, i), {name: p}, all_places(), p))
    for tag, p in [("directory", "<HOME>/h"), ("missing", "<HOME>/nowhere/token"), ("bare", "token"), ("trailing-slash", "<HOME>/h/token/"), ("blank", " "), ("newline", "<HOME>/h/token\n")]:
        out.append(edge("path-%s-%s" % (name, tag), {name: p}, all_places(), p))
    return out


def home_edges(env=None):
    """HOME unset, empty, relative and so on; the password database with and without a home."""
    out = []
    for tag, h in [("unset", None), ("empty", ""), ("relative", "h"), ("dot", "."), ("slash", "<HOME>/"), ("dotdot", "<HOME>/nowhere/.."), ("missing", "<HOME>/nowhere"), ("blank", " "), ("tilde", "~"),
                   ("not-utf8", hexed(b"/\xff")), ("newline", "<HOME>\n"), ("linkdots", "<HOME>/link/../h")]:
        e = dict(env or {})
        e["HOME"] = h
        out.append(edge("home-" + tag, e, all_places()))
    for tag, pw in [("no-entry", None), ("no-home", ""), ("home-h", "<HOME>/h")]:
        for t2, h in [("unset", None), ("empty", "")]:
            e = dict(env or {})
            e["HOME"] = h
            out.append(edge("passwd-%s-%s" % (tag, t2), e, all_places(), passwd=pw))
    return out


ENDPOINTS = ["https://hub.example.test", "https://hub.example.test/", "", "hub.example.test", "hub.example.test:8080", "http://[::1", "http://h:abc", "http://127.0.0.1:9/x//", "/", "http://", "https:", " https://hub.example.test", "https://hub.example.test\n"]


def number_edges():
    """What kills the import of huggingface_hub in Python, or of tqdm within it."""
    tokens = {"HF_TOKEN": tok("A"), "HUGGINGFACEHUB_API_TOKEN": tok("B"), "HF_API_TOKEN": tok("A")}
    numbers = [("HF_HUB_ETAG_TIMEOUT", "x"), ("HF_HUB_ETAG_TIMEOUT", "1"), ("TQDM_POSITION", "x"), ("TQDM_POSITION", "1"), ("TQDM_mininterval", "")]
    return [edge("number-%s-%s" % (n, v), dict(tokens, **{n: v}), [f(LOGIN, tok("C"))]) for n, v in numbers]


def switch_edges():
    """Switches and neighbours that most of these clients must not look at."""
    both = [f(LOGIN, tok("C"))]
    out = []
    for v in ("1", "0", "true", "false", "", " ", "no", "\n"):
        out.append(edge("disable-env-%r" % v, {"HF_HUB_DISABLE_IMPLICIT_TOKEN": v, "HF_TOKEN": tok("A")}, both))
        out.append(edge("disable-file-%r" % v, {"HF_HUB_DISABLE_IMPLICIT_TOKEN": v}, both))
    out.append(edge("disable-not-utf8", {"HF_HUB_DISABLE_IMPLICIT_TOKEN": hexed(b"\xff"), "HF_TOKEN": tok("A")}, both))
    for i, v in enumerate(ENDPOINTS):
        out.append(edge("endpoint-%02d" % i, {"HF_ENDPOINT": v, "HF_TOKEN": tok("A")}, both, v))
    out.append(edge("endpoint-not-utf8", {"HF_ENDPOINT": hexed(b"\xff"), "HF_TOKEN": tok("A")}, both))
    for n in ("HUGGING_FACE_HUB_TOKEN", "HF_ACCESS_TOKEN", "HF_API_TOKEN", "HUGGINGFACEHUB_API_TOKEN", "HUGGINGFACE_TOKEN", "HF_OIDC_RESOURCE", "HF_HUB_OFFLINE", "HF_HUB_CACHE", "HUGGINGFACE_CO_STAGING"):
        v = {"HF_OIDC_RESOURCE": "models/org/name", "HF_HUB_OFFLINE": "1", "HF_HUB_CACHE": "<HOME>/h/hub", "HUGGINGFACE_CO_STAGING": "1"}.get(n, tok("B"))
        out.append(edge("alone-" + n, {n: v}))
        out.append(edge("login-" + n, {n: v}, both))
        out.append(edge("all-" + n, {n: v, "HF_TOKEN": tok("A")}, both))
    out.append(edge("nothing", {}))
    out.append(edge("login", {}, both))
    out.append(edge("legacy", {}, [f("<HOME>/.huggingface/token", tok("D"))]))
    out.append(edge("cwd-token", {}, [f("<CWD>/token", tok("I"))]))
    out.append(edge("stored-only", {}, [f("<HOME>/.cache/huggingface/stored_tokens", "[a]\nhf_token = " + tok("k") + "\n")]))
    out.append(edge("dotenv", {}, [f("<CWD>/.env", "HF_TOKEN=" + tok("e") + "\n")]))
    out.append(edge("netrc", {}, both + [f("<HOME>/.netrc", "machine huggingface.co login u password " + tok("n") + "\ndefault login u password " + tok("n") + "\n", mode="0600")]))
    out.append(edge("all-places", {}, all_places()))
    return out


def order_edges(names):
    """Every subset of up to three of the given variables, in pairs of set and empty."""
    out = []
    vals = {"HF_TOKEN": tok("A"), "HUGGING_FACE_HUB_TOKEN": tok("B"), "HF_ACCESS_TOKEN": tok("X"), "HF_HOME": "<HOME>/h", "XDG_CACHE_HOME": "<HOME>", "HF_TOKEN_PATH": "<HOME>/token",
            "API_KEY": tok("Q"), "HUGGINGFACEHUB_API_KEY": tok("R"), "HUGGINGFACE_API_KEY": tok("S")}
    n = len(names)
    for mask in range(3 ** n):
        e = {}
        m = mask
        for name in names:
            m, s = divmod(m, 3)
            if s:
                e[name] = vals[name] if s == 1 else ""
        out.append(edge("order-%04d" % mask, e, all_places()))
    return out


# --------------------------------------------------------------------------- random

def random_value(r, letter, in_file):
    t = tok(letter)
    x = r.random()
    if x < 0.4:
        return t
    if x < 0.7:
        return r.choice(file_values(letter) if in_file else values(letter))[1]
    # Any mix around, inside or instead of the token: what no list foresees.
    bits = [" ", "\t", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x1f", "\x01", "\x7f", "\u0085", "\u00a0", "\u2003", "\u2028", "\u3000", "\ufeff", "\u200b", "\u180e", "\u00e9", "\u4e2d", '"', "'", t, t[:8], "x"]
    raw = [b"\xff", b"\xc3", b"\xe4\xb8", b"\xf0\x9f\xa4", b"\xed\xa0\x80"]
    parts = [r.choice(bits) for _ in range(r.randint(0, 2))] + ([t] if r.random() < 0.9 else []) + [r.choice(bits) for _ in range(r.randint(0, 3))]
    if r.random() < 0.12:
        parts.insert(r.randint(0, len(parts)), r.choice(raw))
    if in_file and r.random() < 0.05:
        parts.insert(r.randint(0, len(parts)), "\x00")
    return hexed(*parts)


def random_scenarios(r, count, token_names=("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_ACCESS_TOKEN"), p_token=0.4):
    """`count` random states over every variable and place; `p_token`: how often each token variable is set."""
    out = []
    for i in range(count):
        env, files = {}, []
        home = r.choices(["<HOME>", "<HOME>/", "h", "", None, "<HOME>/nowhere/..", "."], [60, 5, 5, 5, 8, 3, 3])[0]
        if home != "<HOME>":
            env["HOME"] = home
        for k, n in enumerate(token_names):
            if r.random() < p_token:
                env[n] = random_value(r, "ABX"[k % 3], False)
        for n, p in (("HF_HOME", 0.45), ("XDG_CACHE_HOME", 0.3)):
            if r.random() < p:
                env[n] = r.choice(DIRS)
        if r.random() < 0.35:
            d = r.choice(DIRS)
            env["HF_TOKEN_PATH"] = r.choice([d + ("token" if d.endswith("/") or d == "" else "/token"), d, "", "token"])
        if r.random() < 0.15:
            env["HF_HUB_DISABLE_IMPLICIT_TOKEN"] = r.choice(["1", "0", "false", "true", "", " ", "YES"])
        if r.random() < 0.12:
            env["HF_ENDPOINT"] = r.choice(ENDPOINTS)
        for n in ("HF_API_TOKEN", "HUGGINGFACEHUB_API_TOKEN", "HUGGINGFACE_TOKEN"):
            if r.random() < 0.04:
                env[n] = tok("y")
        if r.random() < 0.05:
            env["HF_HUB_CACHE"] = r.choice(["<HOME>/h/hub", "", "h"])
        if r.random() < 0.5:
            files += [f("<SBX>/far/dir", type="dir"), f("<HOME>/link", "<SBX>/far/dir", type="symlink")]
        for path, letter in zip(PLACES, LETTERS):
            default = path.endswith(".cache/huggingface/token")
            if r.random() > (0.6 if default else 0.35):
                continue
            kind = r.choices(["value", "dir", "unreadable", "dangling", "loop", "link", "locked"], [40, 2, 2, 1, 1, 2, 1])[0]
            if kind == "value":
                files.append(put(path, random_value(r, letter, True)))
            elif kind == "dir":
                files.append(f(path, type="dir"))
            elif kind == "unreadable":
                files.append(f(path, tok(letter), mode="0000"))
            elif kind == "dangling":
                files.append(f(path, "<HOME>/nowhere", type="symlink"))
            elif kind == "loop":
                files.append(f(path, "token", type="symlink"))
            elif kind == "link":
                files += [f("<SBX>/real-" + letter, tok(letter)), f(path, "<SBX>/real-" + letter, type="symlink")]
            elif path.rpartition("/")[0] not in ("<HOME>", "<CWD>", "<PW>", "<SBX>"):
                files += [f(path, tok(letter)), f(path.rpartition("/")[0], type="dir", mode=r.choice(["0000", "0444", "0555"]))]
        out.append({"id": "r%04d" % i, "note": "random", "env": env, "files": files})
    return out
