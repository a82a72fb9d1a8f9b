#!/usr/bin/env python3
"""`check --deep` over generated caches, beside `find DIR -printf '%p %s %l\\n'` over the same tree.

    benches/caches.py --binary target/…/release/hflint [--times 1 4 16] [--runs 5]

One time is 1,000 repositories and 100,000 files: half blobs, half links to them, and the ref of each repository.
"""

import argparse
import os
import statistics
import subprocess
import tempfile
import time


def generate(hub, repositories, files):
    for number in range(repositories):
        repo = f"{hub}/models--bench--r{number:06}"
        commit = f"{number:040x}"
        snapshot = f"{repo}/snapshots/{commit}"
        os.makedirs(snapshot)
        os.makedirs(f"{repo}/blobs")
        os.makedirs(f"{repo}/refs")
        with open(f"{repo}/refs/main", "w", encoding="ascii") as f:
            f.write(commit)
        for n in range((files - 1) // 2):
            blob = f"{number:032x}{n:032x}"
            os.close(os.open(f"{repo}/blobs/{blob}", os.O_CREAT | os.O_WRONLY))
            os.symlink(f"../../blobs/{blob}", f"{snapshot}/file{n:04}.bin")


def timed(command, env, runs):
    """Median seconds, and the largest resident memory in kB (of GNU time's %M by wait4)."""
    seconds, memory = [], 0
    for _ in range(runs + 1):
        start = time.perf_counter()
        child = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, _, usage = os.wait4(child.pid, 0)
        seconds.append(time.perf_counter() - start)
        memory = max(memory, usage.ru_maxrss)
    return statistics.median(seconds[1:]), memory


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("--times", type=int, nargs="*", default=[1, 4, 16])
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    binary = os.path.abspath(options.binary)
    print("times   hflint       find    ratio   hflint's memory")
    for times in options.times:
        with tempfile.TemporaryDirectory(prefix="hflint-bench-") as base:
            hub = f"{base}/.cache/huggingface/hub"
            os.makedirs(hub)
            generate(hub, 1000 * times, 100)
            env = {"HOME": base, "PATH": "/usr/bin:/bin"}
            ours, memory = timed([binary, "check", "--deep", "--exit-zero"], env, options.runs)
            find, _ = timed(["find", hub, "-printf", "%p %s %l\n"], env, options.runs)
            print(f"{times:5} {ours * 1000:7.0f} ms {find * 1000:7.0f} ms {ours / find:7.2f} {memory / 1000:9.1f} MB", flush=True)


if __name__ == "__main__":
    main()
