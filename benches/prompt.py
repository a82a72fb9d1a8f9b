#!/usr/bin/env python3
"""What hflint costs at a prompt where nothing changed, as a share of one `x=$(/bin/true)` in the same shell.

    benches/prompt.py [--binary PATH] [bash zsh fish]

The two are measured in turns, in one interactive shell, and the best batch of each counts: other load on the
machine only ever adds. Limits: an eighth in bash and zsh, a quarter in fish; the aim is a twentieth.
Exit status 1 if a limit is passed.
"""

import argparse
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "shells"))
import lib  # noqa: E402
import runner  # noqa: E402

LIMIT = {"bash": 8, "zsh": 8, "fish": 4}
ROUNDS, GUARDS, TRUES = 40, 100, 10

BASH = """
t_bench() {
  local k i a b
  for ((k = 0; k < %d; k++)); do
    a=${EPOCHREALTIME/[.,]/}; for ((i = 0; i < %d; i++)); do %s; done; b=${EPOCHREALTIME/[.,]/}; echo "guard $((b - a))"
    a=${EPOCHREALTIME/[.,]/}; for ((i = 0; i < %d; i++)); do :; done; b=${EPOCHREALTIME/[.,]/}; echo "loop $((b - a))"
    a=${EPOCHREALTIME/[.,]/}; for ((i = 0; i < %d; i++)); do x=$(/bin/true); done; b=${EPOCHREALTIME/[.,]/}; echo "true $((b - a))"
  done
}
"""
ZSH = BASH.replace("local k i a b", "zmodload zsh/datetime; local x; local -i k i; local -F a b").replace("${EPOCHREALTIME/[.,]/}", "$EPOCHREALTIME")
ZSH = ZSH.replace("$((b - a))", "$(((b - a) * 1000000))")
FISH = """
function t_bench
  for k in (seq %d)
    set -l l (seq %d)
    set -l a (date +%%s%%N); for i in $l; %s; end; set -l b (date +%%s%%N); echo guard (math "($b - $a) / 1000")
    set -l a (date +%%s%%N); for i in $l[1..%d]; end; set -l b (date +%%s%%N); echo loop (math "($b - $a) / 1000")
    set -l l (seq %d)
    set -l a (date +%%s%%N); for i in $l; set x (/bin/true); end; set -l b (date +%%s%%N); echo true (math "($b - $a) / 1000")
  end
end
"""


def measure(kind, mock, real):
    ctx = lib.Context(lib.Kind(kind), mock, real)
    try:
        # A project with an active virtualenv; two files watched, the others absent.
        text = {"bash": BASH, "zsh": ZSH, "fish": FISH}[kind] % (ROUNDS, GUARDS, "__hflint_hook", GUARDS, TRUES)
        s = ctx(after=text, env={"HF_TOKEN": lib.token("a"), "VIRTUAL_ENV": "/home/u/project/.venv"})
        lib.write(s.token_file, lib.token("b") + "\n", age=1000)
        lib.write(s.home + "/.cache/huggingface/stored_tokens", "", age=1000)
        os.makedirs(s.home + "/project/src")
        s.run("cd project/src")
        s.settle()
        before = len(s.calls())
        out = s.lines("t_bench")
        assert len(s.calls()) == before, "the guard asked"
    finally:
        ctx.done()
    best = {}
    for line in out:
        name, us = line.split()
        best[name] = min(best.get(name, 1e9), float(us))
    return (best["guard"] - best["loop"]) / GUARDS, (best["true"] - best["loop"] * TRUES / GUARDS) / TRUES


def main():
    p = argparse.ArgumentParser()
    p.add_argument("shells", nargs="*", default=[])
    p.add_argument("--binary")
    a = p.parse_args()
    mock = runner.build_mock()
    bad = 0
    print("| shell | version | unchanged prompt | `x=$(/bin/true)` | share | limit |")
    print("|---|---|---|---|---|---|")
    for kind in a.shells or list(LIMIT):
        guard, true = measure(kind, mock, a.binary and os.path.abspath(a.binary))
        ok = guard * LIMIT[kind] <= true
        bad += not ok
        version = ".".join(map(str, lib.Kind(kind).version()))
        print(f"| {kind} | {version} | {guard:.0f} us | {true:.0f} us | 1/{true / guard:.1f} | 1/{LIMIT[kind]}{'' if ok else ' **passed over**'} |", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
