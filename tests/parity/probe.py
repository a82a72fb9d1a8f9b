"""Runs inside the client's interpreter: one huggingface_hub version, its own code, no network.

Nothing of huggingface_hub is copied here: every answer comes from running the version itself.
Two ways in:

    probe.py serve PKG DEPS TMP LEVEL   import once, then answer lists of scenarios (a line of JSON on
                                        standard input each), every list in a fork that runs, for each
                                        scenario, the modules again which read the environment: some 8 ms
    probe.py once FD PKG DEPS PASSWD    a fresh interpreter under exactly the scenario's
                                        environment: the reference, some 500 ms each

LEVEL is "answer" (only what a call would send) or "full" (also paths, stored tokens, files written).

The answer is what the header of a call without a token argument would carry; before 0.10, which
has no such header, the ambient token:

    {"token": HEX}    exact bytes     {"anonymous": true}
    {"error": CLASS}  raised          {"unknown": true}  it needed the network first and failed there
"""
import importlib
import json
import os
import shutil
import signal
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sandbox import Sandbox  # noqa: E402

NET = []  # hosts it tried to reach
USES_TQDM = None  # see uses_tqdm(); asked once

# Imported before the forks, or every fork would do it again. The HTTP stacks are named by what the
# release itself imports: the more memory, the slower the fork.
PRELOAD = "configparser json importlib.metadata pwd inspect encodings.idna encodings.ascii shlex".split()
STACKS = {"httpx": ["httpx", "httpcore", "h11", "anyio"], "httpx2": ["httpx2", "httpcore2", "h11", "anyio", "truststore"]}

# Modules whose top level reads the environment, directly or through constants, in the order to run
# them again. A module that is missing here shows in `oracle.py check`.
RELOAD = ["constants", "utils._http", "utils._hf_folder", "utils._token", "utils._auth", "_login", "utils._headers", "hf_api"]


def cut_network():
    import socket

    def deny_connect(self, address):
        NET.append(":".join(str(x) for x in address[:2]) if isinstance(address, tuple) else str(address))
        raise ConnectionRefusedError(111, "oracle: network is cut off")

    def deny_lookup(host, port, *a, **k):
        NET.append("%s:%s" % (host.decode() if isinstance(host, bytes) else host, port))
        raise socket.gaierror(-2, "oracle: network is cut off")

    socket.socket.connect = deny_connect
    socket.socket.connect_ex = lambda self, a: 111
    socket.getaddrinfo = deny_lookup
    time.sleep = lambda s: None


def patch_pwd(entries):
    """The scenario's own password database: [(name, uid, home)]."""
    import pwd

    def row(name, uid, home):
        return pwd.struct_passwd((name, "x", uid, uid, "", home, "/bin/sh"))

    def find(at, key):
        for e in entries:
            if e[at] == key:
                return row(*e)
        raise KeyError(key)

    pwd.getpwuid = lambda uid: find(1, uid)
    pwd.getpwnam = lambda name: find(0, name)


class Fence:
    """No client may write outside the sandbox, whatever path a scenario makes up."""

    root = None
    crossed = False

    @classmethod
    def watch(cls, event, args):
        if cls.root is None:
            return
        if event == "open":
            path, _, flags = args
            if not isinstance(flags, int) or not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC):
                return
        elif event in ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.symlink", "os.link", "os.chmod", "os.chown", "os.truncate"):
            path = args[0]
        else:
            return
        if isinstance(path, int):
            return
        path = os.path.realpath(os.fsencode(path)) if os.path.isabs(os.fsencode(path)) else cls.root
        if path != b"/dev/null" and not path.startswith((cls.root, b"/dev/null/")):
            cls.crossed = True
            raise PermissionError("oracle: outside the sandbox")


def class_name(error):
    """The name of an exception's class. With EAGER_IMPORT (before 0.23) the modules import each other in a circle, and
    the hash seed decides where it breaks: 0.16.4 raises ModuleNotFoundError in some runs and ImportError in others, 0.8
    and 0.9 also AttributeError. All of them count as ImportError."""
    circle = isinstance(error, AttributeError) and os.environ.get("EAGER_IMPORT")
    return "ImportError" if isinstance(error, ImportError) or circle else type(error).__name__


def guarded(fn):
    try:
        return fn()
    except Exception as e:  # noqa: BLE001 - the class is the answer
        return {"error": class_name(e)}


def find_functions():
    """(ambient token function, build_hf_headers or None, its token keyword)."""
    getter = None
    for mod in ("huggingface_hub.utils._auth", "huggingface_hub.utils._token", "huggingface_hub._login"):
        try:
            getter = importlib.import_module(mod).get_token
            break
        except (ImportError, AttributeError):
            continue
    if getter is None:
        try:
            from huggingface_hub.utils._hf_folder import HfFolder
        except ImportError:
            from huggingface_hub.hf_api import HfFolder
        getter = HfFolder.get_token
    build, key = None, "token"
    try:
        build = importlib.import_module("huggingface_hub.utils._headers").build_hf_headers
    except (ImportError, AttributeError):
        return getter, None, key
    import inspect

    names = inspect.signature(inspect.unwrap(build)).parameters
    if "use_auth_token" in names and "token" not in names:
        key = "use_auth_token"
    return getter, build, key


def constant(name):
    m = sys.modules.get("huggingface_hub.constants")
    if m is None:
        return "n/a"
    v = getattr(m, name, "n/a")
    return str(v) if isinstance(v, os.PathLike) else v


def old_token_path():
    try:
        try:
            from huggingface_hub.utils._hf_folder import HfFolder
        except ImportError:
            from huggingface_hub.hf_api import HfFolder
        return str(HfFolder.path_token)
    except Exception:  # noqa: BLE001
        return "n/a"


def authorization(headers):
    for k, v in headers.items():
        if k.lower() == "authorization":
            return v
    return None


def answer(getter, build):
    """See the head of this file. Asked first, as a real call would: some versions write files."""
    try:
        if build is None:
            value = getter()
        else:
            value = authorization(build())
            if value is not None:
                if not value.startswith("Bearer "):
                    return {"error": "oracle: not a Bearer header"}
                value = value[len("Bearer "):]
    except Exception as e:  # noqa: BLE001
        return {"unknown": True} if NET else {"error": class_name(e)}
    if value is None:
        return {"anonymous": True}
    return {"token": value.encode("utf-8", "surrogateescape").hex()}


def silence_agent_registry():
    """From 1.19 on the first user agent asks the hub, without a token, for a list of agents: telemetry,
    its failures are swallowed. An empty list, or it would drown the hosts that matter."""
    agents = sys.modules.get("huggingface_hub.utils._detect_agent")
    if agents is not None:
        agents._registry = {"standardEnvVars": [], "harnesses": {}}


def probe(prepare, full):
    """`prepare` imports or reloads the package under the scenario's environment."""
    import warnings

    seen = []
    warnings.simplefilter("default")
    warnings.showwarning = lambda message, category, *a, **k: seen.append(category.__name__)
    try:
        prepare()
        getter, build, key = find_functions()
    except Exception as e:  # noqa: BLE001
        return {"answer": {"error": class_name(e)}, "at": "import"}
    silence_agent_registry()
    del NET[:]
    out = {"answer": answer(getter, build)}
    if not full:
        return out
    out["net"] = sorted(set(NET))
    out["token"] = guarded(getter)
    out["header_true"] = guarded(lambda: authorization(build(**{key: True}))) if build else "n/a"
    out["endpoint"] = constant("ENDPOINT")
    path = constant("HF_TOKEN_PATH")
    out["token_path"] = path if path != "n/a" else old_token_path()
    out["stored_path"] = constant("HF_STORED_TOKENS_PATH")
    cache = constant("HF_HUB_CACHE")
    out["hub_cache"] = cache if cache != "n/a" else constant("HUGGINGFACE_HUB_CACHE")
    out["offline"] = constant("HF_HUB_OFFLINE")
    out["implicit_off"] = constant("HF_HUB_DISABLE_IMPLICIT_TOKEN")
    auth = sys.modules.get("huggingface_hub.utils._auth")
    out["stored"] = guarded(auth.get_stored_tokens) if hasattr(auth, "get_stored_tokens") else "n/a"
    out["warnings"] = sorted(set(seen) - {"DeprecationWarning", "SyntaxWarning", "ResourceWarning"})
    return out


def plain(value, sbx):
    """Ready for JSON: raw bytes as <xHH>, the sandbox's paths as placeholders."""
    if isinstance(value, str):
        return sbx.hide("".join("<x%02x>" % (ord(c) - 0xDC00) if 0xDC80 <= ord(c) <= 0xDCFF else c for c in value))
    if isinstance(value, list):
        return [plain(x, sbx) for x in value]
    if isinstance(value, dict):
        return {plain(k, sbx): plain(x, sbx) for k, x in value.items()}
    return value


def start(pkg, deps):
    sys.path[:0] = [pkg, deps]
    sys.dont_write_bytecode = True
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)


def once(fd, pkg, deps, passwd):
    """A fresh interpreter; also imports what a hub call would, in case that dies."""
    start(pkg, deps)
    cut_network()
    if passwd:
        patch_pwd(json.loads(passwd))

    def prepare():
        importlib.import_module("huggingface_hub")
        importlib.import_module("huggingface_hub.hf_api")

    with os.fdopen(int(fd), "wb") as h:
        h.write(json.dumps(probe(prepare, True), default=str).encode())


def serve(pkg, deps, tmp, level):
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    start(pkg, deps)
    neutral = tempfile.mkdtemp(prefix="hfn", dir=tmp)
    os.environ["HOME"] = neutral
    os.umask(0o022)
    import warnings

    warnings.simplefilter("ignore")
    for m in PRELOAD:
        importlib.import_module(m)
    broken = None
    try:
        importlib.import_module("huggingface_hub")
        find_functions()
    except Exception as e:  # noqa: BLE001
        broken = {"answer": {"error": class_name(e)}, "at": "import"}
    for stack in STACKS:
        if stack in sys.modules:
            for m in STACKS[stack]:
                importlib.import_module(m)
    cut_network()
    # hf_api is needed again only where it holds HfFolder itself (before 0.10)
    names = ["huggingface_hub." + x for x in RELOAD]
    if "huggingface_hub.utils._hf_folder" in sys.modules or "huggingface_hub.utils._auth" in sys.modules:
        names.remove("huggingface_hub.hf_api")
    if any(n in sys.modules for n in ("huggingface_hub.utils._auth", "huggingface_hub.utils._token")):
        names.remove("huggingface_hub._login")
    again = [sys.modules[n] for n in names if n in sys.modules]
    again = [(m.__spec__.loader.get_code(m.__name__), m.__dict__) for m in again]
    import gc

    gc.collect()
    gc.disable()
    gc.freeze()
    sys.addaudithook(Fence.watch)
    global USES_TQDM
    for line in sys.stdin.buffer:
        scenarios = json.loads(line)
        if USES_TQDM is None and any(name.startswith("TQDM_") for s in scenarios for name in s.get("env", {})):
            USES_TQDM = uses_tqdm()
        results = [broken] * len(scenarios) if broken else forked(scenarios, again, tmp, level == "full")
        out.write(json.dumps(results).encode() + b"\n")
    shutil.rmtree(neutral, ignore_errors=True)


def import_tqdm():
    """tqdm reads its own variables when it is imported: once more, if this release's calls import it."""
    for name in [n for n in sys.modules if n.split(".")[0] == "tqdm"]:
        del sys.modules[name]
    if USES_TQDM:
        importlib.import_module("tqdm.std")


def uses_tqdm():
    """Whether what a fresh interpreter imports (see `once`) has tqdm in it: asked in a fork, which forgets it all."""
    pid = os.fork()
    if pid == 0:
        try:
            importlib.import_module("huggingface_hub.hf_api")
        finally:
            os._exit("tqdm.std" in sys.modules)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1


def forked(scenarios, again, tmp, full):
    """Their results. Where a fork dies, what it left is asked one by one."""
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(r)
            with os.fdopen(w, "wb") as out:
                for s in scenarios:
                    signal.alarm(120)
                    out.write(json.dumps(asked(s, again, tmp, full), default=str).encode() + b"\n")
                    out.flush()
        finally:
            os._exit(0)
    os.close(w)
    with os.fdopen(r, "rb") as h:
        results = [json.loads(line) for line in h if line.endswith(b"\n")]
    os.waitpid(pid, 0)
    rest = scenarios[len(results):]
    if rest and len(scenarios) == 1:
        return [{"answer": {"error": "oracle: died"}}]
    for s in rest:
        results += forked([s], again, tmp, full)
    return results


def asked(scenario, again, tmp, full):
    """Run in the fork."""
    import pwd

    with Sandbox(tmp, scenario) as sbx:
        before = sbx.snapshot() if full else None
        os.environ.clear()
        for k, v in sbx.environment().items():
            os.environb[k] = v
        real = pwd.getpwuid, pwd.getpwnam
        if sbx.private_passwd():
            patch_pwd(sbx.passwd())
        sbx.enter_and_lock()
        Fence.root, Fence.crossed = sbx.root, False

        def prepare():
            if any(name.startswith("TQDM_") for name in os.environ):
                import_tqdm()
            for code, namespace in again:
                exec(code, namespace)

        try:
            res = plain(probe(prepare, full), sbx)
        finally:
            Fence.root = None
            pwd.getpwuid, pwd.getpwnam = real
        if Fence.crossed:
            return {"answer": {"error": "oracle: it would have written outside the sandbox"}}
        if full and res.get("at") != "import":
            res["fs"] = sbx.changes(before)
        return res


if __name__ == "__main__":
    {"serve": serve, "once": once}[sys.argv[1]](*sys.argv[2:])
