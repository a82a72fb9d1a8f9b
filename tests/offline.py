#!/usr/bin/env python3
"""The offline promise: none of the crates that deny.toml bans is in the tree that cargo resolves.

cargo-deny says the same and more; this needs nothing but cargo and Python.
"""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def main():
    with open(os.path.join(ROOT, "deny.toml")) as h:
        bans = h.read().split("[bans]", 1)[1]
    banned = set(re.findall(r'\{\s*(?:crate|name)\s*=\s*"([^"@]+)', bans))
    if len(banned) < 10:
        sys.exit("offline: deny.toml names %d crates: not read as it is written" % len(banned))
    tree = subprocess.run(["cargo", "tree", "--locked", "--target", "all", "--edges", "normal,build", "--prefix", "none", "--format", "{p}"],
                          cwd=ROOT, check=True, capture_output=True, text=True).stdout
    used = {line.split()[0] for line in tree.splitlines() if line.strip()}
    if "clap" not in used:
        sys.exit("offline: cargo tree answers something else than expected")
    found = sorted(banned & used)
    for name in found:
        print("offline: %s is in the tree, and deny.toml bans it" % name)
    print("offline: %d crates, %d banned names, %d found" % (len(used), len(banned), len(found)))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
