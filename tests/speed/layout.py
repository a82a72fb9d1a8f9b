#!/usr/bin/env python3
"""Writes link/hot.ld anew: which functions the hook and `check` run through, so that the linker puts them side by side.

    tests/speed/layout.py [--check]

Each stretch of 64 KB of the program that is touched for the first time costs a page fault, as much as two thousand
instructions; spread over the whole program, the code of the hook touches 34 of 41 such stretches, side by side 8. Run it
when they have changed much: what is missing from the list is only slower, what is left over does nothing. --check
prints how much of what runs the list still names.

It builds the release with its symbols, runs under callgrind the hook, silent and with a message, and then `check`, also
with a token in a start-up file, and writes down the section of each function that ran: what the hook needs stays together.
Rust's names without their hashes, which change with each compiler; of the C library the objects, since it does not give
each function a section.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import instructions  # noqa: E402

OUT = os.path.join(instructions.ROOT, "link", "hot.ld")
HEAD = """/* What the hook runs through, and then `check`, side by side. Written by tests/speed/layout.py, which says why. */
SECTIONS
{
  .text.hot :
  {
"""
TAIL = """  }
}
INSERT BEFORE .text;
"""


def build():
    """The release binary with its symbols."""
    target = os.path.join(instructions.ROOT, "target", "layout")
    env = dict(os.environ, CARGO_PROFILE_RELEASE_STRIP="none", CARGO_TARGET_DIR=target)
    return instructions.build(env)


# The words, the token of the login, and that of the variable and of a start-up file. Those of a silent prompt first.
RUNS = [(instructions.HOOK, "b", "b"), (instructions.HOOK, "c", "b"), (["check"], "b", "b"), (["check"], "b", "c")]


def executed(binary):
    """The symbols of all functions that ran, as they are in the binary: in the order of the runs."""
    found = {}
    for at, (words, login, variable) in enumerate(RUNS):
        with tempfile.TemporaryDirectory(prefix="hflint-layout-", dir="/tmp") as where:
            instructions.home(where, login)
            if words == ["check"] and login != variable:
                with open(os.path.join(where, ".bashrc"), "w") as handle:
                    handle.write("# Mine\nexport EDITOR=vi\nexport HF_TOKEN=%s\n" % instructions.token(variable))
            profile = os.path.join(where, "callgrind")
            valgrind = ["valgrind", "--tool=callgrind", "--demangle=no", "--callgrind-out-file=" + profile]
            instructions.run(valgrind, binary, where, variable, words)
            with open(profile, errors="replace") as handle:
                for line in handle:
                    name = re.match(r"c?fn=\(\d+\) (\S+)", line)
                    if name:
                        found.setdefault(name[1].split("'")[0], at)
    return sorted(found, key=lambda name: (found[name], name))


def objects():
    """Which object of the C library holds a function, where only one does."""
    archive = subprocess.run(["cc", "-print-file-name=libc.a"], capture_output=True, text=True, check=True).stdout.strip()
    listed = subprocess.run(["nm", "-A", "--defined-only", archive], capture_output=True, text=True).stdout
    held = {}
    for line in listed.splitlines():
        m = re.match(r"[^:]*:([^:]+):\S+ [tTwWiu] (\S+)$", line)
        if m:
            held.setdefault(m[2], set()).add(m[1])
    return {name: next(iter(where)) for name, where in held.items() if len(where) == 1}


def section(name, held):
    """The pattern of the linker script for a function."""
    rust = None
    if name.startswith("_ZN"):
        rust = re.sub(r"17h[0-9a-f]{16}E.*", "17h", name) + "*"
    elif name.startswith("_R"):
        # The standard library's own mangling: `Cs…_` is the hash of a crate.
        rust = re.sub(r"Cs[0-9A-Za-z]+_", "Cs*_", name)
    if rust:
        # Unlikely is what is marked `#[cold]`, such as all that grows a vector.
        return "*(.text.%s .text.unlikely.%s)" % (rust, rust)
    if name in held:
        # Each kind of processor runs another of the variants.
        return "*libc.a:%s(.text .text.*)" % re.sub(r"-(sse|avx|evex|erms|generic).*", "*.o", held[name])
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--binary", help="this one, with its symbols")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    held = objects()
    sections = (section(name, held) for name in executed(args.binary or build()))
    wanted = list(dict.fromkeys(s for s in sections if s))
    if args.check:
        with open(OUT) as handle:
            known = set(map(str.strip, handle))
        print("%d of %d patterns are in link/hot.ld" % (len(known.intersection(wanted)), len(wanted)))
        return
    with open(OUT, "w") as handle:
        handle.write(HEAD + "".join("    %s\n" % s for s in wanted) + TAIL)
    print("%s: %d patterns" % (os.path.relpath(OUT), len(wanted)))


if __name__ == "__main__":
    main()
