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


class HfHub10(HfHub):
    """1.0: only the wire; a value that is no header value goes out as no header at all."""
    package, binary = "hf-hub-1.0", "probe-hf-hub-1-0"

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
