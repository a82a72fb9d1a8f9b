"""The Rust crate hf-hub: one program per family, built from the committed lock files."""
import json
import os

import common
import common_scenarios as cs

HERE = os.path.dirname(os.path.abspath(__file__))
TARGET = os.path.join(common.BUILD, "rust")


def build(package, binary):
    """Build one probe; the path of its program."""
    # From "/": in the repository cargo would take hflint's own settings (static linking), and a static
    # glibc asks the password database in another way than the client that a person builds.
    manifest = os.path.join(HERE, package, "Cargo.toml")
    common.tool(["cargo", "build", "--locked", "--quiet", "--manifest-path", manifest], "/", {"CARGO_TARGET_DIR": TARGET})
    return os.path.join(TARGET, "debug", binary)


class HfHub(common.Client):
    package = binary = None

    def __init__(self, version, name="hf-hub"):
        self.version, self.name, self.quick = version, name, False

    def prepare(self):
        self.program = build(self.package, self.binary)

    def probe(self, sc, sbx, *args):
        rc, out, err = common.run([self.program] + list(args), sbx, sbx.env(sc))
        if rc != 0:
            raise RuntimeError("probe: exit %d: %s" % (rc, err.decode(errors="replace")[-300:]))
        return json.loads(out)

    def scenarios(self, rng, count):
        return (cs.switch_edges() + cs.env_edges("HF_TOKEN") + cs.file_edges("login", cs.LOGIN) + cs.file_edges("home", "<HOME>/h/token", {"HF_HOME": "<HOME>/h"}, others=[cs.f(cs.LOGIN, common.tok("C"))])
                + cs.dir_edges("HF_HOME") + cs.dir_edges("XDG_CACHE_HOME") + cs.path_edges("HF_TOKEN_PATH") + cs.home_edges()
                + cs.order_edges(["HF_TOKEN", "HF_TOKEN_PATH", "HF_HOME", "XDG_CACHE_HOME"]) + cs.random_scenarios(rng, count, ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"), 0.3))


class HfHub03(HfHub):
    """0.1 to 0.3: no endpoint setting, so a stand-in for ureq keeps the header (see shim/ureq)."""
    package, binary = "hf-hub-0.1-0.3", "probe-hf-hub-0-3"

    def ask(self, sc, sbx):
        r = self.probe(sc, sbx, self.version)
        if r["error"]:
            return common.error(r["error"])
        if r["header"] is None:
            return common.anonymous()
        return common.token(common.bearer(bytes.fromhex(r["header"])))


class HfHub05(HfHub):
    """0.4 and 0.5: the header on the wire; the crate's getter where ureq refuses to send it."""
    package, binary = "hf-hub-0.4-0.5", "probe-hf-hub-0-5"

    def ask(self, sc, sbx):
        with common.Server() as server:
            r = self.probe(sc, sbx, self.version, "from-env" if self.name.endswith("from-env") else "new", server.url)
            sent = server.requests
        if r["error"]:
            return common.error(r["error"])
        resolved = None if r["resolved"] is None else bytes.fromhex(r["resolved"])
        if sent:
            wire = common.bearer(sent[0].authorization)
            if wire != resolved:
                raise RuntimeError("sent %r, but the getter says %r" % (wire, resolved))
        elif resolved is None:
            raise RuntimeError("no request and no token")
        return common.anonymous() if resolved is None else common.token(resolved)


# What the url crate, which 1.0 asks when the client is made, takes and refuses.
URLS = [
    "http:h", "http:/h", "http:///h", "http:\\\\h", "HTTP://h", "hTtPs://h", "http://h:", "http://h:65535", "http://h:65536", "http://h:00080", "http://h:-1", "http://h: 80", "http://h:8a", "http://h:８０",
    "http://u@h", "http://u:p@h", "http://@h", "http://u@", "http://u@:80", "http://u:p@", "http://a@b@h", "http://:80", "http://:80@h", "http://h h", "http://h%20h", "http://h%00", "http://%68", "http://h%zz", "http://h%", "http://%41%3a",
    "http://h%2fx", "http://h%25", "http://[::1]", "http://[::1]:80", "http://[::1]:", "http://[::1]:x", "http://[::1]x", "http://[::g]", "http://[1::2::3]", "http://[]", "http://[", "http://]", "http://h]", "http://[v1.x]",
    "http://[::1%25eth0]", "http://%5B::1%5D", "http://[1:2:3:4:5:6:7:8]", "http://[1:2:3:4:5:6:7]", "http://[1:2:3:4:5:6:7:8:9]", "http://[::1.2.3.4]", "http://[::1.2.3]", "http://[::256.1.1.1]", "http://[12345::]",
    "http://1.2.3.4", "http://1.2.3.4.", "http://256.1.1.1", "http://1.2.3.4.5", "http://0x7f.1", "http://0x", "http://0xg", "http://4294967295", "http://4294967296", "http://1.2.3", "http://1.2.65535", "http://1.2.65536", "http://1.256.3",
    "http://a.1", "http://a.0x", "http://a.0xg", "http://1.a", "http://09", "http://a.09", "http://08.1", "http://0", "http://1e3", "http://1..2", "http://.1", "http://-1", "http://+1", "http://a.b.0x1F", "http://a.1.", "http://a.-1",
    "http://é.test", "http://中", "http://ａ", "http://１", "http://h\u200b", "http://\u200b", "http://\u00ad", "http://a。b", "http://a..b", "http://.", "http://..", "http://-h", "http://h_x", "http://h-", "http://" + "a" * 70 + ".test",
    "http://h<", "http://h>", "http://h^", "http://h|", "http://h`", "http://h{", "http://h}", "http://h\"", "http://h'", "http://h;", "http://h,", "http://h=", "http://h&", "http://h!", "http://h(", "http://h*", "http://$HOME", "http://~", "http://h+",
    "http://h\x7f", "http://h\x01", "http://\x0ch", "http://h\ttest", "ht\ntp://h", "http:\n//h", "\thttp://h", "\x01http://h", "\u00a0http://h", "http://h\u00a0", "http://h\u0085", "\ufeffhttp://h", "http:// ", "http://h ", "http://h /x", "http:// h",
    "http://h\\x", "http://h:80\\x", "http://h\\@x", "http://h?q", "http://h?@x", "http://h#f", "http://h#@:x", "http://?", "http://#", "http://?q@h", "http:?", "http:#", "http:", "http:/", "http", "http//h", "://h", ":", "//h", "?", "#", "h", "h:", "h:8080", "localhost:8080",
    "file:", "file:/", "file:///", "file:///x", "file://h", "file://h:80", "file://[", "file://h h", "file://%00", "file:x", "file:\\\\h", "FILE://[::1]", "mailto:x", "x:", "x:/", "x:y z", "x://", "x://h", "x://h:65536", "x://h:abc", "x://:80", "x://u@", "x://u@:80", "x://@", "x://:@", "x://::@", "x://:p@", "x://@h", "x://@:80", "http://xn--", "http://xn--a", "http://xn--nxasmq6b.test", "http://a.xn--b-", "http://xn--bcher-kva.example", "http://XN--BCHER-KVA", "http://xn--0", "http://xn--zzzzzzzzzzzz", "http://xn--fsq", "http://xn--80ak6aa92e.com", "x://[", "x://[::1]",
    "x://h h", "x://h%00", "x://h^", "x://h<", "x://h%", "x://é", "x://\x7f", "x:////h h", "1x:", "x y:z", "+x:", "x+-.1:", "x_y:z", "é:x", "wss://h", "ws:", "ftp://", "ftp://h", "data:", "blob:http://h", "javascript:", "http://h:80:80", "http://h::80", '"https://h"', "'https://h'", "https://h\r\n",
    "https://huggingface.co", "https://huggingface.co/", "https://hf-mirror.com", "huggingface.co", "www.hf.co/x", "hf-mirror.com:443", "https://https://h", "https:// huggingface.co", "https//huggingface.co", "${HF_ENDPOINT}", "$URL", "None", "null", "none:", "about:blank",
]


class HfHub10(HfHub):
    """1.0: only the wire; a value that is no header value goes out as no header at all."""
    package, binary = "hf-hub-1.0", "probe-hf-hub-1-0"

    def prepare(self):
        super().prepare()
        with common.Sandbox() as sbx:
            if self.probe({}, sbx, "http://127.0.0.1:9")["error"]:
                raise common.Unavailable("hf-hub 1.0 makes no client without root certificates: install ca-certificates")

    def scenarios(self, rng, count):
        files = [cs.f(cs.LOGIN, common.tok("C"))]
        own = [cs.edge("url-%03d" % i, {"HF_ENDPOINT": u}, files, cs.visible(u)) for i, u in enumerate(URLS)]
        for i, v in enumerate(["x", "", " ", "a\nb", "a\n", "é", "\t", "\x7f", "\x01", cs.hexed(b"\xff\n")]):
            own.append(cs.edge("agent-%d" % i, {"HF_HUB_USER_AGENT_ORIGIN": v}, files))
            own.append(cs.edge("agent-off-%d" % i, {"HF_HUB_USER_AGENT_ORIGIN": v, "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"}, files))
        own.append(cs.edge("agent-and-url", {"HF_HUB_USER_AGENT_ORIGIN": "a\nb", "HF_ENDPOINT": ""}, files))
        # Random ends for addresses: bits that mean something to a URL, in any order.
        bits = ["http", "https", "x", "file", ":", "://", "//", "/", "@", "h", "1", ".", "0x", "80", "256", "[", "]", "::1", "%", "%41", "%00", " ", "\t", "\\", "?", "#", "^", "é", "-", "_", "65536", "*"]
        for i in range(count // 2):
            u = rng.choice(["http://", "https:", "x://", "", "file:"]) + "".join(rng.choice(bits) for _ in range(rng.randint(1, 6)))
            own.append(cs.edge("rurl-%03d" % i, {"HF_ENDPOINT": u}, files, cs.visible(u)))
        return super().scenarios(rng, count) + own

    def ask(self, sc, sbx):
        with common.Server() as server:
            r = self.probe(sc, sbx, server.url)
            sent = server.requests
        if r["error"]:
            return common.error(r["error"])
        if not sent:
            raise RuntimeError("no request")
        value = sent[0].authorization
        return common.anonymous() if value is None else common.token(common.bearer(value))


def clients(opts):
    return ([HfHub03(v) for v in ("0.1.3", "0.2.0", "0.3.2")] + [HfHub05(v, n) for v in ("0.4.3", "0.5.0") for n in ("hf-hub", "hf-hub-from-env")]
            + [HfHub10("1.0.0")])
