#!/usr/bin/env python3
"""`check --deep` over generated caches, beside `find DIR -printf '%p %s %l\\n'` over the same tree, and `hf cache ls`.

    benches/caches.py --binary target/…/release/hflint [--times 1 4 16] [--runs 5] [--hf PATH]

One time is 1,000 repositories and 100,000 files: half blobs, half links to them, and the ref of each repository. The
commands take turns; medians. `hf` is asked once for each size: it takes a hundred times as long.
"""

import argparse
import os
import statistics
import sys
import tempfile

sys.dont_write_bytecode = True
from measure import once, peak  # noqa: E402


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
            # An empty one with such a name is a fault.
            with open(f"{repo}/blobs/{blob}", "w", encoding="ascii") as f:
                f.write("x")
            os.symlink(f"../../blobs/{blob}", f"{snapshot}/file{n:04}.bin")


def table(binary, sizes, runs, hf=None):
    """Prints a row for each size."""
    print("| repositories | hflint check --deep, ms | find -printf, ms | ratio | memory of hflint, MB | hf cache ls, ms |")
    print("|---:|---:|---:|---:|---:|---:|")
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="hflint-bench-") as base:
            hub = f"{base}/.cache/huggingface/hub"
            os.makedirs(hub)
            generate(hub, 1000 * size, 100)
            env = {"HOME": base, "PATH": "/usr/bin:/bin", "HF_HUB_DISABLE_UPDATE_CHECK": "1"}
            ours = [binary, "check", "--deep", "--exit-zero"]
            find = ["/usr/bin/find", hub, "-printf", "%p %s %l\\n"]
            # The first of each fills the caches of the file system.
            times = [(once(ours, env), once(find, env)) for _ in range(runs + 1)][1:]
            mine, theirs = (statistics.median(t) for t in zip(*times))
            memory = peak(ours, env) / 1024
            peer = "%.0f" % (once([hf, "cache", "ls"], env) * 1e3) if hf else ""
            print("| %d | %.0f | %.0f | %.2f | %.1f | %s |" % (
                1000 * size, mine * 1e3, theirs * 1e3, mine / theirs, memory, peer), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("--times", type=int, nargs="*", default=[1, 4, 16])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--hf", help="the newest `hf`, to be asked beside it")
    options = parser.parse_args()
    table(os.path.abspath(options.binary), options.times, options.runs, options.hf)


if __name__ == "__main__":
    main()
