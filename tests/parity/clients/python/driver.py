"""Python clients that look for a token themselves, and plain HTTP libraries: in the releases of their lock files."""
import json
import os
import re
import subprocess
import sys
import threading

import common
import common_scenarios as cs
import wire

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "http"))
import scenarios as http  # noqa: E402
PROBE = os.path.join(HERE, "probe.py")
A, B, C, D, E, H = (common.tok(x) for x in "ABCDEH")
PATH = "/usr/local/bin:/usr/bin:/bin"


class Worker:
    """A served probe, started when first asked."""

    def __init__(self, name, folder):
        self.name, self.folder, self.process, self.lock = name, folder, None, threading.Lock()

    def ask(self, job):
        with self.lock:
            if self.process is None:
                # -S: only what the lock names. Without locale variables, as the sandboxes have none: a fork cannot change its encoding any more.
                self.process = subprocess.Popen([sys.executable, "-S", PROBE, self.name, "--serve"], env={"PATH": PATH, "HOME": "/nonexistent", "PYTHONPATH": self.folder}, stdin=subprocess.PIPE,
                                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, preexec_fn=common.drop_caps)
            self.process.stdin.write(json.dumps(job).encode() + b"\n")
            self.process.stdin.flush()
            said = self.process.stdout.readline()
        if not said:
            raise RuntimeError("the probe of %s ended" % self.name)
        return json.loads(said)


class Python(common.Client):
    """A client whose own function answers."""

    quick = False

    def __init__(self, name, version, scenarios, env=None, lock=None, probe=None):
        self.name, self.version, self.make, self.more, self.called = name, version, scenarios, env or {}, probe or name
        self.lock = lock or "%s-%s" % (name, version)

    def prepare(self):
        self.folder = common.python_packages(self.lock, os.path.join(HERE, "locks", self.lock + ".txt"))
        self.worker = Worker(self.called, self.folder)

    def scenarios(self, rng, count):
        return self.make(rng, count)

    def extra(self, sbx):
        return dict(self.more)

    def probe(self, sc, sbx):
        env = sbx.env(sc, self.extra(sbx))
        passwd = None if env.get(b"HOME") else common.write_passwd(sbx)
        return self.worker.ask({"cwd": sbx.cwd, "env": {k.hex(): v.hex() for k, v in env.items()}, "passwd": passwd})

    def ask(self, sc, sbx):
        r = self.probe(sc, sbx)
        if r["outcome"] == "token":
            out = common.token(bytes.fromhex(r["token"]))
        else:
            out = common.error(r["error"]) if r["outcome"] == "error" else common.anonymous()
        out.overridden = r.get("overridden")
        return out


def hub_answers(path, auth):
    """Enough of the Hub for a client to get as far as its own call."""
    if "whoami" in path:
        body = {"type": "user", "id": "1", "name": "me", "fullname": "me", "email": "x", "orgs": [], "auth": {"type": "access_token", "accessToken": {"displayName": "n", "role": "read", "createdAt": "2024-01-01T00:00:00.000Z"}}}
    elif "/api/models/" in path:
        body = {"id": "o/m", "pipeline_tag": "text-generation", "inferenceProviderMapping": {"hf-inference": {"status": "live", "providerId": "o/m", "task": "text-generation"}}}
    else:
        return wire.always_401(path, auth)
    return 200, [("Content-Type", "application/json")], json.dumps(body).encode()


class OnTheWire(Python):
    """A client that is run up to its request."""

    shared = None

    def prepare(self):
        super().prepare()
        if OnTheWire.shared is None:
            OnTheWire.shared = wire.Wire(hub_answers).__enter__()

    def tag(self, sbx):
        return os.path.basename(sbx.root)

    def extra(self, sbx):
        return {**self.more, **self.shared.env(self.tag(sbx))}

    def ask(self, sc, sbx):
        r = self.probe(sc, sbx)
        sent = self.shared.take(self.tag(sbx))
        if r["outcome"] == "token":
            return common.token(bytes.fromhex(r["token"]))
        if r["outcome"] == "anonymous":
            return common.anonymous()
        if r["outcome"] == "error":
            return common.error(r["error"])
        mine = [q for q in sent if self.own(q)]
        if not mine:
            raise RuntimeError("no request of its own among %r" % (sent,))
        return common.token(wire.decode(mine[-1].authorization[0])[1]) if mine[-1].authorization else common.anonymous()

    def own(self, request):
        return "router.huggingface.co" in request.origin


class Plain(OnTheWire):
    """A library or program that is given a URL of the Hub and nothing else. Cheap enough for every run."""

    quick = True
    refusing = None

    def __init__(self, name, lock):
        pinned = re.search(r"(?m)^%s==(\S+)$" % name, open(os.path.join(HERE, "locks", lock + ".txt")).read()).group(1)
        super().__init__(name, pinned, None, lock=lock)

    def prepare(self):
        Python.prepare(self)
        if Plain.refusing is None:
            Plain.refusing = wire.Wire().__enter__()
        self.shared = Plain.refusing

    def scenarios(self, rng, count):
        return http.netrc_texts() + http.netrc_places() + http.netrc_bytes() + http.random_files(rng, count, lambda r: None)

    def ask(self, sc, sbx):
        """A library's netrc is no source of a token but replaces one, so the two answers are compared apart."""
        said = self.probe(sc, sbx)
        sent = [v.strip(b" \t") for q in self.shared.take(self.tag(sbx)) for v in q.authorization]
        if said["outcome"] == "error":
            return common.error("fatal" if self.name == "pip" else said["error"])
        if self.name != "pip":
            return common.anonymous(overridden=any(v.lower().startswith(b"basic ") for v in sent))
        found = [wire.decode(v)[1] for v in sent]
        return common.token(next(filter(None, found))) if any(found) else common.anonymous()


class Polars(OnTheWire):
    """polars scans an hf:// path in a process of its own: its Rust side reads the environment of the process."""

    CODE = "import polars\ntry:\n    polars.scan_parquet('hf://datasets/o/d/x.parquet').collect()\nexcept Exception as e:\n    print(e)\n"

    def __init__(self, version):
        super().__init__("polars", version, polars_scenarios)

    def ask(self, sc, sbx):
        said, sent = self.scan(sc, sbx)
        if "failed to parse header value" in said:
            # It has a token that is no header text: put every byte that makes it so into words, and ask again.
            with common.Sandbox() as other:
                other.setup(dict(sc, files=[worded(x, other) for x in sc["files"]]))
                said, sent = self.scan(dict(sc, env=worded_env(sc["env"], other)), other)
            sent = [[re.sub(rb"%([0-9A-F]{2})", lambda m: bytes.fromhex(m.group(1).decode()), v) for v in q] for q in sent]
        if not sent:
            raise RuntimeError("no request: %s" % said[-200:])
        return common.token(wire.decode(sent[0][0])[1]) if sent[0] else common.anonymous()

    def scan(self, sc, sbx):
        env = sbx.env(sc, {"PATH": PATH, "PYTHONPATH": self.folder, **self.shared.env(self.tag(sbx))})
        _, out, _ = common.run([sys.executable, "-S", "-c", self.CODE], sbx, env)
        return out.decode(errors="replace"), [q.authorization for q in self.shared.take(self.tag(sbx))]


def in_words(data):
    """Control bytes as %XX; a `%` never stands in a scenario's token."""
    return re.sub(rb"[\x00-\x08\x0a-\x1f\x7f]", lambda m: b"%%%02X" % m.group(0)[0], data)


def worded(file, sbx):
    if file.get("type", "file") != "file":
        return file
    data = bytes.fromhex(file["hex"]) if "hex" in file else sbx.raw(file.get("content", ""))
    return dict({k: v for k, v in file.items() if k != "content"}, hex=in_words(data).hex())


def worded_env(env, sbx):
    value = env.get("HF_TOKEN")
    return env if value is None else dict(env, HF_TOKEN={"hex": in_words(sbx.raw(value)).hex()})


def home_scenarios(*names, switches=False):
    def make(rng, count):
        out = [s for name in names for s in cs.env_edges(name)] + (cs.switch_edges() + cs.number_edges() if switches else [])
        return out + cs.file_edges("login", cs.LOGIN) + cs.home_edges() + cs.order_edges(list(names) + ["HF_HOME", "HF_TOKEN_PATH"]) + cs.random_scenarios(rng, count, names, 0.3)
    return make


def made_dir_edges(path, env):
    """What the client meets where it makes a directory before it answers."""
    dirs = ["<HOME>" + "".join("/" + p for p in path.split("/")[:i + 1]) for i in range(path.count("/") + 1)]
    out = [cs.edge("made-no-home", dict(env, HOME=""), []), cs.edge("made-home-missing", dict(env, HOME="<HOME>/nowhere"), []), cs.edge("made-home-relative", dict(env, HOME="h"), [])]
    for i, at in enumerate(dirs):
        out += [cs.edge("made-%d-%s" % (i, name), env, [dict(cs.f(at, **kw), **more)]) for name, kw, more in [
            ("file", {"content": "x"}, {}), ("dangling", {"content": "<HOME>/nowhere/x", "type": "symlink"}, {}), ("loop", {"content": at, "type": "symlink"}, {}), ("dir", {"type": "dir"}, {}), ("closed", {"type": "dir"}, {"mode": "0555"}), ("dark", {"type": "dir"}, {"mode": "0000"})]]
    return out


def sky_scenarios(rng, count):
    old = "<HOME>/.huggingface/token"
    names = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")
    out = home_scenarios(*names)(rng, 0) + [dict(s, id="legacy-" + s["id"]) for s in cs.file_edges("old", old, others=[])]
    out += [cs.edge("both-%d" % i, {names[0]: x, names[1]: B}, [cs.f(old, D)] + [cs.f(cs.LOGIN, t)] * (t is not None)) for i, (x, t) in enumerate([(" ", None), ("", None), (None, "\n"), (A, C), ("", C), (" ", C)])]
    out += made_dir_edges(".sky/huggingface/token", {names[0]: A}) + [cs.edge("made-link", {names[0]: A}, [cs.f("<HOME>/.sky/huggingface/token", "<HOME>/t", type="symlink"), cs.f("<HOME>/t", B)]), cs.edge("made-old", {names[0]: A}, [cs.f("<HOME>/.sky/huggingface/token", B)]), cs.edge("made-locked", {names[0]: A}, [cs.f("<HOME>/.sky/huggingface/token", B, mode="0444")])]
    return out + cs.random_scenarios(rng, count, names, 0.4)


def polars_scenarios(rng, count):
    return (cs.env_edges("HF_TOKEN") + cs.file_edges("login", cs.LOGIN) + cs.file_edges("home", "<HOME>/h/token", {"HF_HOME": "<HOME>/h"}, others=[cs.f(cs.LOGIN, C)]) + cs.dir_edges("HF_HOME") + cs.home_edges()
            + cs.order_edges(["HF_TOKEN", "HF_TOKEN_PATH", "HF_HOME"]) + cs.random_scenarios(rng, count, ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"), 0.3))


def duckdb_scenarios(rng, count):
    login = [cs.f(cs.LOGIN, C)]
    return (cs.env_edges("HF_TOKEN") + cs.file_edges("login", cs.LOGIN) + cs.file_edges("path", "<HOME>/h/t", {"HF_TOKEN_PATH": "<HOME>/h/t"}, others=login) + cs.file_edges("home", "<HOME>/h/token", {"HF_HOME": "<HOME>/h"}, others=login)
            + cs.dir_edges("HF_HOME") + cs.path_edges("HF_TOKEN_PATH") + cs.home_edges() + cs.order_edges(["HF_TOKEN", "HF_TOKEN_PATH", "HF_HOME", "XDG_CACHE_HOME"]) + cs.switch_edges() + cs.random_scenarios(rng, count, ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"), 0.3))


def variable_scenarios(*names):
    """Clients that read variables alone, whatever the files hold."""
    def make(rng, count):
        login = [cs.f(cs.LOGIN, C)]
        out = [dict(s, files=s["files"] + login) for name in names for s in cs.env_edges(name)]
        words = ["true", "True", " TRUE ", "false", "False\n", "tRuE", "1", "yes", "None", "0", "truee", "\u00a0true"]
        out += [cs.edge("word-%02d" % i, {names[-1]: w}, login, repr(w)) for i, w in enumerate(words)]
        out += [cs.edge("both-%02d" % i, dict(zip(names, pair)), login) for i, pair in enumerate([(A, B), ("", B), (" ", B), (A, ""), ("", ""), ("\n", B), (A + "\n", B)]) if len(names) > 1]
        return out + cs.random_scenarios(rng, count, names, 0.3)
    return make


def langchain_scenarios(rng, count):
    alias = "HUGGINGFACEHUB_API_TOKEN"
    out = cs.env_edges(alias) + cs.env_edges("HF_TOKEN") + cs.file_edges("login", cs.LOGIN) + cs.switch_edges() + cs.number_edges() + cs.order_edges(["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_TOKEN_PATH", "HF_HOME"])
    values = [None, "", " ", A, B + "\n"]
    for i, x in enumerate(values):
        for j, y in enumerate(values):
            out.append(cs.edge("pair-%d%d" % (i, j), {alias: x, "HF_TOKEN": y, "HUGGING_FACE_HUB_TOKEN": H}, [cs.f(cs.LOGIN, C)]))
    return out + cs.random_scenarios(rng, count, (alias, "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"), 0.3)


def tgwui_scenarios(rng, count):
    """HF_USER and HF_PASS, and netrc behind them."""
    entry = cs.f("<HOME>/.netrc", "machine huggingface.co login u password %s\n" % D)
    login = cs.f(cs.LOGIN, C)
    out = []
    for i, user in enumerate([None, "", "u"]):
        for j, password in enumerate([None, "", " ", E, "é"]):
            for k, token in enumerate([None, "", A]):
                for n, files in enumerate([[login], [entry], [login, entry]]):
                    out.append(cs.edge("basic-%d%d%d%d" % (i, j, k, n), {"HF_USER": user, "HF_PASS": password, "HF_TOKEN": token}, files))
    return out + cs.switch_edges() + cs.number_edges() + cs.file_edges("login", cs.LOGIN) + cs.random_scenarios(rng, count, ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"), 0.3)


def comfy_scenarios(rng, count):
    """The configuration file is read whatever the variable says, and by Python's configparser."""
    path, env = "<HOME>/.config/comfy-cli/config.ini", "HF_API_TOKEN"
    key = "hf_api_token = %s\n" % C
    d = "[DEFAULT]\n"
    texts = [
        d + key, d + key.upper().replace(C.upper(), C), d + "hf_api_token: %s\n" % C, d + 'hf_api_token = "%s"\n' % C, d + key[:-1] + " # c\n", d + key[:-1] + " ; c\n", d + "# c\n; c\n" + key, "[x]\n" + key, "[default]\n" + key, key, d + key + "hf_api_token = %s\n" % D,
        d + key + d + "hf_api_token = %s\n" % D, d + key + "[x]\n[x]\n", d + key[:-1] + "%\n", d + key[:-1] + "%%\n", d + "foo=a%\n" + key, d + "foo=%s\nhf_api_token = %%(foo)s\n" % C, d + "hf_api_token = %(foo)s\n", d + key + "  %s\n" % D, d + "hf_api_token =\n  %s\n" % C, d + "hf_api_token\n",
        d + "hf_api_token =\n", "\ufeff" + d + key, (d + key).replace("\n", "\r\n"), d + " " + key, d + "a=b\n " + key, d + "junk line\n" + key, d + "hf_api_token    =   %s   \n" % C, d + "hf_api_token = a=b\n", "", "\n\n", d, "[x]\na=1\n" + d + key, d + key + "\n\n[x]\na=1\n", d + "hf_api_token = %(hf_api_token)s\n", d + "hf_api_token = %(FOO)s\nfoo = x\n",
        d + "x\n y\n" + key, "[DEFAULT\n" + key, "[DEFAULT] x\n" + key, " [DEFAULT]\n " + key, d + "=x\n" + key, d + ":x\n", d + key[:-1] + "\n\n  more\n", d + "hf_api_token = %%(x)s\n", d + "hf_api_token = a%(b\n", d + "hf_api_token = %s\u00a0\n" % C, d + "\u00e9 = 1\n" + key, d + "hf_api_token = %s\u00e9\n" % C, d + "hf_api_token=%s\x0c\n" % C,
    ]
    out = [cs.edge("ini-%02d" % i, {}, [cs.f(path, t)]) for i, t in enumerate(texts)]
    out += [cs.edge("ini-env-%02d" % i, {env: A}, [cs.f(path, t)]) for i, t in enumerate(texts) if i % 3 == 0]
    out += [cs.edge("ini-empty-env-%02d" % i, {env: ""}, [cs.f(path, t)]) for i, t in enumerate(texts) if i % 3 == 1]
    held = [cs.f(path, d + key)]
    out += [dict(s, files=s["files"] + held) for s in cs.env_edges(env)]
    out += [
        cs.edge("bytes", {}, [{"path": path, "hex": (d + key).encode().hex() + "ff0a"}]), cs.edge("utf-16", {}, [{"path": path, "hex": (d + key).encode("utf-16").hex()}]), cs.edge("nul", {}, [{"path": path, "hex": (d + key).encode().hex() + "000a"}]), cs.edge("directory", {}, [cs.f(path, type="dir")]),
        cs.edge("unreadable", {}, [cs.f(path, d + key, mode="000")]), cs.edge("dangling", {}, [cs.f(path, "<HOME>/nowhere", type="symlink")]), cs.edge("xdg", {"XDG_CONFIG_HOME": "<HOME>/x"}, [cs.f("<HOME>/x/comfy-cli/config.ini", d + key)]), cs.edge("xdg-beside", {"XDG_CONFIG_HOME": "<HOME>/x"}, held),
        cs.edge("home-unset", {"HOME": None}, [cs.f("<PW>/.config/comfy-cli/config.ini", d + key)]), cs.edge("home-relative", {"HOME": "h"}, [cs.f("<CWD>/h/.config/comfy-cli/config.ini", d + key)]), cs.edge("token-variable", {"HF_TOKEN": A}, []), cs.edge("login", {}, [cs.f(cs.LOGIN, C)]),
    ]
    out += made_dir_edges(".config/comfy-cli/tmp", {env: A})
    return out + [dict(s, files=s["files"] + held) for s in cs.random_scenarios(rng, count, (env, "HF_TOKEN"), 0.3)]


def old_langchain_scenarios(rng, count):
    """0.1 logs in with what it finds, so a blank value is an error of the Hub's and not decided here."""
    alias = "HUGGINGFACEHUB_API_TOKEN"
    out, values = [], [None, A, B]
    for i, x in enumerate(values):
        for j, y in enumerate(values):
            for k, login in enumerate([[], [cs.f(cs.LOGIN, C)], [cs.f(cs.LOGIN, C + "\n")]]):
                out.append(cs.edge("pair-%d%d%d" % (i, j, k), {alias: x, "HF_TOKEN": y}, login))
                out.append(cs.edge("hub-%d%d%d" % (i, j, k), {alias: x, "HUGGING_FACE_HUB_TOKEN": y}, login))
    return out


def bare(scenarios):
    """Without what a release of huggingface_hub older than the newest, which hflint supposes, has no code for."""
    later = ("http://h:abc",)
    return [s for s in scenarios if s["env"].get("HF_ENDPOINT") not in later and "HF_OIDC_RESOURCE" not in s["env"]]


def community_scenarios(rng, count):
    """Of huggingface_hub 0.30: no switches. A token of an organization is refused by its login."""
    alias = "HUGGINGFACEHUB_API_TOKEN"
    out = [s for s in cs.env_edges(alias) if not s["id"].endswith("-other-prefix")]
    out.append(cs.edge("empty-alone", {alias: ""}))
    return out + cs.number_edges() + old_langchain_scenarios(rng, count) + cs.file_edges("login", cs.LOGIN)


def pydantic_scenarios(rng, count):
    """It is not made for huggingface_hub 2."""
    return bare(cs.env_edges("HF_TOKEN") + cs.switch_edges() + cs.number_edges() + cs.random_scenarios(rng, count, ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"), 0.6))


def litgpt_scenarios(rng, count):
    return cs.env_edges("HF_TOKEN") + cs.switch_edges() + cs.number_edges() + cs.order_edges(["HF_TOKEN", "HF_HOME", "HF_TOKEN_PATH"]) + cs.random_scenarios(rng, count, ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"), 0.3)


def haystack_scenarios(rng, count):
    names = ("HF_API_TOKEN", "HF_TOKEN")
    values = [None, "", " ", A, B + "\n", "x"]
    pairs = [cs.edge("pair-%d%d" % (i, j), {names[0]: x, names[1]: y, "HUGGING_FACE_HUB_TOKEN": H}, [cs.f(cs.LOGIN, C)] * k) for i, x in enumerate(values) for j, y in enumerate(values) for k in (0, 1)]
    pairs = [dict(s, id="%s-%d" % (s["id"], len(s["files"]))) for s in pairs]
    return cs.env_edges(names[0]) + cs.switch_edges() + cs.number_edges() + pairs + cs.random_scenarios(rng, count, (*names, "HUGGING_FACE_HUB_TOKEN"), 0.3)


def xinference_scenarios(rng, count):
    old, new, home = "HUGGING_FACE_HUB_TOKEN", "HF_TOKEN", "XINFERENCE_HOME"
    own, page = "<HOME>/.xinference/openmind_hub/huggingface/token", "<HOME>/.xinference/system-settings.json"
    out = cs.env_edges(old) + cs.switch_edges() + cs.number_edges() + cs.home_edges() + cs.order_edges([old, new, "HF_HOME"])
    for i, d in enumerate(cs.DIRS):
        # The root directory is no scenario's to fill.
        there = [cs.f((d.replace("<HOME>/nowhere/../", "<HOME>/") or ".") + "/openmind_hub/huggingface/token", D)] if d != "/" else []
        out.append(cs.edge("own-home-%02d" % i, {home: d}, cs.all_places() + there + [cs.f(own, E)], d))
    values = [None, "", " ", "\u00a0", A, " " + B + "\n", "x y"]
    out += [cs.edge("pair-%d%d" % (i, j), {old: x, new: y}, [cs.f(own, D)]) for i, x in enumerate(values) for j, y in enumerate(values)]
    fields = {"download_source": "auto", "hf_endpoint": "", "hf_token": E, "pip_index_url": "", "download_max_attempts": 3, "hub_detect_timeout": 3.0, "model_download_workers": 2}
    texts = [{"version": 1, "settings": s} for s in [
        fields, {}, {"hf_token": E}, {"hf_token": ""}, {"hf_token": " \n"}, {"hf_token": "\u00a0" + E + "\n"}, {"hf_token": None}, {"hf_token": 3}, {"hf_token": [E]}, {"hf_token": "a\nb"}, dict(fields, more=1), dict(fields, download_source=" HuggingFace "), dict(fields, download_source="x"),
        dict(fields, download_max_attempts=0), dict(fields, download_max_attempts=True), dict(fields, download_max_attempts=1.0), dict(fields, download_max_attempts=10 ** 30), dict(fields, hub_detect_timeout=0), dict(fields, hub_detect_timeout=True), dict(fields, hub_detect_timeout=1), dict(fields, hub_detect_timeout="3"),
        dict(fields, model_download_workers=-1), dict(fields, pip_index_url=None), dict(fields, hf_endpoint=1), dict(fields, hf_endpoint=" https://h.test "), [], None, "x",
    ]] + [{"version": v, "settings": {"hf_token": E}} for v in (1, 1.0, True, 2, "1", None)] + [{"settings": {"hf_token": E}}, {"version": 1}, [], None, 1]
    texts = [json.dumps(t) for t in texts] + ["", "{", "\ufeff" + json.dumps(texts[0]), json.dumps(texts[0]) + " x", '{"version": 1, "version": 2, "settings": {"hf_token": "%s"}}' % E, '{"version": 1, "settings": {"hf_token": "%s", "hf_token": "%s"}}' % (E, D), '{"version": 1, "settings": {"hf_token": "%s", "hub_detect_timeout": NaN}}' % E]
    for i, t in enumerate(texts):
        out.append(cs.edge("page-%02d" % i, {new: A}, [cs.f(page, t), cs.f(own, D)], t[:60]))
    out += [
        cs.edge("page-moved", {new: A, "XINFERENCE_SYSTEM_SETTINGS_PATH": "<HOME>/s"}, [cs.f("<HOME>/s", json.dumps({"version": 1, "settings": {"hf_token": E}}))]), cs.edge("page-nowhere", {new: A, "XINFERENCE_SYSTEM_SETTINGS_PATH": ""}, [cs.f(page, json.dumps({"version": 1, "settings": {"hf_token": E}}))]),
        cs.edge("page-directory", {new: A}, [cs.f(page, type="dir")]), cs.edge("page-unreadable", {new: A}, [cs.f(page, json.dumps({"version": 1, "settings": {"hf_token": E}}), mode="000")]), cs.edge("page-not-utf8", {new: A}, [{"path": page, "hex": "7bff7d"}]), cs.edge("page-without", {}, [cs.f(page, json.dumps({"version": 1, "settings": {"hf_token": E}}))]),
    ]
    for s in cs.random_scenarios(rng, count, (old, new), 0.3):
        out.append(dict(s, files=s["files"] + [cs.f(own, D)], env=dict(s["env"], **({home: rng.choice(cs.DIRS)} if rng.random() < 0.3 else {}))))
    return out


def vllm_cli_scenarios(rng, count):
    """Its file is YAML; what may be no text to one of two versions of YAML is not asked for."""
    path, names = "<HOME>/.config/vllm-cli/config.yaml", ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")
    key, login = "hf_token: %s\n" % C, cs.f(cs.LOGIN, E)
    texts = [
        key, "hf_token: '%s'\n" % C, 'hf_token: "%s"\n' % C, "a: b\n" + key, "x:\n  " + key, "# " + key, key[:-1] + " # c\n", "hf_token:\n", "hf_token: ''\n", "hf_token: ~\n", key + "hf_token: %s\n" % D, "hf_token: |\n  %s\n" % C, "hf_token: >-\n  %s\n" % C, "", "\n", "{hf_token: %s}\n" % C, key.replace("\n", "\r\n"),
        "a: &t %s\nhf_token: *t\n" % C, "---\n" + key, "universal_environment:\n  HF_TOKEN: %s\n" % D, "universal_environment:\n  HF_TOKEN: %s\n" % D + key, "universal_environment:\n  HUGGING_FACE_HUB_TOKEN: %s\n" % D, "universal_environment:\n  HF_TOKEN_PATH: /nonexistent\n  N: 1\n", "universal_environment: {}\n", "hf_token : %s\n" % C,
    ]
    held = [{}, {names[0]: A}, {names[1]: B}, {names[0]: ""}]
    out = [cs.edge("yaml-%02d-%d" % (i, j), env, [cs.f(path, t), login], t[:60]) for i, t in enumerate(texts) for j, env in enumerate(held)]
    out += [cs.edge("bytes", {}, [{"path": path, "hex": key.encode().hex() + "ff0a"}, login]), cs.edge("directory", {names[0]: A}, [cs.f(path, type="dir")]), cs.edge("unreadable", {names[0]: A}, [cs.f(path, key, mode="000")]), cs.edge("xdg", {"XDG_CONFIG_HOME": "<HOME>/x"}, [cs.f("<HOME>/x/vllm-cli/config.yaml", key)])]
    return out + cs.env_edges(names[0]) + cs.switch_edges() + cs.number_edges() + [dict(s, files=s["files"] + [cs.f(path, key)]) for s in cs.random_scenarios(rng, count, names, 0.4) if s["env"].get("HOME", 1) == 1]


class OldLangchain(OnTheWire):
    """It logs in first: the first header counts, which is that of the token that it took."""

    def ask(self, sc, sbx):
        self.probe(sc, sbx)
        sent = [q for q in self.shared.take(self.tag(sbx)) if q.authorization]
        return common.token(wire.decode(sent[0].authorization[0])[1]) if sent else common.anonymous()


def clients(opts):
    return [
        Plain("requests", "http"),
        Plain("httpx", "http"),
        Plain("pip", "http"),
        Python("skypilot-api", "0.14.1", sky_scenarios, lock="skypilot-0.14.1"),
        Python("skypilot-mount", "0.14.1", sky_scenarios, lock="skypilot-0.14.1"),
        Python("ramalama", "0.25.0", home_scenarios("HF_TOKEN")),
        Python("comfy-cli", "1.23.0", comfy_scenarios),
        Python("litellm-chat", "1.109.1", variable_scenarios("HF_TOKEN", "HUGGINGFACE_API_KEY"), {"LITELLM_MODE": "PRODUCTION"}, "litellm-1.109.1"),
        Python("litellm-embed", "1.109.1", variable_scenarios("HUGGINGFACE_API_KEY"), {"LITELLM_MODE": "PRODUCTION"}, "litellm-1.109.1"),
        Python("langchain-hf", "1.2.3", langchain_scenarios),
        OldLangchain("langchain-hf", "0.1.2", old_langchain_scenarios, probe="langchain-hf-old"),
        Python("langchain-community", "0.4.2", community_scenarios),
        Python("smolagents", "1.26.0", home_scenarios("HF_TOKEN", switches=True)),
        Python("pydantic-ai", "2.68.0", pydantic_scenarios),
        Python("haystack", "2.26.0", haystack_scenarios),
        Python("litgpt", "0.5.13", litgpt_scenarios),
        Python("xinference", "4.1.0", xinference_scenarios),
        Python("vllm-cli", "0.2.5", vllm_cli_scenarios),
        Python("tgwui", None, tgwui_scenarios, lock="tgwui"),
        Polars("2.1.0"),
        Python("duckdb", "1.5.5", duckdb_scenarios),
    ]
