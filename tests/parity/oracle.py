"""Asks installed huggingface_hub releases what they would send.

    oracle.py run --versions-dir DIR [--versions A,B] [--level full] < scenarios.json > results.json
    oracle.py check --versions-dir DIR [--count 400] [--seed S]   the quick way against a fresh interpreter

DIR holds one directory per release and the shared dependencies, as versions.py makes it.
The same as a library: Pool(...).ask(scenarios) for parity.py.
"""
import argparse
import json
import os
import queue
import random
import subprocess
import sys
import tempfile
import threading

import sandbox
import versions

HERE = os.path.dirname(os.path.abspath(__file__))

# What a running interpreter cannot change any more: these need one of their own.
INTERPRETER = ("PYTHON", "LC_", "LANG", "EAGER_IMPORT")


def interpreter_env(scenario):
    """The part of a scenario's environment that decides how the interpreter itself starts."""
    env = scenario.get("env", {})
    return {k: v for k, v in env.items() if k.startswith(INTERPRETER) and v is not None}

# Scenarios to a fork, which costs as much as asking one.
BATCH = 20


class Worker:
    """One release in one running interpreter."""

    def __init__(self, cfg, version, env=None, level="answer"):
        full = {"HOME": "/nonexistent", "LC_ALL": "C.UTF-8"} if not env else dict(env, HOME="/nonexistent")
        self.p = subprocess.Popen(
            [cfg.python, "-S", "-W", "ignore", os.path.join(HERE, "probe.py"), "serve",
             os.path.join(cfg.versions_dir, version), cfg.deps, cfg.tmp, level],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=full,
            stderr=subprocess.DEVNULL if env else None)  # an odd environment makes the interpreter itself talk

    def ask(self, scenarios):
        """Their results. What one scenario leaves behind in the interpreter ends with its list."""
        self.p.stdin.write(json.dumps(scenarios).encode() + b"\n")
        self.p.stdin.flush()
        line = self.p.stdout.readline()
        if not line:
            raise SystemExit("the oracle died on " + ", ".join(s["id"] for s in scenarios))
        return json.loads(line)

    def close(self):
        self.p.stdin.close()
        self.p.wait()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()


def ask_version(cfg, version, scenarios, level="answer"):
    """The results of one release, in the order of the scenarios."""
    groups = {}
    for i, s in enumerate(scenarios):
        groups.setdefault(json.dumps(interpreter_env(s), sort_keys=True), []).append(i)
    out = [None] * len(scenarios)
    for key, members in groups.items():
        with Worker(cfg, version, json.loads(key), level) as w:
            for at in range(0, len(members), BATCH):
                part = members[at:at + BATCH]
                for i, result in zip(part, w.ask([scenarios[i] for i in part])):
                    out[i] = result
    return out


def ask_all(cfg, releases, scenarios, level="answer", each=None):
    """{release: results}, `jobs` releases at a time; `each(release)` tells of progress.

    `scenarios` is a list, or a function of the release."""
    out, todo, trouble = {}, queue.SimpleQueue(), []
    for v in releases:
        todo.put(v)

    def work():
        while not trouble:
            try:
                v = todo.get_nowait()
            except queue.Empty:
                return
            try:
                out[v] = ask_version(cfg, v, scenarios(v) if callable(scenarios) else scenarios, level)
            except BaseException as e:  # noqa: BLE001 - told below, in the main thread
                trouble.append(e)
                return
            if each:
                each(v)

    threads = [threading.Thread(target=work) for _ in range(cfg.jobs)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if trouble:
        raise trouble[0]
    return out


def ask_once(cfg, version, scenario):
    """The reference: a fresh interpreter, started as a person would start it."""
    with sandbox.Sandbox(cfg.tmp, scenario) as sbx:
        before = sbx.snapshot()
        passwd = json.dumps(sbx.passwd()) if sbx.private_passwd() else ""
        r, w = os.pipe()
        p = subprocess.Popen(
            [cfg.python, "-S", "-W", "ignore", os.path.join(HERE, "probe.py"), "once", str(w),
             os.path.join(cfg.versions_dir, version), cfg.deps, passwd],
            env=sbx.environment(), preexec_fn=sbx.enter_and_lock, pass_fds=(w,), stdin=subprocess.DEVNULL)
        os.close(w)
        with os.fdopen(r, "rb") as h:
            data = h.read()
        p.wait()
        if not data:
            return {"answer": {"error": "oracle: died"}}
        import probe

        res = probe.plain(json.loads(data), sbx)
        if res.get("at") != "import":
            res["fs"] = sbx.changes(before)
        return res


def cmd_run(cfg):
    scenarios = json.load(sys.stdin)
    results = ask_all(cfg, versions.installed(cfg), scenarios, cfg.level)
    json.dump({"versions": list(results), "scenarios": scenarios, "results": results}, sys.stdout, indent=1)


def cmd_check(cfg):
    """Random pairs of release and scenario: the quick way must say what a fresh interpreter says."""
    import edges
    import randoms

    releases = versions.installed(cfg)
    pool = edges.edges() + randoms.generate(cfg.seed, 400)
    per = max(1, cfg.count // len(releases))
    picked = {v: random.Random("%s/%s" % (cfg.seed, v)).sample(pool, per) for v in releases}
    quick = ask_all(cfg, releases, lambda v: picked[v], "full")
    bad = total = 0
    for v in releases:
        for s, a in zip(picked[v], quick[v]):
            b = ask_once(cfg, v, s)
            total += 1
            keys = sorted(k for k in set(a) | set(b) if a.get(k) != b.get(k))
            if keys:
                bad += 1
                print("MISMATCH", v, s["id"], s.get("note", ""), {k: (a.get(k), b.get(k)) for k in keys}, json.dumps(s["env"]))
    print("oracle check: %d pairs, %d mismatches (seed %s)" % (total, bad, cfg.seed))
    return 1 if bad else 0


def options(p):
    p.add_argument("--versions-dir", required=True, help="installed releases, as versions.py makes it")
    p.add_argument("--versions", default="", help="comma-separated subset")
    p.add_argument("--python", default=sys.executable, help="interpreter of the clients")
    p.add_argument("--jobs", type=int, default=os.cpu_count() or 1)


def prepare(cfg):
    cfg.versions_dir = os.path.abspath(cfg.versions_dir)
    text = subprocess.run([cfg.python, "-c", "import sys; print(*sys.version_info[:3])"], check=True, capture_output=True, text=True).stdout
    cfg.python_version = tuple(map(int, text.split()))
    cfg.deps = versions.deps_dir(cfg.versions_dir, cfg.python_version)
    sandbox.drop_caps()
    os.umask(0o022)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    sub = ap.add_subparsers(dest="cmd", required=True)
    p = sub.add_parser("run")
    options(p)
    p.add_argument("--level", choices=("answer", "full"), default="answer")
    p = sub.add_parser("check")
    options(p)
    p.add_argument("--seed", default="check")
    p.add_argument("--count", type=int, default=400)
    cfg = ap.parse_args()
    prepare(cfg)
    with tempfile.TemporaryDirectory(prefix="hfparity") as cfg.tmp:
        return cmd_run(cfg) if cfg.cmd == "run" else cmd_check(cfg)


if __name__ == "__main__":
    sys.exit(main())
