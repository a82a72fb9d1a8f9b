"""Scenarios for the plain HTTP clients: their own files, and netrc, which each of them reads by other rules."""
import importlib.util
import os

from common import tok
from common_scenarios import edge, f

HERE = os.path.dirname(os.path.abspath(__file__))


def sibling(name, path):
    spec = importlib.util.spec_from_file_location(name, os.path.join(os.path.dirname(HERE), path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


git = sibling("git_edges", "git/edges.py")
A, N, P = git.A, git.N, git.P
B = git.bearer(A)
ENTRY = git.entry(N)
NETRC = git.NETRC
# The texts of a netrc file on which the readers differ.
GRAMMAR = [(sc["id"], sc["files"]) for sc in git.netrc_edges() if sc["id"].startswith("netrc-") and sc["id"][6:].isdigit()]


def netrc_texts(switch=()):
    """Every text as ~/.netrc, private; `switch` is what turns netrc on."""
    out = []
    for name, files in GRAMMAR:
        held = [dict(x, mode="600") for x in files if x["path"] == NETRC]
        out.append(edge(name, files=held + list(switch)))
    return out


def netrc_places(switch=()):
    """Which file is read."""
    s = list(switch)
    other, underscore = f("<HOME>/n", git.entry(P), mode="600"), f("<HOME>/_netrc", git.entry(A), mode="600")
    own = f(NETRC, ENTRY, mode="600")
    return [
        edge("netrc-none", files=s), edge("netrc-own", files=s + [own]), edge("netrc-underscore", files=s + [underscore]), edge("netrc-both", files=s + [own, underscore]),
        edge("netrc-broken-and-underscore", files=s + [f(NETRC, "foo\n", mode="600"), underscore]), edge("netrc-directory-and-underscore", files=s + [f(NETRC, type="dir"), underscore]),
        edge("netrc-variable", {"NETRC": "<HOME>/n"}, s + [own, other]), edge("netrc-variable-tilde", {"NETRC": "~/n"}, s + [own, other]), edge("netrc-variable-dollar", {"NETRC": "$HOME/n"}, s + [own, other]),
        edge("netrc-variable-empty", {"NETRC": ""}, s + [own]), edge("netrc-variable-missing", {"NETRC": "<HOME>/nowhere"}, s + [own]), edge("netrc-variable-directory", {"NETRC": "<HOME>"}, s + [own]),
        edge("netrc-variable-relative", {"NETRC": "n"}, s + [own, f("<CWD>/n", git.entry(P), mode="600")]), edge("netrc-readable-by-all", files=s + [f(NETRC, ENTRY, mode="644")]), edge("netrc-readable-by-group", files=s + [f(NETRC, ENTRY, mode="640")]),
        edge("netrc-unreadable", files=s + [f(NETRC, ENTRY, mode="000"), underscore]), edge("netrc-link", files=s + [f(NETRC, "<HOME>/n", type="symlink"), other]), edge("netrc-dangling", files=s + [f(NETRC, "<HOME>/nowhere", type="symlink"), underscore]),
    ] + ([] if s else [
        edge("netrc-home-unset", {"HOME": None}, [f("<PW>/.netrc", ENTRY, mode="600"), f("<CWD>/.netrc", git.entry(P), mode="600")]),
        edge("netrc-home-empty", {"HOME": ""}, [f("<PW>/.netrc", ENTRY, mode="600"), f("<CWD>/.netrc", git.entry(P), mode="600")]), edge("netrc-home-relative", {"HOME": "h"}, [f("<CWD>/h/.netrc", ENTRY, mode="600")]),
    ])


def netrc_bytes():
    """Files that are no UTF-8, whole or in the part that is read."""
    head, tail = git.entry(N).encode(), "# caf\u00e9\n".encode("latin-1")
    parts = [head + tail, tail + head, b"machine caf\xe9 login u password x\n" + head, head[:-1] + b"\xff\n", head.decode().encode("utf-16"), b"\xef\xbb\xbf" + head, "# caf\u00e9\n".encode() + head, b"junk\n" + head + tail, head + b"#" * 9000 + b"\n" + tail]
    return [edge("netrc-bytes-%02d" % i, {}, [{"path": NETRC, "hex": b.hex(), "mode": "600"}]) for i, b in enumerate(parts)] + [
        edge("netrc-bytes-elsewhere", {"NETRC": "<HOME>/n"}, [{"path": NETRC, "hex": parts[0].hex(), "mode": "600"}, f("<HOME>/n", ENTRY, mode="600")]), edge("netrc-bytes-named", {"NETRC": "<HOME>/n"}, [{"path": "<HOME>/n", "hex": parts[0].hex(), "mode": "600"}, f(NETRC, ENTRY, mode="600")])]


def texts(prefix, path, items, files=()):
    return [edge("%s-%02d" % (prefix, i), files=[f(path, text)] + list(files)) for i, text in enumerate(items)]


def curl():
    rc, extra = "<HOME>/.curlrc", [f(NETRC, ENTRY, mode="600"), f("<HOME>/n", git.entry(P)), f("<HOME>/h", B + "\n"), f("<HOME>/k", 'header = "%s"\n' % B)]
    q = 'header = "%s"\n' % B
    items = [
        q, 'header: "%s"\n' % B, 'header "%s"\n' % B, '-H "%s"\n' % B, '-H"%s"\n' % B, '--header "%s"\n' % B, '--header="%s"\n' % B, "header = %s\n" % B, "header = '%s'\n" % B, "header = Authorization:Bearer\n", "# c\n header = \"%s\" # tail\n" % B,
        q + 'header = "%s"\n' % git.bearer(P), 'header = "%s\\t\\"x"\n' % B, q.replace("\n", "\r\n"), q.replace("header", "HEADER"), 'header = "authorization: bearer %s"\n' % A, "\ufeff" + q, "foo = bar\n" + q, "oauth2-bearer = %s\n" % A, 'user = "u:%s"\n' % A,
        "-u u:%s\n" % A, "user = u\n", "user = :%s\n" % A, "netrc\n", "-n\n", "--netrc\n", "netrc-optional\n", "netrc-file = <HOME>/n\n", "netrc-file = <HOME>/nowhere\n", "netrc\n" + q, "netrc = x\n", "", q + "next\n", 'header = "Authorization;"\n', 'header = "Authorization:"\n',
        'header = "Authorization: "\n', 'header = "@<HOME>/h"\n', 'header = "@<HOME>/nowhere"\n', "config = <HOME>/k\n", "-K <HOME>/k\n", "user = u:%s\n" % P + q, "oauth2-bearer = %s\nuser = u:%s\n" % (A, P), "oauth2-bearer = %s\nnetrc\n" % A, "netrc\nno-netrc\n", "user = u:%s\nnetrc\n" % A,
        'header="%s"' % B, 'header=\t"%s"\n' % B, 'header == "%s"\n' % B, '\n\n   \t' + q, 'header = "%s\n' % B, 'header = "%s"x\n' % B, 'header = "Authorization : Bearer %s"\n' % A, 'header = " %s"\n' % B, 'header = "Authorization:Bearer %s"\n' % A, 'header = "Authorization:   Bearer   %s  "\n' % A,
        'header = "X: y"\n', 'header\n' + q, "user\n" + q, 'header = ""\n' + q, 'header = "Authorization: Basic dTp%s"\n' % "YQ==", 'header = "%s\\n"\n' % B, 'user = "u:a b"\n', 'user = "u:%s:x"\n' % A, 'header = "%s"\nheader = "Authorization:"\n' % B,
        'header = "Authorization:"\n' + q, 'header = "Authorization:"\nuser = u:%s\n' % A, 'head = "%s"\n' % B, 'oauth2-b = %s\n' % A, "silent\n" + q, "netrc-file = <HOME>/n\nno-netrc\n", "oauth2-bearer\n",
    ]
    both = {"XDG_CONFIG_HOME": "<HOME>/x"}
    own = f(rc, 'header = "%s"\n' % git.bearer(P))
    return texts("rc", rc, items, extra) + [
        edge("rc-config", files=[f("<HOME>/.config/curlrc", q)]), edge("rc-config-dot", files=[f("<HOME>/.config/.curlrc", q)]), edge("rc-xdg", both, [f("<HOME>/x/curlrc", q)]), edge("rc-xdg-dot", both, [f("<HOME>/x/.curlrc", q)]), edge("rc-xdg-and-home", both, [f("<HOME>/x/.curlrc", q), own]),
        edge("rc-xdg-empty", {"XDG_CONFIG_HOME": ""}, [f("<HOME>/.config/curlrc", q)]), edge("rc-config-and-home", files=[f("<HOME>/.config/curlrc", q), own]), edge("rc-xdg-without", both, [f("<HOME>/.config/curlrc", q)]),
        edge("rc-curl-home", {"CURL_HOME": "<HOME>/x"}, [f("<HOME>/x/.curlrc", q), own]), edge("rc-curl-home-without", {"CURL_HOME": "<HOME>/x"}, [own]), edge("rc-curl-home-empty", {"CURL_HOME": ""}, [own]), edge("rc-curl-home-no-dot", {"CURL_HOME": "<HOME>/x"}, [f("<HOME>/x/curlrc", q), own]),
        edge("rc-home-unset", {"HOME": None}, [f("<PW>/.curlrc", q)]), edge("rc-home-unset-config", {"HOME": None}, [f("<PW>/.config/curlrc", q)]), edge("rc-home-empty", {"HOME": ""}, [f("<PW>/.curlrc", q), f("<CWD>/.curlrc", q)]), edge("rc-home-relative", {"HOME": "h"}, [f("<CWD>/h/.curlrc", q)]),
        edge("rc-directory", files=[f(rc, type="dir"), f("<HOME>/.config/curlrc", q)]), edge("rc-unreadable", files=[f(rc, q, mode="000"), f("<HOME>/.config/curlrc", q)]), edge("rc-underscore", files=[f("<HOME>/_curlrc", q)]), edge("rc-here", files=[f("<CWD>/.curlrc", q)]), edge("rc-variable-token", {"HF_TOKEN": A}),
    ] + netrc_texts([f(rc, "netrc\n")]) + netrc_places([f(rc, "netrc\n")])


def wget():
    rc = "<HOME>/.wgetrc"
    h = "header = %s\n" % B
    items = [
        h, 'header = "%s"\n' % B, "header=%s\n" % B, h.replace("header", "HEADER"), h.replace("header", "he-ader"), h.replace("header", "he_ader"), h + "header = %s\n" % git.bearer(P), h + "header = authorization: Bearer %s\n" % P, h + "header =\n", "# c\n  header = %s  \n" % B, h[:-1] + " # x\n",
        "foo = bar\n" + h, h + "foo = bar\n", "header\n", h.replace("\n", "\r\n"), "user = u\npassword = %s\n" % A, "http_user = u\nhttp_password = %s\n" % A, "http_password = %s\n" % A, "http-user = v\n", "user = x\npassword = %s\nhttp_user = u\nhttp_password = %s\n" % (P, A), "auth_no_challenge = on\nhttp_user = u\nhttp_password = %s\n" % A,
        "auth_no_challenge = on\n", "netrc = off\n", "netrc = 0\n", "netrc = no\n", "netrc = maybe\n", "header = authorization: bearer %s\n" % A, "header = Authorization:\n", "header = X: y\n", "header : %s\n" % B, "header = Authorization : Bearer %s\n" % A, "password = %s\n" % A, "http_passwd = %s\nhttp_user = u\n" % A, "\ufeff" + h, "",
        "header = Authorization:Bearer %s\n" % A, "header = Authorization:  Bearer  %s\n" % A, "login = u\nhttp_password = %s\n" % A, "user = u\nhttp_password = %s\n" % A, "http_user = u\npassword = %s\n" % A, h[:-1], "\n\n" + h + "\n", "tries = 3\n" + h, "header = x\n" + h, "header = \n" + h, "netrc = off\n" + h, "http_user =\nhttp_password = %s\n" % A, "# only\n",
    ]
    held = [f(NETRC, ENTRY, mode="600")]
    p = f(rc, "header = %s\n" % git.bearer(P))
    w = f("<HOME>/w", h)
    return texts("rc", rc, items) + texts("rc-netrc", rc, items, held) + [
        edge("rc-variable", {"WGETRC": "<HOME>/w"}, [p, w]), edge("rc-variable-empty", {"WGETRC": ""}, [p]), edge("rc-variable-missing", {"WGETRC": "<HOME>/nowhere"}, [p]), edge("rc-variable-tilde", {"WGETRC": "~/w"}, [p, w]), edge("rc-variable-directory", {"WGETRC": "<HOME>"}, [p]),
        edge("rc-system", {"SYSTEM_WGETRC": "<HOME>/w"}, [w]), edge("rc-system-and-own", {"SYSTEM_WGETRC": "<HOME>/w"}, [w, p]), edge("rc-system-missing", {"SYSTEM_WGETRC": "<HOME>/nowhere"}, [p]), edge("rc-system-broken", {"SYSTEM_WGETRC": "<HOME>/w"}, [f("<HOME>/w", "foo = 1\n"), p]), edge("rc-xdg", files=[f("<HOME>/.config/wget/wgetrc", h)]),
        edge("rc-home-unset", {"HOME": None}, [f("<PW>/.wgetrc", h)]), edge("rc-home-empty", {"HOME": ""}, [f("<CWD>/.wgetrc", h)]), edge("rc-home-relative", {"HOME": "h"}, [f("<CWD>/h/.wgetrc", h)]), edge("rc-directory", files=[f(rc, type="dir")]), edge("rc-unreadable", files=[f(rc, h, mode="000")]), edge("rc-token-variable", {"HF_TOKEN": A}),
    ] + netrc_texts() + netrc_places()


def aria2():
    rc, xdg = "<HOME>/.aria2/aria2.conf", "<HOME>/.config/aria2/aria2.conf"
    h = "header=%s\n" % B
    items = [
        h, " header = %s \n" % B, 'header="%s"\n' % B, h + "header=%s\n" % git.bearer(P), "# c\n" + h, h[:-1] + " #x\n", h.upper().replace("AUTHORIZATION: BEARER %s" % A.upper(), B), "foo=bar\n" + h, "http-user=u\nhttp-passwd=%s\n" % A, "http-user=u\n", "http-passwd=%s\n" % A, "http-auth-challenge=true\n", "no-netrc=true\n", "no-netrc=false\n",
        "no-netrc=maybe\n", "netrc-path=<HOME>/n\n", h.replace("\n", "\r\n"), "header=Authorization:\n", "\ufeff" + h, "header=authorization: bearer %s\n" % A, "header=X: y\n", "header\n" + h, "", h[:-1], "header=Authorization:Bearer %s\n" % A, "header=Authorization:  Bearer  %s\n" % A, "  # c\n" + h, "header =%s\n" % B, "=x\n" + h, "http-user=u\nhttp-passwd=%s\n" % A + h,
        "http-auth-challenge=true\nhttp-user=u\nhttp-passwd=%s\n" % A, "no-netrc=true\n" + h, "header=Authorization : Bearer %s\n" % A, "netrc-path=<HOME>/nowhere\n", "netrc-path=~/n\n", "http-auth-challenge=perhaps\n",
    ]
    held = [f(NETRC, ENTRY, mode="600"), f("<HOME>/n", git.entry(P), mode="600")]
    suffix = [edge("netrc-domain-%d" % i, files=[f(NETRC, t, mode="600")]) for i, t in enumerate([git.entry(N, host=".co"), git.entry(N, host=".huggingface.co"), git.entry(N, host="*.co"), git.entry(N, host="127.0.0.0/8"), "machine .co login u password %s\n" % P + ENTRY])]
    no_login, challenge = "machine huggingface.co password %s\n" % N, "http-auth-challenge=true\n"
    asked = [edge("challenge-%d" % i, files=[f(rc, c)] + [f(NETRC, t, mode="600")] * (t is not None)) for i, (c, t) in enumerate([(challenge, no_login), ("", no_login), (challenge, ENTRY), (challenge + "http-passwd=%s\n" % P, None), (challenge + "http-passwd=%s\n" % P, no_login), (challenge + "http-user=u\n", no_login), (challenge + "http-auth-challenge=false\n", no_login)])]
    return asked + texts("rc", rc, items) + texts("rc-netrc", rc, items, held) + suffix + [
        edge("rc-xdg-default", files=[f(xdg, h)]), edge("rc-both", files=[f(rc, h), f(xdg, "header=%s\n" % git.bearer(P))]), edge("rc-xdg", {"XDG_CONFIG_HOME": "<HOME>/x"}, [f("<HOME>/x/aria2/aria2.conf", h)]), edge("rc-xdg-empty", {"XDG_CONFIG_HOME": ""}, [f(xdg, h)]), edge("rc-xdg-relative", {"XDG_CONFIG_HOME": "x"}, [f("<CWD>/x/aria2/aria2.conf", h)]),
        edge("rc-home-unset", {"HOME": None}, [f("<PW>/.aria2/aria2.conf", h)]), edge("rc-home-empty", {"HOME": ""}, [f("<PW>/.aria2/aria2.conf", h)]), edge("rc-directory", files=[f(rc, type="dir"), f(xdg, h)]), edge("rc-unreadable", files=[f(rc, h, mode="000"), f(xdg, h)]), edge("rc-dangling", files=[f(rc, "<HOME>/nowhere", type="symlink"), f(xdg, h)]),
    ] + netrc_texts() + netrc_places()


def random_files(rng, count, make):
    """Pieces put together blindly; `make(rng)` gives the client's own file or None."""
    generate = sibling("git_generate", "git/generate.py") if "git_generate" not in globals() else globals()["git_generate"]
    out = []
    for i in range(count):
        files, env = [], {}
        own = make(rng)
        if own is not None:
            files.append(own)
        if rng.random() < 0.7:
            files.append(f(NETRC, generate.netrc(rng), mode=rng.choice(["600", "600", "600", "644"])))
        if rng.random() < 0.2:
            files.append(f("<HOME>/_netrc", generate.netrc(rng), mode="600"))
        if rng.random() < 0.2:
            files.append(f("<HOME>/n", generate.netrc(rng), mode="600"))
            env["NETRC"] = rng.choice(["<HOME>/n", "~/n", "", "<HOME>/nowhere"])
        out.append(edge("r%04d" % i, env, files, "random"))
    return out


def some(rng, path, pieces):
    return f(path, "".join(rng.choice(pieces) for _ in range(rng.randint(1, 3)))) if rng.random() < 0.5 else None
