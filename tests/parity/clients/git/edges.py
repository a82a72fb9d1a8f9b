"""Scenarios for git: every source, and what the manual does not say about them."""
import base64

from common import tok
from common_scenarios import edge, f

A, B, C, D, N, P = (tok(x) for x in "aBcdnp")
HUB = "huggingface.co"
CONFIG, XDG_CONFIG = "<HOME>/.gitconfig", "<HOME>/.config/git/config"
STORE, XDG_STORE = "<HOME>/.git-credentials", "<HOME>/.config/git/credentials"
NETRC = "<HOME>/.netrc"
HELPER = "[credential]\n\thelper = store\n"


def line(token, user="u", host=HUB, tail="\n"):
    return "https://%s:%s@%s%s" % (user, token, host, tail)


def entry(token, user="u", host=HUB):
    return "machine %s login %s password %s\n" % (host, user, token)


def from_file(name):
    return "[credential]\n\thelper = store --file <HOME>/%s\n" % name


def section(url, name):
    return '[credential "%s"]\n\thelper = store --file <HOME>/%s\n' % (url, name)


def header(value, url=None):
    return "[http%s]\n\textraHeader = %s\n" % (' "%s"' % url if url else "", value)


def bearer(token):
    return "Authorization: Bearer " + token


def instead(base, prefix):
    return '[url "%s"]\n\tinsteadOf = %s\n' % (base, prefix)


def remote(name, url):
    return '[remote "%s"]\n\turl = %s\n\tfetch = +refs/heads/*:refs/remotes/%s/*\n' % (name, url, name)


def url(token=None, user="u", path="/o/m"):
    who = "" if user is None else user + ("" if token is None else ":" + token) + "@"
    return "https://%s%s%s" % (who, HUB, path)


def repo(config, at="<CWD>/.git", head="ref: refs/heads/main\n", bare=False):
    core = "[core]\n\trepositoryformatversion = 0\n\tbare = %s\n" % ("true" if bare else "false")
    return [f(at + "/HEAD", head), f(at + "/objects", type="dir"), f(at + "/refs", type="dir"), f(at + "/config", core + config)]


def sc(name, config=None, store=None, env=None, files=(), **more):
    """An edge with a global configuration and a credential store, both optional."""
    out = list(files)
    if config is not None:
        out.append(f(CONFIG, config))
    if store is not None:
        out.append({"path": STORE, "hex": store.hex()} if isinstance(store, bytes) else f(STORE, store))
    return edge(name, env, out, **more)


def numbered(prefix, items, make):
    return [make("%s-%02d" % (prefix, i), *(item if isinstance(item, tuple) else (item,))) for i, item in enumerate(items)]


def store_edges():
    """The format of a store's lines; git reads LF lines, byte for byte."""
    two = line(B)
    texts = [
        line(A), line(A, tail=""), line(A, tail="\r\n"), line(A, tail="/\r\n"), "\n# c\nnonsense\n" + line(A), " " + line(A) + two,
        line(A, tail=" \n") + two, line(A) + two, line(A).replace("https", "http"), line(A).replace("https", "HTTPS"),
        line(A, host="HuggingFace.co"), line(A, tail="/\n"), line(A, tail="/o/m\n"), line(A, host=HUB + ":443"), line(A, host=HUB + "%3a443"),
        line(A[:10] + "%2D%2f%41"), line(A, user="u%40x"), line(A, host="hugging%66ace.co"), line(A + "%zz%"), line(A + "%0a") + two,
        line(A + "%00x") + two, line(A + ":x"), line(A + "@x"), line("x/" + A), line("", user="u") + two,
        "https://u@%s\n" % HUB + two, line(A, user="") + two, "https://%s\n" % HUB + two, "https://%s@%s\n" % (A, HUB), line(A, tail="?x=1\n"),
        line(A, tail="#x\n"), "\ufeff" + line(A) + two, line(A + " x"), line("a+b"), "://u:%s@%s\n" % (A, HUB) + two, line(A, tail="/%0a\n") + two,
        line(A, host="hf.co") + line(B, host="www." + HUB), line(A + "\u00e9"), "https:/u:%s@%s\n" % (A, HUB) + two, line(A, tail="\n\n\n"),
        line(A + "?x"), line(A + "#x"), line(A, user="u?x") + two, "https://u:%s@@%s\n" % (A, HUB) + two, "https://u:%s@\n" % A + two,
        "cert:///u:%s@x\n" % A + two, line(A, user="%75"), line("%" + "41" + A), "https://u:%s@%s:\n" % (A, HUB) + two, "x" + line(A) + two,
        b"https://u:\xff\xfe@huggingface.co\n", b"https://u:x\0y@huggingface.co\nhttps://u:z@huggingface.co\n", b"", b"\n\n", line(A, user="u\u00e9"),
    ]
    out = numbered("store", texts, lambda n, t: sc(n, HELPER, t))
    path = HELPER + "\tuseHttpPath = true\n"
    stored = [line(A, tail="/o/m\n") + two, two + line(A, tail="/o/m\n"), line(A, tail="/o/m/\n"), two, line(A, tail="/o\n"), line(A, tail="/o%2Fm\n"),
              line(A, tail="//o/m\n"), line(A, tail="/o/m?x\n"), line(A, tail="/O/m\n")]
    out += numbered("store-path", stored, lambda n, t: sc(n, path, t, files=repo(remote("origin", url(user=None)))))
    return out


def store_file_edges():
    """Which file `store` reads."""
    xdg = f(XDG_STORE, line(B))
    own = "<HOME>/x/git/credentials"
    none = {"HOME": None}
    spelled = ["store --file=~/x", "store --file ~/x", "store --file='~/x'", "store --file=$HOME/x", '\\"store --file=$HOME/x\\"', "store --file=<HOME>/x",
               'store --file=\\"<HOME>/x\\"', 'store --file=\\"<HOME>/x y\\"', 'store "--file=<HOME>/x y"', "store --file=rel", "store --file rel", "store --fil=<HOME>/x", "store --no-file",
               "store --bogus", "  store  ", "\"store\"", "store --file=<HOME>/missing", "store --file", "store --file=", "store --file=<HOME>/x --file=<HOME>/b", "store get",
               "store -- get", "store --file <HOME>/x\\ty", "!git credential-store", "!git credential-store --file ~/x", "/usr/lib/git-core/git-credential-store --file ~/x"]
    held = [f("<HOME>/x", line(A)), f("<HOME>/x y", line(B)), f("<CWD>/rel", line(C)), f("<HOME>/b", line(D))]
    out = numbered("store-helper", spelled, lambda n, h: sc(n, "[credential]\n\thelper = %s\n" % h, line(P), files=held))
    return out + [
        sc("store-both", HELPER, line(A), files=[xdg]), sc("store-first-no-match", HELPER, line(A, host="other"), files=[xdg]), sc("store-only-xdg", HELPER, files=[xdg]),
        sc("store-xdg-set", HELPER, files=[xdg, f(own, line(C))], env={"XDG_CONFIG_HOME": "<HOME>/x"}), sc("store-xdg-empty", HELPER, files=[xdg], env={"XDG_CONFIG_HOME": ""}),
        sc("store-xdg-relative", HELPER, files=[f("<CWD>/rel/git/credentials", line(C))], env={"XDG_CONFIG_HOME": "rel"}),
        sc("store-is-a-directory", HELPER, files=[f(STORE, type="dir"), xdg]), sc("store-unreadable", HELPER, files=[f(STORE, line(A), mode="000"), xdg]),
        sc("store-symlink", HELPER, files=[f(STORE, "<HOME>/t", type="symlink"), f("<HOME>/t", line(A))]), sc("store-dangling", HELPER, files=[f(STORE, "<HOME>/t", type="symlink"), xdg]),
        sc("store-xdg-not-a-directory", HELPER, "\n", files=[f("<HOME>/.config/git", "x")]),
        edge("store-no-home", dict(none, **counted([("credential.helper", "store")])), [f(STORE, line(A)), xdg]),
        edge("store-no-home-xdg", dict(none, XDG_CONFIG_HOME="<HOME>/x", **counted([("credential.helper", "store")])), [f(own, line(C))]),
        edge("store-home-relative", dict(HOME="h", **counted([("credential.helper", "store")])), [f("<CWD>/h/.git-credentials", line(A))]),
        edge("store-home-empty", dict(HOME="", **counted([("credential.helper", "store")])), [f("<CWD>/.git-credentials", line(A))]),
    ]


def counted(pairs, count=None):
    """Variables that carry configuration."""
    env = {"GIT_CONFIG_COUNT": str(len(pairs)) if count is None else count}
    for i, (key, value) in enumerate(pairs):
        env["GIT_CONFIG_KEY_%d" % i], env["GIT_CONFIG_VALUE_%d" % i] = key, value
    return env


HELD = [f("<HOME>/" + n, line(t)) for n, t in (("a", A), ("b", B), ("c", C), ("d", D))]


def helper_edges():
    """The list of helpers, and which sections speak about the Hub."""
    hub = "https://" + HUB
    lists = [
        section(hub, "b"), section(hub, "b") + HELPER, from_file("c") + section(hub, "b"), from_file("missing") + section(hub, "b"), from_file("a") + "\thelper =\n" + section(hub, "b"),
        HELPER + section(hub, "b").replace("\thelper", "\thelper =\n\thelper"), HELPER + section("https://github.com", "b").replace("\thelper", "\thelper =\n\thelper"),
        section(hub, "b") + "[credential]\n\thelper =\n", "[credential]\n\thelper\n", from_file("missing") + from_file("c"), from_file("missing") + from_file("also-missing"),
        "[credential]\n\thelper = git-credential-surely-not-here\n\thelper = store --file <HOME>/c\n", "[credential]\n\thelper = store --bogus\n\thelper = store --file <HOME>/c\n",
        "[credential]\n\thelper = surely-not-installed\n\thelper = store --file <HOME>/c\n", "[credential]\n\thelper = Store\n\thelper = store --file <HOME>/c\n",
        "[credential]\n\thelper = /nowhere/helper\n\thelper = store --file <HOME>/c\n", "[credential]\n\tfoo\n" + HELPER, "[credential]\n\tuseHttpPath = zz\n" + HELPER,
        '[credential "https://github.com"]\n\thelper\n' + from_file("a"), section("https://*.co", "c") + section(hub, "b"), section(hub, "b") + section("https://*.co", "c"),
        "[credential]\n\thelper = store --file <HOME>/d\n\thelper = store --file <HOME>/c\n",
    ]
    out = numbered("helpers", lists, lambda n, c: sc(n, c, line(P), files=HELD))
    patterns = ["", "/", ":443", ":0443", ":", ":8443", "/o", "/o/", "/o/m", "/O", "/o/mm", "//", "/.", "/*", "?x", "#", "/o/../o", "/%6f"]
    names = [hub + p for p in patterns] + ["https://HUGGINGFACE.co", "https://*.co", "https://*.huggingface.co", "https://hugging*.co", "https://*", "http://huggingface.co",
                                          "huggingface.co", "huggingface.co/", "huggingface.co:443", "HUGGINGFACE.co", "*.co", "https:", "https://", "https:///", "hf", "", "u@huggingface.co",
                                          "https://u@huggingface.co", "https://v@huggingface.co", "https://u:p@huggingface.co", "https://hugging%66ace.co", "HTTPS://huggingface.co", "ssh://huggingface.co",
                                          "//huggingface.co", "https://hugging face.co", "https://%75@huggingface.co", "huggingface.co/o", "https://huggingface.co:99999", "https://@huggingface.co", "https://www.huggingface.co", "co"]
    for i, name in enumerate(names):
        out.append(sc("section-%02d" % i, section(name, "b"), files=HELD, note=name))
        out.append(sc("section-remote-%02d" % i, section(name, "b"), files=HELD + repo(remote("origin", url(user=None))), note=name))
    for i, name in enumerate(["https://u@" + HUB, "https://v@" + HUB, "https://%75@" + HUB, hub, "u@" + HUB]):
        out.append(sc("section-user-%02d" % i, section(name, "b"), files=HELD + repo(remote("origin", url(user="u"))), note=name))
    users = [
        "\tusername = v\n", "\tusername = u\n", "\tusername =\n", "\tusername = u\n\tusername = w\n", '[credential "https://huggingface.co"]\n\tusername = u\n',
        '\tusername = w\n[credential "https://huggingface.co"]\n\tusername = u\n', '[credential "https://huggingface.co"]\n\tusername = u\n[credential]\n\tusername = w\n', "\tusername\n",
        '[credential "https://github.com"]\n\tusername = w\n',
    ]
    held = line(A, user="w") + line(B)
    out += numbered("username", users, lambda n, c: sc(n, HELPER + c, held))
    out += numbered("username-url", ["u", "w", "x", "%75", "U"], lambda n, u: sc(n, HELPER + "\tusername = w\n", held, files=repo(remote("origin", url(user=u)))))
    return out


def file_edges():
    """Which configuration files are read, in which order."""
    up = {"XDG_CONFIG_HOME": "<HOME>/x"}
    out = [
        sc("config-global-and-xdg", from_file("b"), files=HELD + [f(XDG_CONFIG, from_file("c"))]), sc("config-empty-global-helper", "[credential]\n\thelper =\n", files=HELD + [f(XDG_CONFIG, from_file("c"))]),
        sc("config-xdg-reset-is-first", from_file("b"), files=HELD + [f(XDG_CONFIG, "[credential]\n\thelper =\n")]), sc("config-xdg-home", None, env=up, files=HELD + [f("<HOME>/x/git/config", from_file("c"))]),
        sc("config-xdg-home-empty", None, env={"XDG_CONFIG_HOME": ""}, files=HELD + [f(XDG_CONFIG, from_file("c"))]),
        sc("config-xdg-home-relative", None, env={"XDG_CONFIG_HOME": "rel"}, files=HELD + [f("<CWD>/rel/git/config", from_file("c"))]),
    ]
    named = f("<HOME>/g", from_file("c"))
    for i, (value, extra) in enumerate([("<HOME>/g", []), ("", []), ("<HOME>/nope", []), ("~/g", []), ("g", [f("<CWD>/g", from_file("d"))]), ("/dev/null", []), ("<HOME>", [])]):
        out.append(sc("config-global-variable-%d" % i, from_file("b"), env={"GIT_CONFIG_GLOBAL": value}, files=HELD + [named, f(XDG_CONFIG, from_file("a"))] + extra))
        out.append(sc("config-system-variable-%d" % i, None, env={"GIT_CONFIG_SYSTEM": value, "GIT_CONFIG_NOSYSTEM": None}, files=HELD + [named] + extra))
    out.append(sc("config-system-then-global", from_file("b"), env={"GIT_CONFIG_SYSTEM": "<HOME>/g", "GIT_CONFIG_NOSYSTEM": None}, files=HELD + [named]))
    for i, value in enumerate(["0", "", "true", "false", "no", "yes", "2", "x", "ON", "-1", "0x1", "1k", " 1", "off"]):
        out.append(sc("config-nosystem-%02d" % i, None, env={"GIT_CONFIG_SYSTEM": "<HOME>/g", "GIT_CONFIG_NOSYSTEM": value}, files=HELD + [named], note=value))
    key = "credential.helper"
    for i, env in enumerate([
            counted([(key, ""), (key, "store --file <HOME>/c")]), counted([], "x"), counted([], ""), counted([], "1"), counted([(key, "store --file <HOME>/c")], "0"), counted([(key, "store --file <HOME>/c")], " 1"),
            counted([(key, "store --file <HOME>/c")], "-1"), counted([("credential.https://huggingface.co.helper", "store --file <HOME>/c")]), counted([("Credential.HELPER", "store --file <HOME>/c")]), counted([("helper", "x")]),
            counted([("credential.x y.helper", "store")]), {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": key}, {"GIT_CONFIG_PARAMETERS": "'credential.helper=store --file <HOME>/c'"},
            {"GIT_CONFIG_PARAMETERS": "'credential.helper'='store --file <HOME>/c'"}, {"GIT_CONFIG_PARAMETERS": "junk"}, {"GIT_CONFIG_PARAMETERS": "'credential.helper'"},
            {"GIT_CONFIG_PARAMETERS": "'credential.helper=' 'credential.helper'='store --file <HOME>/c'"}, counted([("include.path", "<HOME>/g")]), counted([("include.path", "g")]), {"GIT_CONFIG": "<HOME>/g"}]):
        out.append(sc("config-environment-%02d" % i, from_file("missing"), env=env, files=HELD + [named]))
    held = HELD + repo("[credential]\n\thelper = store --file <HOME>/c\n")
    out += [
        sc("config-home-unset", from_file("b"), env={"HOME": None}, files=HELD), sc("config-home-unset-xdg", None, env=dict(up, HOME=None), files=HELD + [f("<HOME>/x/git/config", from_file("c"))]),
        sc("config-home-empty", from_file("b"), env={"HOME": ""}, files=HELD), sc("config-is-a-directory", None, files=HELD + [f(CONFIG, type="dir")]),
        sc("config-unreadable", None, files=HELD + [f(CONFIG, from_file("b"), mode="000")]), sc("config-xdg-unreadable", from_file("b"), files=HELD + [f(XDG_CONFIG, from_file("c"), mode="000")]),
        sc("config-symlink", None, files=HELD + [f(CONFIG, "<HOME>/g", type="symlink"), named]), sc("config-repo", from_file("missing"), files=held),
        sc("config-repo-reset", from_file("b"), files=HELD + repo("[credential]\n\thelper =\n")), sc("config-repo-broken", from_file("b"), files=HELD + repo("[bad\n")),
        sc("config-repo-no-head", from_file("b"), files=HELD + [f("<CWD>/.git", type="dir")]), sc("config-repo-version", from_file("missing"), files=HELD + repo("[core]\n\trepositoryformatversion = 9\n" + from_file("c"))),
        sc("config-repo-unknown-extension", from_file("missing"), files=HELD + repo("[core]\n\trepositoryformatversion = 1\n[extensions]\n\tfoo = 1\n" + from_file("c"))),
        sc("config-git-dir", from_file("missing"), env={"GIT_DIR": "<HOME>/r"}, files=HELD + repo(from_file("c"), "<HOME>/r")), sc("config-git-dir-wrong", from_file("missing"), env={"GIT_DIR": "<HOME>/nope"}, files=held),
        sc("config-git-dir-empty", from_file("missing"), env={"GIT_DIR": ""}, files=held),
        sc("config-git-file", from_file("missing"), files=HELD + [f("<CWD>/.git", "gitdir: ../home/r\n")] + repo(from_file("c"), "<HOME>/r")),
        sc("config-git-file-absolute", from_file("missing"), files=HELD + [f("<CWD>/.git", "gitdir: <HOME>/r")] + repo(from_file("c"), "<HOME>/r")),
        sc("config-git-file-junk", from_file("missing"), files=HELD + [f("<CWD>/.git", "junk\n")]), sc("config-git-file-dangling", from_file("missing"), files=HELD + [f("<CWD>/.git", "gitdir: nowhere\n")]),
        sc("config-linked-worktree", from_file("missing"), files=HELD + [f("<CWD>/.git", "gitdir: <HOME>/r/.git/worktrees/w\n"), f("<HOME>/r/.git/worktrees/w/HEAD", "ref: refs/heads/w\n"),
                                                                     f("<HOME>/r/.git/worktrees/w/commondir", "../..\n"), f("<HOME>/r/.git/worktrees/w/gitdir", "<CWD>/.git\n")] + repo(from_file("c"), "<HOME>/r/.git")),
        sc("config-common-dir", from_file("missing"), env={"GIT_DIR": "<HOME>/r", "GIT_COMMON_DIR": "<HOME>/q"}, files=HELD + repo(from_file("c"), "<HOME>/r") + repo(from_file("d"), "<HOME>/q")),
        sc("config-worktree-config", from_file("missing"), files=HELD + repo("[extensions]\n\tworktreeConfig = true\n") + [f("<CWD>/.git/config.worktree", from_file("c") + "[credential]\n\thelper =\n" + from_file("c"))]),
        sc("config-worktree-config-off", "[credential]\n\thelper =\n" + from_file("missing"), files=HELD + repo("") + [f("<CWD>/.git/config.worktree", from_file("c"))]),
        sc("config-bare", from_file("missing"), files=HELD + repo(from_file("c"), "<CWD>", bare=True)), sc("config-bare-explicit", from_file("missing") + "[safe]\n\tbareRepository = explicit\n", files=HELD + repo(from_file("c"), "<CWD>", bare=True)),
        sc("config-parent", from_file("missing"), files=HELD + repo(from_file("c"), "<SBX>/.git")), sc("config-ceiling", from_file("missing"), env={"GIT_CEILING_DIRECTORIES": "<SBX>"}, files=HELD + repo(from_file("c"), "<SBX>/.git")),
        sc("config-ceiling-here", from_file("missing"), env={"GIT_CEILING_DIRECTORIES": "<CWD>"}, files=held), sc("config-ceiling-higher", from_file("missing"), env={"GIT_CEILING_DIRECTORIES": "/:<HOME>"}, files=HELD + repo(from_file("c"), "<SBX>/.git")),
        sc("config-repo-head-detached", from_file("missing"), files=HELD + repo(from_file("c"), head="1" * 40 + "\n")), sc("config-repo-head-junk", from_file("missing"), files=HELD + repo(from_file("c"), head="junk\n")),
    ]
    return out


def syntax_edges():
    """The syntax of configuration files."""
    s = "store --file <HOME>/b"
    texts = [
        "[credential] helper = %s\n" % s, "[CREDENTIAL]\nHELPER=%s\n" % s, "[credential]\n\t helper\t =\t %s \t\n" % s, "[credential]\n helper=%s # c\n" % s, "[credential]\n helper=%s ; c\n" % s,
        "[credential]\n helper=%s#c\n" % s, '[credential]\n helper=store --file "<HOME>/b"\n', '[credential]\n helper="%s"\n' % s, '[credential]\n helper="%s" # c\n' % s, "[credential]\n helper=store \\\n --file <HOME>/b\n",
        "[credential]\r\n helper=%s\r\n" % s, "\ufeff[credential]\n helper=%s\n" % s, "[credential]\n helper=store\\t--file <HOME>/b\n", "[credential]\n helper=store\\q\n", '[credential]\n helper="store\n',
        "[credential\n helper=store\n", "[credential]\n hel_per=store\n", "helper=store\n", "[credential.https://huggingface.co]\n helper=%s\n" % s, '[credential  "https://huggingface.co"]\n helper=%s\n' % s,
        '[credential "https://hugging\\face.co"]\n helper=%s\n' % s, '[credential "https://huggingface.co\n"]\n helper=%s\n' % s, '[credential "https://huggingface.co" x]\n helper=%s\n' % s,
        '[credential "https://huggingface.co"] # comment\n helper=%s\n' % s, '[credential "https://huggingface.co"] helper=%s\n' % s, "[credential]\n helper=%s" % s, "[credential]\n helper=%s\0x\n" % s,
        '[credential ""]\n helper=%s\n' % s, "[credential]\n helper=store   --file    <HOME>/b\n", "# c\n; d\n[credential] ; e\n helper=%s\n" % s, "[credential]\n\n\n helper=%s\n" % s, "[cred.ential]\n helper=x\n[credential]\nhelper=%s\n" % s,
        "[]\nx=1\n[credential]\n helper=%s\n" % s, "[credential]\n helper=%s\n[x]\n1a=2\n" % s, "[credential]\n helper=%s\n[x]\na-b=2\na1\n" % s, "[credential]\n helper = \"store\" \"--file <HOME>/b\"\n", "[credential]\n helper=%s\\\\\n" % s,
        "[credential]\n helper=%s \\\n" % s, "[credential]\n helper=store \\\r\n --file <HOME>/b\r\n", '[credential]\n helper="store \\\n --file <HOME>/b"\n', "[credential]\n helper=%s\n\\\n" % s, "[credential]\nhelper\n=%s\n" % s,
        "[credential]\n helper=\"\"\n helper=%s\n" % s, "[credential]\n helper = \n helper=%s\n" % s, "[ credential]\n helper=%s\n" % s, "[credential ]\n helper=%s\n" % s, "[credential]helper=%s\n" % s, '[credential"https://huggingface.co"]\n helper=%s\n' % s,
        "[credential]\n helper=%s\x0c\n" % s, "[x]\nv = a\\nb\\\"c\\b\\\\\n[credential]\n helper=%s\n" % s, "[credential]\n helper=%s \"# no\"\n" % s, "[credential]\n helper=%s\n junk here\n" % s, "[credential]\n\u00e9=1\n", "[cr\u00e9]\na=1\n",
        '[x "\u00e9"]\na=\u00e9\n[credential]\n helper=%s\n' % s, "[credential]\n helper=%s\r" % s, "[a]\r[credential]\n helper=%s\n" % s, "[credential]\n helper = %s\n\thelper = store \\x\n" % s, "\n\n \t[credential]\n\t\thelper=%s\n" % s,
    ]
    return numbered("syntax", texts, lambda n, t: sc(n, t, line(P), files=HELD))


def include_edges():
    """include and includeIf."""
    inc = [f("<HOME>/inc", from_file("c"))]
    texts = [
        "path = ~/inc\n", "path = inc\n", "path = nope\n", "path = dd\n", "path =\n", "path\n", "path = <HOME>/inc\n", "path = ~root/nope\n", "path = ~nobody-of-this-name/x\n", "path = $HOME/inc\n", "path = %(prefix)/inc\n",
        "path = ./inc\n", "path = sub/../inc\n", "path = chain\n", "path = .gitconfig\n", "path = locked\n", "path = broken\n", "PATH = inc\n", "path = inc\n\tpath = nope\n",
    ]
    more = inc + [f("<HOME>/dd", type="dir"), f("<HOME>/chain", "[include]\n\tpath = sub/next\n"), f("<HOME>/sub/next", from_file("d")), f("<HOME>/locked", from_file("d"), mode="000"), f("<HOME>/broken", "[x\n")]
    out = numbered("include", texts, lambda n, t: sc(n, from_file("missing") + "[include]\n\t" + t, files=HELD + more))
    out += [sc("include-order-before", from_file("b") + "[include]\n\tpath = inc\n", files=HELD + inc), sc("include-order-after", "[include]\n\tpath = inc\n" + from_file("b"), files=HELD + inc),
            sc("include-from-variable", from_file("b"), env={"GIT_CONFIG_GLOBAL": "<HOME>/g"}, files=HELD + inc + [f("<HOME>/g", "[include]\n\tpath = inc\n")]),
            sc("include-in-repo", from_file("missing"), files=HELD + repo("[include]\n\tpath = inc\n") + [f("<CWD>/.git/inc", from_file("c"))])]
    conditions = [
        "gitdir:<CWD>/", "gitdir:<CWD>", "gitdir:<CWD>/.git", "gitdir:<CWD>/.git/", "gitdir:**/cwd/", "gitdir:**/cwd/.git", "gitdir:cwd/", "gitdir:cwd/.git", "gitdir:<HOME>/", "gitdir:~/", "gitdir:<SBX>/", "gitdir:<SBX>/*/.git", "gitdir:<SBX>/**",
        "gitdir:/*/", "gitdir:./", "gitdir:../cwd/", "gitdir:<SBX>/cw?/", "gitdir:<SBX>/[a-c]wd/", "gitdir:<SBX>/CWD/", "gitdir/i:<SBX>/CWD/", "gitdir:", "gitdir:**", "gitdir:*", "onbranch:main", "onbranch:ma*", "onbranch:other", "onbranch:**", "onbranch:m/",
        "onbranch:MAIN", "hasconfig:remote.*.url:https://huggingface.co/**", "hasconfig:remote.*.url:https://github.com/**", "hasconfig:remote.*.url:https://huggingface.co/o/*", "hasconfig:remote.origin.url:https://huggingface.co/**",
        "foo:bar", "GITDIR:<SBX>/", "", "gitdir", "gitdir/i:<SBX>/", "hasconfig:remote.*.url:**",
    ]
    cond = '[includeIf "%s"]\n\tpath = <HOME>/inc\n'
    for i, c in enumerate(conditions):
        held = HELD + inc
        out.append(sc("include-if-%02d" % i, from_file("missing") + cond % c, files=held + repo(remote("origin", url(user=None))), note=c))
        if i % 4 == 0:
            out.append(sc("include-if-outside-%02d" % i, from_file("missing") + cond % c, files=held, note=c))
    out.append(sc("include-if-feature-branch", cond % "onbranch:feature/", files=HELD + inc + repo("", head="ref: refs/heads/feature/x\n")))
    out.append(sc("include-if-remote-below", from_file("missing") + cond % "hasconfig:remote.*.url:https://huggingface.co/**", files=HELD + [f("<HOME>/inc", remote("origin", url(P)))] + repo(remote("up", url(user=None)))))
    return out


def header_edges():
    """http.extraHeader, and which sections of it count."""
    e, g = bearer(P), bearer(A)
    hub = "https://huggingface.co/"
    basic = base64.b64encode(("x:" + P).encode()).decode()
    texts = [
        header(e), header(e, "https://huggingface.co"), header(e, hub), header(e, "https://github.com/"), header(e, "https://*.co"), header(e, "https://*"), header(e, "https://u@huggingface.co"), header(e, "https://huggingface.co:443"),
        header(e, "http://huggingface.co"), header(e, "https://HUGGINGFACE.co"), header(e, "huggingface.co"), header(e, "").replace("[http]", '[http ""]'), header(e) + header(g, hub), header(g, hub) + header(e), header(e) + header(g), header(e) + header(""),
        header(e) + header("", hub), header(e) + header("") + header(g), header(e, hub) + header(""), header("authorization: bearer " + P), header("Authorization:Bearer " + P), header("AUTHORIZATION: basic " + basic), header('"%s"' % e), header('"%s  "' % e),
        header("Authorization:  Bearer  " + P), header("X-Foo: " + P), header('"Authorization:"'), header('" %s"' % e), header('"Authorization : Bearer %s"' % P), "[http]\n\textraHeader\n", header(e, "https://*.co/") + header(g, hub), header(g, hub) + header(e, "https://*.co/"),
        header(g, hub) + header(e, "https://huggingface.co"), header("", hub) + header(e), header(e) + header("", hub) + header(g), header("X-A: b", hub) + header(e), header(e) + header("X-A: b", hub), header("Authorization: Basic " + basic),
        header(e).replace("extraHeader", "EXTRAHEADER"), header(e, "https://huggingface.co/o"),
    ]
    held = [f(NETRC, entry(N))]
    out = numbered("header", texts, lambda n, t: sc(n, HELPER + t, line(B), files=held))
    paths = ["https://huggingface.co/o", "https://huggingface.co/o/m", "https://huggingface.co/x", "https://huggingface.co/o/", "https://huggingface.co/O"]
    out += numbered("header-path", paths, lambda n, u: sc(n, header(e, u) + header(g), files=held + repo(remote("origin", url(user=None)))))
    out += numbered("header-user", ["https://v@huggingface.co/", "https://huggingface.co/", "https://u@huggingface.co/"], lambda n, u: sc(n, header(e, u) + header(g, hub), files=held + repo(remote("origin", url(user="v")))))
    out += [sc("header-over-url", header(e), files=held + repo(remote("origin", url(C)))), sc("header-in-environment", HELPER, line(B), env=counted([("http.https://huggingface.co/.extraheader", e)])), sc("header-in-repo", HELPER, line(B), files=repo(header(e, hub)))]
    return out


def url_edges():
    """The remote's user part, and insteadOf."""
    held = [f(NETRC, entry(N))]
    out = []
    for i, u in enumerate([url(P), url(user="u"), url(user="v"), url("", user="u"), url(None, user=""), url("", user=""), url("x%41" + P), url(P, user="u%40x"), "https://u:%s@HuggingFace.co/o/m" % P, "https://u:%s@huggingface.co:443/o/m" % P,
                           "https://%s@huggingface.co/o/m" % P, url(P, path=""), url(P, path="/"), "https://huggingface.co:443/o/m", "https://HuggingFace.co/o/m", url(P + ":x"), url(P + "%00"), url(P + "%zz"), url("%20")]):
        out.append(sc("url-%02d" % i, HELPER, line(A), files=repo(remote("origin", u)), note="remote"))
        out.append(sc("url-netrc-%02d" % i, HELPER, line(A), files=held + repo(remote("origin", u)), note="remote"))
    one, two = "https://u:%s@huggingface.co/" % tok("1"), "https://u:%s@huggingface.co/" % tok("2")
    rewrites = [
        instead(one, "https://huggingface.co/"), instead(one[:-1], "https://huggingface.co"), instead(one, "https://HuggingFace.co/"), instead(one, "https://huggingface.co/") + instead(two + "o/", "https://huggingface.co/o/"),
        instead(one, "https://huggingface.co/") + instead(two, "https://huggingface.co/"), instead(two, "https://huggingface.co/") + instead(one, "https://huggingface.co/"), '[url "%s"]\n\tpushInsteadOf = https://huggingface.co/\n' % one,
        '[url "%s"]\n\tinsteadOf = hf:\n\tinsteadOf = https://huggingface.co/\n' % one, "[url]\n\tinsteadOf = https://huggingface.co/\n", '[url "%s"]\n\tinsteadOf\n' % one, instead("https://v@huggingface.co/", "https://huggingface.co/"),
        instead(one, "https://huggingface.co/o"), instead(one, "https://github.com/"),
    ]
    out += numbered("instead", rewrites, lambda n, t: sc(n, HELPER + t, line(A), files=held))
    out += numbered("instead-remote", rewrites, lambda n, t: sc(n, HELPER + t, line(A), files=held + repo(remote("origin", url(user=None)))))
    out.append(sc("instead-short", HELPER + instead(one, "hf:"), line(A), files=repo(remote("origin", "hf:o/m"))))
    out.append(sc("instead-own-user", HELPER + instead(one, "https://huggingface.co/"), line(A), files=repo(remote("origin", url(C)))))
    o, p, q = remote("origin", url(A)), remote("up", url(B)), remote("other", url(C))
    remotes = [o, p, o + p, p + q, o + p + '[branch "main"]\n\tremote = up\n', o + p + '[branch "other"]\n\tremote = up\n', '[branch "main"]\n\tremote = up\n' + o + p, o + '[remote "origin"]\n\turl = %s\n' % url(D), o + '[branch "main"]\n\tremote = nowhere\n',
               '[remote "origin"]\n\tfetch = x\n' + p, remote("origin", "https://github.com/o/m") + p, o.replace("url", "pushurl")]
    out += numbered("remote", remotes, lambda n, t: sc(n, HELPER, line(P), files=repo(t)))
    out.append(sc("remote-detached", HELPER, line(P), files=repo(o + p + '[branch "main"]\n\tremote = up\n', head="1" * 40 + "\n")))
    out.append(sc("remote-in-global", HELPER + p, line(P), files=repo("")))
    return out


def netrc_edges():
    """git reads netrc through libcurl, by other rules than Python."""
    n, m, d, h = N, C, D, HUB
    texts = [
        entry(n), "machine %s\n  login u\n  password %s\n" % (h, n), entry(n)[:-1], entry(n).replace("\n", "\r\n"), entry(n).replace(" ", "\t"), "machine %s password %s login u\n" % (h, n), "machine %s password %s\n" % (h, n),
        "machine %s password %s\nmachine x login y password z\n" % (h, n), "machine %s login u\n" % h, 'machine %s login "" password %s\n' % (h, n), "machine %s login u account acc password %s\n" % (h, n), "machine %s user u password %s\n" % (h, n),
        "MACHINE %s LOGIN u PASSWORD %s\n" % (h, n), entry(n, host="HuggingFace.CO"), entry(n, host=h + ":443"), entry(n, host="www." + h), entry(n, host="co"), entry(n) + entry(m, user="v"), "default login d password %s\n" % d, "default login d password %s\n" % d + entry(n),
        entry(n) + "default login d password %s\n" % d, entry(n, host="x") + "default login d password %s\n" % d, "# " + entry(m) + entry(n), "#" + entry(m) + entry(n), entry(n)[:-1] + " # hello\n", "machine %s login u # hello\n password %s\n" % (h, n),
        "machine %s\n# a comment\nlogin u\npassword %s\n" % (h, n), "machine %s login u password #%s\n" % (h, n), "machine %s login u password x#%s\n" % (h, n), "machine %s login #u password %s\n" % (h, n), 'machine %s login u password "%s"\n' % (h, n),
        'machine %s login u password "a %s"\n' % (h, n), 'machine %s login u password "a\\"b\\\\c\\n%s"\n' % (h, n), 'machine %s login u password a\\b\\"%s\n' % (h, n), 'machine %s login u password a"b"%s\n' % (h, n), "machine %s login u password '%s'\n" % (h, n),
        'machine %s login u password "%s\n' % (h, n), 'machine "%s" login u password %s\n' % (h, n), "foo " + entry(n), "machine %s login u foo bar password %s\n" % (h, n), entry(n) + "foo bar\n", "macdef init\ncd /x\nls\n\n" + entry(n), "macdef init\ncd /x\n" + entry(n),
        "macdef init\n" + entry(m) + "\n" + entry(n), entry(n) + "macdef init\nls\n\n", "\ufeff" + entry(n), "machine %s" % h, "machine %s login" % h, "machine %s login u password" % h, "machine %s login machine password %s\n" % (h, n), "machine %s login default password %s\n" % (h, n),
        "machine %s login u login v password %s\n" % (h, n), "machine %s login u password %s password %s\n" % (h, m, n), "machine %s\ndefault login d password %s\n" % (h, d), "machine %s login u\ndefault login d password %s\n" % (h, d), "machine %s\x0clogin u\x0bpassword %s\n" % (h, n),
        "machine %s\u00a0login u password %s\n" % (h, n), "machine %s login u password %s\n" % (h, "x" * 5000), "# don't say \"x\n" + entry(n), 'machine %s login u password "a\\' % h, "machine %s login u password a\\\n" % h, "\n\n" + entry(n) + "\n",
        entry(m, host="x") + entry(n) + entry(d, host="y"), "machine\n%s\nlogin\nu\npassword\n%s\n" % (h, n), "machine %s machine %s login u password %s\n" % (h, h, n), "machine x machine %s login u password %s\n" % (h, n), "default\n" + entry(n), 'machine %s login u password ""\n' % h,
        "machine %s login u password \"\\t%s\"\n" % (h, n), 'machine %s login "u" password "%s" x\n' % (h, n), 'machine %s login u password "%s"x\n' % (h, n), "login u password %s machine %s\n" % (n, h), "machine %s macdef x\nlogin u password %s\n" % (h, n),
    ]
    out = numbered("netrc", texts, lambda name, t: sc(name, HELPER, line(A), files=[f(NETRC, t)]))
    for i, (user, t) in enumerate([(u, t) for u in ("u", "v", "w", "") for t in (entry(n), entry(n) + entry(m, user="v"), "default login u password %s\n" % d, "machine %s password %s\n" % (h, n), entry(m, user="v") + "machine x login w password y\n" + entry(n))]):
        out.append(sc("netrc-user-%02d" % i, HELPER, line(A) + line(B, user="v"), files=[f(NETRC, t)] + repo(remote("origin", url(user=user)))))
    out += [
        sc("netrc-underscore", HELPER, line(A), files=[f("<HOME>/_netrc", entry(n))]), sc("netrc-variable", HELPER, line(A), env={"NETRC": "<HOME>/n"}, files=[f("<HOME>/n", entry(n))]), sc("netrc-directory", HELPER, line(A), files=[f(NETRC, type="dir")]),
        sc("netrc-readable-by-all", HELPER, line(A), files=[f(NETRC, entry(n), mode="644")]), sc("netrc-unreadable", HELPER, line(A), files=[f(NETRC, entry(n), mode="000")]), edge("netrc-home-unset", {"HOME": None}, [f("<PW>/.netrc", entry(n))]),
        edge("netrc-home-empty", {"HOME": ""}, [f("<PW>/.netrc", entry(n)), f("<CWD>/.netrc", entry(m))]), edge("netrc-home-relative", {"HOME": "h"}, [f("<CWD>/h/.netrc", entry(n))]), {"id": "netrc-nul", "note": "", "env": {}, "files": [{"path": NETRC, "hex": (entry(m, host="x") .encode() + b"\0\n" + entry(n).encode()).hex()}]},
        {"id": "netrc-latin", "note": "", "env": {}, "files": [{"path": NETRC, "hex": b"machine huggingface.co login u password x\xe9\n".hex()}]}, sc("netrc-empty-auth", HELPER + "[http]\n\temptyAuth = true\n", line(A), files=[f(NETRC, entry(n))]),
        sc("netrc-username-config", HELPER + "\tusername = v\n", line(A) + line(B, user="v"), files=[f(NETRC, entry(n))]),
    ]
    for i, v in enumerate(["basic", "auto", "none", "", "BASIC"]):
        out.append(sc("proactive-%d" % i, HELPER + "[http]\n\tproactiveAuth = %s\n" % v, line(A), files=[f(NETRC, entry(n))]))
        out.append(sc("proactive-url-%d" % i, HELPER + "[http]\n\tproactiveAuth = %s\n" % v, line(A), files=[f(NETRC, entry(n))] + repo(remote("origin", url(P)))))
        out.append(sc("proactive-bare-%d" % i, "[http]\n\tproactiveAuth = %s\n" % v, files=[f(NETRC, entry(n))]))
    first = "[http]\n\tproactiveAuth = basic\n"
    broken, nobody = [f(NETRC, 'machine x login "a\n')], repo(remote("origin", url(P, user="")))
    return out + [
        sc("proactive-url-nobody", HELPER + first, line(A), files=nobody), sc("proactive-url-nobody-bare", first, files=nobody), sc("proactive-store-nobody", HELPER + first, line(A, user="")),
        sc("proactive-broken-netrc", HELPER + first, line(A), files=broken), sc("proactive-broken-netrc-bare", first, files=broken), sc("proactive-header", HELPER + first + header(bearer(P)), line(A)),
        sc("proactive-header-bare", first + header(bearer(P))), sc("proactive-empty-password", HELPER + first, line(""), files=[f(NETRC, entry(n))]),
        sc("proactive-empty-auth", HELPER + first + "\temptyAuth = true\n", line(A)), sc("proactive-empty-auth-header", first + "\temptyAuth = true\n" + header(bearer(P))),
    ]


def lfs_edges():
    """Where git-lfs finds its own endpoint."""
    lfs = "[lfs]\n\turl = https://u:%s@huggingface.co/o/m.git/info/lfs\n" % tok("L")
    plain = lfs.replace("u:%s@" % tok("L"), "")
    origin = repo(remote("origin", url(user=None)))
    held = [f(NETRC, entry(N))]
    # Sections that are limited to a path count where it tells git the path.
    name, with_path = '[credential "https://huggingface.co/%s"]\n\tusername = v\n', "\tuseHttpPath = %s\n"
    anywhere = "[credential]\n" + with_path
    limited = [
        HELPER + name % "o", HELPER + name % "o/m", HELPER + name % "x", HELPER + name % "", section("https://huggingface.co/o", "b"), section("https://huggingface.co/o/m", "b") + HELPER,
        HELPER + name % "o" + with_path % "true", HELPER + name % "o" + anywhere % "true", HELPER + name % "o/m" + anywhere % "yes", HELPER + name % "x" + anywhere % "1", HELPER + name % "o" + anywhere % "false", HELPER + name % "o" + anywhere % "maybe",
        section("https://huggingface.co/o", "b") + anywhere % "true", section("https://huggingface.co/o", "b") + with_path % "true" + HELPER, HELPER + '[credential "https://huggingface.co"]\n' + with_path % "true" + name % "o", HELPER + '[credential "https://*.co"]\n' + with_path % "true" + name % "o",
        HELPER + name % "o" + anywhere % "true" + '[credential "https://huggingface.co/o"]\n' + with_path % "false", HELPER + '[credential "https://huggingface.co/o"]\n\tusername\n',
    ]
    return [
        sc("lfs-url", HELPER + lfs, line(A), files=held + origin), sc("lfs-url-in-repo", HELPER, line(A), files=held + repo(remote("origin", url(user=None)) + lfs)), sc("lfs-config", HELPER, line(A), files=held + origin + [f("<CWD>/.lfsconfig", lfs)]),
        sc("lfs-config-and-url", HELPER + lfs, line(A), files=held + origin + [f("<CWD>/.lfsconfig", lfs.replace(tok("L"), tok("M")))]), sc("lfs-url-and-remote", HELPER + lfs, line(A), files=held + repo(remote("origin", url(P)))),
        sc("lfs-url-plain-and-remote", HELPER + plain, line(A), files=held + repo(remote("origin", url(P)))), sc("lfs-access-none", HELPER + '[lfs "https://huggingface.co/o/m.git/info/lfs"]\n\taccess = none\n', line(A), files=origin),
        sc("lfs-access-basic", HELPER + '[lfs "https://huggingface.co/o/m.git/info/lfs"]\n\taccess = basic\n', line(A), files=held + origin), sc("lfs-netrc-empty-password", HELPER, line(A), files=[f(NETRC, "machine huggingface.co login u\n")] + origin),
        *[sc("lfs-path-%02d" % i, config, line(A) + line(C, user="v"), files=HELD + origin) for i, config in enumerate(limited)],
        sc("lfs-config-broken", HELPER, line(A), files=held + origin + [f("<CWD>/.lfsconfig", "[bad\n")]), sc("lfs-helper-store-file", from_file("b"), files=HELD + origin),
    ]


def all_edges():
    out = [edge("nothing"), edge("token-variable-is-not-read", {"HF_TOKEN": A}, [f("<HOME>/.cache/huggingface/token", B)])]
    for part in (store_edges, store_file_edges, helper_edges, file_edges, syntax_edges, include_edges, header_edges, url_edges, netrc_edges):
        out += part()
    return out
