"""Collects the tests, runs them side by side, says what failed."""

import argparse
import concurrent.futures
import hashlib
import importlib
import os
import subprocess
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import lib  # noqa: E402
from others import OTHERS  # noqa: E402

# Those that have the words of sh or fish run every test that names no shell; the others those that name them.
COMMON = ["bash", "zsh", "zsh-stamp", "fish"]
KINDS = [*COMMON, *OTHERS, "lint"]


def build_mock():
    """Compiled once per content, into the target directory."""
    source = os.path.join(HERE, "mock", "mock.rs")
    with open(source, "rb") as f:
        name = hashlib.sha256(f.read()).hexdigest()[:16]
    target = os.environ.get("CARGO_TARGET_DIR", os.path.join(lib.ROOT, "target"))
    out = os.path.join(target, "shells", name, "hflint")
    if not os.path.exists(out):
        os.makedirs(os.path.dirname(out), exist_ok=True)
        with tempfile.TemporaryDirectory(dir=os.path.dirname(out)) as d:
            part = os.path.join(d, "hflint")
            subprocess.check_call(["rustc", "--edition", "2021", "-O", "-C", "panic=abort", "-o", part, source])
            os.rename(part, out)
    return out


def load():
    for f in sorted(os.listdir(HERE)):
        if f.startswith("test_") and f.endswith(".py"):
            importlib.import_module(f[:-3])


def one(job):
    index, kind, mock, real = job
    f = lib.TESTS[index][0]
    ctx = lib.Context(lib.Kind(kind), mock, real)
    start = time.monotonic()
    try:
        f(ctx)
        problem = None
    except BaseException as e:  # a test may fail in any way; the others go on
        where = traceback.extract_tb(e.__traceback__)[-1]
        here = [t for t in traceback.extract_tb(e.__traceback__) if os.path.basename(t.filename).startswith("test_")]
        if here:
            where = here[-1]
        problem = f"{os.path.basename(where.filename)}:{where.lineno}: {where.line}\n      {type(e).__name__}: {str(e)[:3000]}"
    finally:
        ctx.done()
    return kind, f.__name__, problem, time.monotonic() - start


def main():
    p = argparse.ArgumentParser(prog="tests/shells/run")
    p.add_argument("kinds", nargs="*", metavar="SHELL", help=" ".join(KINDS))
    p.add_argument("-v", action="store_true", help="name each test, with its time")
    p.add_argument("-k", default="", help="only tests whose name contains this")
    p.add_argument("--times", type=int, default=1, help="run all of it so often")
    p.add_argument("--binary", help="the real hflint to test through, wherever it can answer")
    p.add_argument("-j", type=int, default=max(2, os.cpu_count() or 2))
    a = p.parse_args()
    for k in a.kinds:
        if k not in KINDS:
            p.error(f"unknown shell {k}")
    load()
    mock = build_mock()
    real = os.path.abspath(a.binary) if a.binary else None
    jobs = []
    for kind in a.kinds or KINDS:
        for i, (f, kinds, only_mock, only_real) in enumerate(lib.TESTS):
            wanted = kind in kinds or kind.split("-")[0] in kinds if kinds else kind in COMMON
            here = kind == "lint" or real or not only_real
            if wanted and here and a.k in f.__name__:
                jobs.append((i, kind, mock, None if only_mock else real))
    failed = done = 0
    for _ in range(a.times):
        with concurrent.futures.ProcessPoolExecutor(a.j) as pool:
            for kind, name, problem, took in pool.map(one, jobs, chunksize=1):
                done += 1
                if problem:
                    failed += 1
                    print(f"FAIL {kind:9} {name}\n      {problem}", flush=True)
                elif a.v:
                    print(f"ok   {kind:9} {name} ({took:.1f} s)", flush=True)
    # Nothing run is a failure: a filter that matches no test must not look green.
    print(f"{done - failed} passed, {failed} failed")
    return 1 if failed or not done else 0


if __name__ == "__main__":
    sys.exit(main())
