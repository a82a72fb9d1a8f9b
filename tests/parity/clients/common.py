"""Shared by every parity driver beside this file: sandbox, loopback server, hflint, comparison.

Standard library only.  A driver is a directory here with a `driver.py` that has
`clients(opts) -> [Client]`; `run` finds them.  For every client and scenario the
real client and `hflint status --client NAME@VERSION` run in two equal sandboxes,
and outcome, token bytes and error class must agree.

Scenario: {"id", "note", "env": {NAME: str | {"hex": …} | None}, "files": [{path,
content | hex, mode, type}]}, the format of the huggingface_hub oracle.  HOME is
`<HOME>` unless env has a HOME entry (null: not set).  Placeholders in values,
paths and contents: <HOME> <CWD> <SBX> <PW> (the home of the password database,
see `fake_passwd`) and <NOW+n> <NOW-n> (unix time).  `passwd` is ours alone: see Sandbox.setup.
`common_scenarios.py` has edges and a random generator that fit most clients.
"""
import ctypes
import hashlib
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import mounts  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
# Everything built or downloaded lies here, so the tree stays clean and `cargo clean` removes it.
BUILD = os.path.join(ROOT, "target", "parity")


def tok(letter):
    """A fake token of the usual shape, one letter repeated: no text shaped like a token stands in a file."""
    return "hf_" + letter * 34


def fold(text):
    """`text` with runs of one character shortened, so that no log holds what looks like a token."""
    return re.sub(r"(.)\1{9,}", r"\1…", text)


class Unavailable(Exception):
    """The client can't be built or installed; the run fails and says why."""


# --------------------------------------------------------------------------- answers

class Answer:
    """What a client sends: outcome `token` (with the exact bytes), `anonymous` or `error` (with a class)."""

    def __init__(self, outcome, token=None, error=None, fingerprint=None, overridden=None):
        self.outcome = outcome
        self.error = error
        self.token = token
        # Whether a Basic header goes out in its place; None: this client was not asked that.
        self.overridden = overridden
        if fingerprint is None and token is not None:
            fingerprint = hashlib.sha256(token).hexdigest()[:16]
        self.fingerprint = fingerprint

    def agrees(self, ours):
        """Whether hflint's answer says the same."""
        return self.key() == ours.key() and self.overridden in (None, ours.overridden)

    def key(self):
        return (self.outcome, self.fingerprint if self.outcome == "token" else None, self.error if self.outcome == "error" else None)

    def __repr__(self):
        # Only ever fake tokens of a scenario: their letter says at once which file or variable won.
        shown = "" if self.token is None else " " + fold(repr(self.token))
        return "%s%s%s%s%s" % (self.outcome, shown, " [%s]" % self.fingerprint if self.outcome == "token" else "", " " + str(self.error) if self.error else "",
                               " (overridden)" if self.overridden else "")


def token(data):
    return Answer("token", data)


def anonymous(overridden=None):
    return Answer("anonymous", overridden=overridden)


def error(name):
    return Answer("error", error=name)


# --------------------------------------------------------------------------- sandbox

class Sandbox:
    """One throw-away directory tree: home/, cwd/, pw/ and the scenario's files."""

    def __init__(self, base=None):
        # realpath: a client that asks for its working directory gets the resolved one.
        self.root = os.path.realpath(tempfile.mkdtemp(prefix="hfp", dir=base))
        self.names = {
            "<SBX>": self.root,
            "<HOME>": self.root + "/home",
            "<CWD>": self.root + "/cwd",
            "<PW>": self.root + "/pw",
        }
        for k in ("<HOME>", "<CWD>", "<PW>"):
            os.mkdir(self.names[k])
        self.now = int(time.time())
        self.passwd = "<PW>"

    def setup(self, sc):
        """Make this sandbox the scenario's: its files, and the home that the password database names.

        Scenario key `passwd`: a path, "" (no home), or null (this user has no entry); default `<PW>`.
        """
        self.passwd = sc.get("passwd", "<PW>")
        self.fill(sc.get("files", []))

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    home = property(lambda self: self.names["<HOME>"])
    cwd = property(lambda self: self.names["<CWD>"])
    pw = property(lambda self: self.names["<PW>"])

    def sub(self, s):
        for k, v in self.names.items():
            s = s.replace(k, v)
        return re.sub(r"<NOW([+-]\d+)>", lambda m: str(self.now + int(m.group(1))), s)

    def raw(self, v):
        if isinstance(v, dict):
            return bytes.fromhex(v["hex"])
        return self.sub(v).encode("utf-8", "surrogatepass")

    def fill(self, files):
        late = []
        for f in files:
            p = os.path.join(self.cwd, self.sub(f["path"]))
            if not os.path.normpath(p).startswith(self.root + "/"):
                raise ValueError("scenario file outside the sandbox: " + f["path"])
            kind = f.get("type", "file")
            try:
                os.makedirs(os.path.dirname(p), exist_ok=True)
                if kind == "dir":
                    os.makedirs(p, exist_ok=True)
                elif kind == "symlink":
                    os.symlink(self.sub(f["content"]), p)
                else:
                    data = bytes.fromhex(f["hex"]) if "hex" in f else self.raw(f.get("content", ""))
                    with open(p, "wb") as h:
                        h.write(data)
            except OSError:
                continue  # two files of one scenario cannot both exist: the first one stays
            if "mode" in f:
                late.append((p, int(f["mode"], 8)))
        for p, m in reversed(late):
            os.chmod(p, m)

    def env(self, sc, extra=None):
        """The scenario's exact environment as bytes; nothing of ours leaks in (`extra`: what points a client at loopback)."""
        env = {"HOME": "<HOME>"}
        env.update(sc.get("env", {}))
        env.update(extra or {})
        return {k.encode(): self.raw(v) for k, v in env.items() if v is not None}

    def close(self):
        for dp, dn, fn in os.walk(self.root):
            for n in dn:
                try:
                    if not os.path.islink(os.path.join(dp, n)):
                        os.chmod(os.path.join(dp, n), 0o700)
                except OSError:
                    pass
        shutil.rmtree(self.root, ignore_errors=True)


# --------------------------------------------------------------------------- processes

_LIBC = ctypes.CDLL(None, use_errno=True)
# No client here ends with this status.
NO_MOUNTS = 121


def drop_caps():
    """Root reads every file; without these two capabilities the mode bits count for root too."""
    for cap in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        _LIBC.prctl(24, cap, 0, 0, 0)  # PR_CAPBSET_DROP


def fake_passwd(path):
    """Put `path` in place of /etc/passwd, and the file alone as its source, for this process (a mount namespace).

    Preloading a library instead would not reach a static binary, and hflint is one.
    """
    try:
        mounts.own()
        mounts.bind(path.encode(), b"/etc/passwd")
        # Other sources (systemd's makes up a root) would answer where the file has no entry.
        if os.path.exists("/etc/nsswitch.conf"):
            mounts.bind(path.encode() + b".nss", b"/etc/nsswitch.conf")
    except OSError:
        os._exit(NO_MOUNTS)


def write_passwd(sbx):
    """The machine's password database with the scenario's home for this user."""
    out = []
    for line in open("/etc/passwd"):
        f = line.rstrip("\n").split(":")
        if len(f) == 7 and f[2] != str(os.getuid()):
            out.append(":".join(f))
    if sbx.passwd is not None:
        out.append("u:x:%d:%d::%s:/bin/sh" % (os.getuid(), os.getgid(), sbx.sub(sbx.passwd)))
    p = sbx.root + "/passwd"
    with open(p, "w") as h:
        h.write("\n".join(out) + "\n")
    with open(p + ".nss", "w") as h:
        h.write("passwd: files\ngroup: files\nhosts: files\n")
    for x in (p, p + ".nss"):
        os.chmod(x, 0o644)
    return p


def run(cmd, sbx, env, timeout=300):
    """Run `cmd` in the sandbox with exactly `env`; (returncode, stdout, stderr) as bytes.

    `timeout`, in seconds, is for a client that hangs: one that is only slow on a busy machine shall never meet it.
    """
    # Only HOME decides whether a program asks the password database; a namespace for every run would be slow.
    passwd = None if env.get(b"HOME") else write_passwd(sbx)

    def before():
        if passwd:
            fake_passwd(passwd)
        drop_caps()

    p = subprocess.Popen(cmd, env=env, cwd=sbx.cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=before)
    try:
        out, err = p.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        p.kill()
        p.communicate()
        raise RuntimeError("timeout: %r" % (cmd,))
    if p.returncode == NO_MOUNTS:
        raise RuntimeError("no mount namespace here, so HOME unset can't be tested")
    return p.returncode, out, err


def tool(cmd, cwd, env=None):
    """Run a build tool (cargo, npm, pip) with our own environment; Unavailable with its last lines on failure."""
    full = dict(os.environ)
    full.update(env or {})
    try:
        p = subprocess.run(cmd, cwd=cwd, env=full, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except OSError as e:
        raise Unavailable("%s: %s" % (cmd[0], e))
    if p.returncode != 0:
        raise Unavailable("%s failed:\n%s" % (" ".join(cmd), p.stdout.decode(errors="replace")[-2000:]))
    return p.stdout


def python_packages(name, lock):
    """Install exactly the packages of a lock file (one `name==version` a line) in a folder of their own; its path."""
    folder, wanted = os.path.join(BUILD, "python", name), open(lock).read()
    mark = os.path.join(folder, ".lock")
    if not os.path.exists(mark) or open(mark).read() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        # --no-deps: the lock is complete, and a resolver would bring what only other parts of the client need.
        tool([sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps", "--target", folder, "-r", lock], ROOT)
        with open(mark, "w") as h:
            h.write(wanted)
    return folder


# --------------------------------------------------------------------------- loopback server

class Request:
    def __init__(self, method, path, headers):
        self.method, self.path, self.headers = method, path, headers

    @property
    def authorization(self):
        """Raw bytes of the header as they stood on the wire after `name:` and one blank, or None."""
        for k, v in self.headers:
            if k.lower() == b"authorization":
                return v[1:] if v.startswith(b" ") else v
        return None


def bearer(value):
    """The token of an Authorization value: what follows `Bearer `; b"" for a bare `Bearer`; None if not Bearer."""
    if value is None:
        return None
    if value == b"Bearer":
        return b""
    if value.startswith(b"Bearer "):
        return value[7:]
    return None


class Server:
    """Loopback HTTP server that records every request and answers at once.

    http.server is not used: its header parser strips blanks, and blanks are what is measured here.
    `respond(Request) -> (status line, [(name, value)], body)`, all bytes.
    """

    def __init__(self, respond=None):
        self.requests = []
        self.respond = respond or (lambda r: (b"401 Unauthorized", [], b'{"error":"no"}'))
        self.sock = socket.create_server(("127.0.0.1", 0))
        self.port = self.sock.getsockname()[1]
        self.url = "http://127.0.0.1:%d" % self.port
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def close(self):
        # shutdown wakes accept(); close alone would leave the thread in it.
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.sock.close()

    def _serve(self):
        while True:
            try:
                c, _ = self.sock.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(c,), daemon=True).start()

    def _one(self, c):
        c.settimeout(10)
        data = b""
        try:
            while b"\r\n\r\n" not in data:
                more = c.recv(65536)
                if not more:
                    break
                data += more
            if not data:
                return
            head, _, rest = data.partition(b"\r\n\r\n")
            lines = head.split(b"\r\n")
            first = lines[0].split(b" ")
            headers = [tuple(x.split(b":", 1)) for x in lines[1:] if b":" in x]
            length = next((int(v) for k, v in headers if k.lower() == b"content-length"), 0)
            while len(rest) < length:
                more = c.recv(65536)
                if not more:
                    break
                rest += more
            req = Request(first[0].decode("latin-1"), (first[1] if len(first) > 1 else b"").decode("latin-1"), headers)
            self.requests.append(req)
            status, extra, body = self.respond(req)
            out = b"HTTP/1.1 " + status + b"\r\n" + b"".join(k + b": " + v + b"\r\n" for k, v in extra)
            out += b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body)
            c.sendall(out + (b"" if req.method == "HEAD" else body))
        except (OSError, ValueError):
            pass
        finally:
            c.close()


# --------------------------------------------------------------------------- hflint

def hflint_binary(given=None):
    """The binary to test: given, $HFLINT_BIN, or the newest of target/{debug,release}/hflint."""
    if given or os.environ.get("HFLINT_BIN"):
        p = os.path.abspath(given or os.environ["HFLINT_BIN"])
        if not os.access(p, os.X_OK):
            raise SystemExit("no such binary: %s" % p)
        return p
    found = []
    for dp, dn, fn in os.walk(os.path.join(ROOT, "target")):
        depth = dp[len(ROOT):].count(os.sep)
        dn[:] = [d for d in dn if depth < 3 and d not in ("deps", "build", "incremental", "parity", ".fingerprint", "examples")]
        if "hflint" in fn and os.path.basename(dp) in ("debug", "release", "profiling"):
            found.append(os.path.join(dp, "hflint"))
    if not found:
        raise SystemExit("no hflint binary: run cargo build first, or set HFLINT_BIN")
    return max(found, key=os.path.getmtime)


def hflint_statuses(binary, labels, sbx, env):
    """The Answer for each `NAME[@VERSION]`, from one run of `status --format json`."""
    args = [x for label in labels for x in ("--client", label)]
    rc, out, err = run([binary, "status", "--format", "json", "--fingerprint"] + args, sbx, env)
    if rc != 0:
        raise RuntimeError("hflint status %s: exit %d: %s" % (" ".join(labels), rc, err.decode(errors="replace")[-400:]))
    rows = json.loads(out)["clients"]
    got = [r["client"] + ("@" + r["client_version"] if "@" in label else "") for label, r in zip(labels, rows)]
    if len(rows) != len(labels) or got != labels:
        raise RuntimeError("hflint status: asked for %s, answered %s" % (labels, got))
    return [Answer(r["outcome"], error=r.get("error"), fingerprint=r.get("fingerprint"), overridden=r.get("overridden_by") is not None) for r in rows]


# --------------------------------------------------------------------------- clients and comparison

class Client:
    """One client at one version.  Subclasses: `prepare` once, `ask` per scenario, `scenarios`."""

    name = "?"          # the id that `hflint status --client` knows
    version = None
    quick = True        # False: only with --all; without it hflint is compared with what was recorded
    driver = None       # the directory of its driver, set by `run`
    package = None      # what a machine lacks that has no such program

    def prepare(self):
        """Build or install (idempotent); raise Unavailable when it can't be done."""

    def needs_version(self):
        """For a program of this machine: it is here and said which release it is."""
        if self.version is None:
            raise Unavailable("%s is not here: apt-get install %s" % (self.name, self.package))

    def scenarios(self, rng, count):
        """Hand-written edges, then `count` random ones from `rng`."""
        raise NotImplementedError

    def ask(self, sc, sbx):
        """Run the real client in `sbx` (already set up) and return its Answer."""
        raise NotImplementedError

    def label(self):
        return self.name if self.version is None else "%s@%s" % (self.name, self.version)


def compare_one(client, sc, binary):
    """None when both agree, else (client's Answer, hflint's Answer)."""
    # A sandbox each: a client may write (git stores, caches) and must not change what hflint sees.
    with Sandbox() as sbx:
        sbx.setup(sc)
        real = client.ask(sc, sbx)
    if binary is None:
        return real, None
    with Sandbox() as other:
        # Both sandboxes have names of the same length and other digits; a token never holds a path here.
        other.setup(sc)
        ours = hflint_statuses(binary, [client.label()], other, other.env(sc))[0]
    return None if real.agrees(ours) else (real, ours)


def compare(client, scenarios, binary, jobs, show=20):
    """Print every disagreement; the number of them."""
    bad = 0
    counts = {}

    def work(sc):
        try:
            return compare_one(client, sc, binary)
        except Exception as e:  # noqa: BLE001 - one broken scenario must not hide the others
            return ("trouble", "%s: %s" % (type(e).__name__, e))

    with ThreadPoolExecutor(jobs) as ex:
        for sc, res in zip(scenarios, ex.map(work, scenarios)):
            if binary is None and res and res[0] != "trouble":
                k = res[0].outcome
                counts[k] = counts.get(k, 0) + 1
                print("%s %s: %r" % (client.label(), sc["id"], res[0]))
                continue
            if res is None:
                continue
            bad += 1
            if bad <= show:
                print("DISAGREE %s %s %s" % (client.label(), sc["id"], sc.get("note", "")))
                print("   client %r" % (res[0],))
                print("   hflint %r" % (res[1],))
                print("   %s" % fold(json.dumps({"env": sc.get("env", {}), "files": sc.get("files", [])})))
    if bad > show:
        print("… and %d more" % (bad - show))
    print("%-32s %5d scenarios, %d disagreements" % (client.label(), len(scenarios), bad), flush=True)
    return bad


def add_options(ap):
    ap.add_argument("--all", action="store_true", help="every client and version, not only the cheap ones")
    ap.add_argument("--seed", default=None, help="seed of the random scenarios (default: a new one, printed)")
    ap.add_argument("--count", type=int, default=None, help="random scenarios a client (default: 40; with --all 100)")
    ap.add_argument("--edges", type=int, default=None, help="hand-written scenarios a client, drawn by the seed (default: 150; with --all, --client or --scenario every one)")
    ap.add_argument("--client", action="append", default=[], metavar="NAME[@VERSION]", help="only these")
    ap.add_argument("--scenario", default=None, help="only scenarios whose id contains this text")
    ap.add_argument("--hflint", default=None, help="the binary (default: $HFLINT_BIN, or the newest under target/)")
    ap.add_argument("--answers", action="store_true", help="print the clients' own answers; hflint is not run")
    ap.add_argument("--record", action="store_true", help="write the answers of the slow clients to golden/; hflint is not run")
    ap.add_argument("--jobs", type=int, default=os.cpu_count() or 1)


def run_parity(clients, opts):
    """The comparison over all `clients`; the exit code."""
    import common_golden

    seed = opts.seed or "%08x" % random.SystemRandom().getrandbits(32)
    count = opts.count if opts.count is not None else (100 if opts.all else 40)
    edges = opts.edges if opts.edges is not None else (None if opts.all or opts.client or opts.scenario else 150)
    if opts.client:
        clients = [c for c in clients if c.name in opts.client or c.label() in opts.client]
    if not clients:
        print("no such client", file=sys.stderr)
        return 2
    if opts.record:
        return 0 if common_golden.record([c for c in clients if not c.quick], opts.jobs) else 2
    binary = None if opts.answers else hflint_binary(opts.hflint)
    real = clients if opts.all else [c for c in clients if c.quick]
    recorded = [] if opts.all else [c for c in clients if not c.quick]
    total = bad = 0
    if recorded and binary:
        total, bad = common_golden.check(recorded, binary, opts.jobs)
    if real:
        print("seed %s, %s and %d random scenarios a client" % (seed, "all edges" if edges is None else "%d edges" % edges, count), flush=True)
    for c in real:
        c.prepare()
        rng = random.Random("%s/%s" % (seed, c.label()))
        scs = c.scenarios(rng, count)
        ids = [s["id"] for s in scs]
        if len(set(ids)) != len(ids):
            raise SystemExit("%s: two scenarios with one id" % c.label())
        if opts.scenario:
            scs = [s for s in scs if opts.scenario in s["id"]]
        if edges is not None:
            # Every run another part of them, so that a run stays short and each of them is asked within a few runs.
            hand = [i for i, s in enumerate(scs) if s["note"] != "random"]
            left_out = set(rng.sample(hand, max(0, len(hand) - edges)))
            scs = [s for i, s in enumerate(scs) if i not in left_out]
        total += len(scs)
        bad += compare(c, scs, binary, opts.jobs)
    print("%d clients, %d scenarios, %d disagreements (seed %s)" % (len(clients), total, bad, seed))
    if not total:
        print("nothing was compared", file=sys.stderr)
        return 2
    return 1 if bad else 0
