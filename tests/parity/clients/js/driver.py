"""The JavaScript clients under node: those of Hugging Face, node-llama-cpp, LangChain and the AI SDK."""
import json
import os
import shutil

import common
import common_scenarios as cs

HERE = os.path.dirname(os.path.abspath(__file__))
TARGET = os.path.join(common.BUILD, "js")
SOURCES = ("package.json", "package-lock.json", "wire.mjs", "call.mjs", "empty/package.json", "empty/index.js", "agent/agent.json")


def install():
    """`npm ci` of the committed lock file, in the build directory; once."""
    fresh = False
    for name in SOURCES:
        src, dst = os.path.join(HERE, name), os.path.join(TARGET, name)
        data = open(src, "rb").read()
        if not os.path.exists(dst) or open(dst, "rb").read() != data:
            os.makedirs(os.path.dirname(dst), exist_ok=True)
            with open(dst, "wb") as h:
                h.write(data)
            fresh = fresh or name.endswith(".json")
    done = os.path.join(TARGET, "node_modules", ".done")
    if fresh or not os.path.exists(done):
        common.tool(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--legacy-peer-deps"], TARGET)
        open(done, "w").close()


class Node(common.Client):
    """One call of a package; `kind` as call.mjs knows it, or one of PROGRAMS for the program itself."""

    quick = False
    PROGRAMS = {
        "hub-cli": ["dist/cli.js", "branch", "create", "org/name", "b"],
        # Its agent is asked one thing, through the standard input.
        "tiny-agents": ["dist/cli.js", "run", os.path.join(TARGET, "agent")],
    }

    def __init__(self, name, kind, package, version, token_names):
        self.name, self.kind, self.version = name, kind, version
        self.dir = os.path.join(TARGET, "node_modules", "%s-%s" % (package, version))
        self.token_names = token_names

    def prepare(self):
        self.node = shutil.which("node")
        if not self.node:
            raise common.Unavailable("node is not installed")
        install()

    def call(self, sc, sbx, kind):
        """(requests that the server saw, values handed over, class of what fetch refused, class that the client raised)."""
        program = self.PROGRAMS.get(kind)
        command = [os.path.join(self.dir, program[0])] + program[1:] if program else [os.path.join(TARGET, "call.mjs"), kind, self.dir]
        out = os.path.join(sbx.root, "wire.json")
        shell = 'exec 3>"$0"; echo x | "$@"'
        with common.Server() as server:
            env = sbx.env(sc, {"PARITY_ENDPOINT": server.url})
            rc, _, err = common.run(["/bin/sh", "-c", shell, out, self.node, "--import", os.path.join(TARGET, "wire.mjs")] + command, sbx, env)
            sent = server.requests
        report = open(out).read()
        if not report or (rc != 0 and not program):
            raise RuntimeError("node: exit %d: %s" % (rc, err.decode(errors="replace")[-400:]))
        report = json.loads(report.splitlines()[-1])
        return sent, [bytes.fromhex(x) for x in report["handed"]], report["refused"], report["raised"]

    def answer(self, sent, handed, refused, raised):
        if raised:
            return common.error(raised)
        values = [r.authorization for r in sent if r.authorization is not None]
        if values:
            return common.token(common.bearer(values[-1]))
        if not handed:
            if not sent:
                raise RuntimeError("no request")
            return common.anonymous()
        if not refused:
            raise RuntimeError("handed over, not sent, not refused")
        # What fetch refuses has no bytes on the wire.  It strips the ends before it looks at the rest,
        # and sends Latin-1: the token is what would have been left, in UTF-8 where Latin-1 has no room.
        text = handed[-1].decode().rstrip(" \t\r\n")
        raw = text.encode("latin-1") if all(ord(c) < 256 for c in text) else text.encode()
        return common.token(common.bearer(raw))

    def ask(self, sc, sbx):
        return self.answer(*self.call(sc, sbx, self.kind))

    def scenarios(self, rng, count):
        out = cs.switch_edges()
        for n in self.token_names:
            out += cs.env_edges(n)
        own = [n for n in self.token_names if n not in ("HF_TOKEN", "HF_ACCESS_TOKEN")]
        out += cs.order_edges(own + ["HF_TOKEN", "HF_ACCESS_TOKEN", "HUGGING_FACE_HUB_TOKEN"])
        return out + (cs.random_scenarios(rng, count, (*own, "HF_TOKEN")) if own else cs.random_scenarios(rng, count))


class Llama(Node):
    def __init__(self, version):
        super().__init__("node-llama-cpp", "node-llama-cpp", "node-llama-cpp", version, ("HF_TOKEN",))

    def prepare(self):
        super().prepare()
        # The short way that `ask` takes must say what the whole downloader sends.
        for sc in ({"env": {"HF_TOKEN": common.tok("A")}}, {"files": [cs.f(cs.LOGIN, common.tok("C") + "\n")]}, {}):
            got = []
            for kind in ("node-llama-cpp", "node-llama-cpp-whole"):
                with common.Sandbox() as sbx:
                    sbx.setup(sc)
                    got.append(self.answer(*self.call(sc, sbx, kind)).key())
            if got[0] != got[1]:
                raise RuntimeError("the downloader sends %r, its resolver says %r" % (got[1], got[0]))

    def scenarios(self, rng, count):
        return (cs.switch_edges() + cs.env_edges("HF_TOKEN") + cs.file_edges("login", cs.LOGIN) + cs.file_edges("path", "<HOME>/h/t", {"HF_TOKEN_PATH": "<HOME>/h/t"}, others=[cs.f(cs.LOGIN, common.tok("C"))])
                + cs.dir_edges("HF_HOME") + cs.dir_edges("XDG_CACHE_HOME") + cs.path_edges("HF_TOKEN_PATH") + cs.home_edges()
                + cs.order_edges(["HF_TOKEN", "HF_TOKEN_PATH", "HF_HOME", "XDG_CACHE_HOME"]) + cs.random_scenarios(rng, count, p_token=0.2))


def clients(opts):
    out = [Node("hfjs-lib", "hub-lib", "hub", "2.17.5", ()), Node("hfjs-cli", "hub-cli", "hub", "2.1.0", ("HF_TOKEN",)), Node("hfjs-cli", "hub-cli", "hub", "2.17.5", ("HF_TOKEN",))]
    for v in ("2.4.1", "2.4.2", "2.10.0", "2.10.1", "2.17.2", "3.8.1", "4.3.1"):
        out.append(Node("transformersjs", "transformers", "transformers", v, ("HF_TOKEN", "HF_ACCESS_TOKEN")))
    out += [
        Node("hf-inference-js", "inference", "inference", "4.13.30", ()),
        Node("tiny-agents", "tiny-agents", "tiny-agents", "0.3.4", ("API_KEY", "HF_TOKEN")),
        Node("langchain-js", "langchain", "langchain-community", "1.1.29", ("HUGGINGFACEHUB_API_KEY",)),
        Node("vercel-ai-sdk", "ai-sdk", "ai-sdk-huggingface", "1.0.77", ("HUGGINGFACE_API_KEY",)),
        Node("vercel-ai-sdk", "ai-sdk-2", "ai-sdk-huggingface", "2.0.48", ("HUGGINGFACE_API_KEY",)),
    ]
    return out + [Llama(v) for v in ("3.18.1", "3.19.0", "3.22.1")]
