#!/usr/bin/env python3
"""Counts the instructions of `hflint hook` and holds them within 5 % of tests/speed/budget.json.

    tests/speed/instructions.py [--binary PATH]

Wall-clock time says more about the machine than about a change; instructions under callgrind say the same on each run.
The release build, since that is what runs at prompts: a quicker profile inlines otherwise, and would let pass what the
release does not. It also shows whether the binary is still within its size. HFLINT_BLESS=1 writes the counts down anew;
say in the commit why they changed. A gain is no failure, but is pointed out: what is not written down is lost unseen with
the next change.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUDGET = os.path.join(HERE, "budget.json")
SHARE = 0.05


# The string functions of the C library are chosen at start by what the CPU can do, and callgrind shows the program the CPU
# of this machine in part: 4 % fewer instructions where there is AVX2. Without all of these it is those for any x86-64,
# and other CPUs do not know the names.
ANY_CPU = "glibc.cpu.hwcaps=" + ",".join("-" + f for f in (
    "AVX2 AVX SSE4_2 SSE4_1 SSSE3 BMI1 BMI2 LZCNT MOVBE POPCNT ERMS FSRM FMA AVX_Fast_Unaligned_Load Fast_Unaligned_Copy"
    " Fast_Unaligned_Load Slow_BSF Fast_Rep_String Prefer_No_VZEROUPPER").split())


def build(env=None):
    """The release binary of this checkout, as cargo says where it is."""
    words = ["cargo", "build", "--release", "--locked", "--message-format=json-render-diagnostics"]
    done = subprocess.run(words, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, env=env)
    messages = (json.loads(line) for line in done.stdout.splitlines())
    return [m["executable"] for m in messages if m.get("executable") and m["target"]["name"] == "hflint"][-1]


def token(letter):
    """Put together here: no text shaped like a token stands in a file."""
    return "hf_" + letter * 34


def home(where, login):
    """A person with a login, a project and a virtualenv; nothing of the machine that runs the test is looked at."""
    files = {
        ".cache/huggingface/token": token(login),
        ".cache/huggingface/stored_tokens": "[work]\nhf_token = %s\n\n" % token(login),
        ".netrc": "machine example.org\nlogin me\npassword x\n",
        "project/.env": "DEBUG=1\n",
        "project/.venv/pyvenv.cfg": "home = %s/base/bin\nversion = 3.11.2\n" % where,
        "base/bin/python3.11": "\x7fELF",
        "base/lib/python3.11/os.py": "",
    }
    for name in ("huggingface_hub-2.4.0", "httpx-0.28.1", "requests-2.34.2"):
        files["project/.venv/lib/python3.11/site-packages/%s.dist-info/METADATA" % name] = ""
    for name, text in files.items():
        path = os.path.join(where, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as handle:
            handle.write(text)
        # Old, so that no look is needed for an edit in the same tick of the clock.
        os.utime(path, (1_700_000_000, 1_700_000_000))
        os.chmod(path, 0o600)
    os.chmod(os.path.join(where, "base/bin/python3.11"), 0o755)
    for name in ("python", "python3"):
        os.makedirs(os.path.join(where, "project/.venv/bin"), exist_ok=True)
        os.symlink(os.path.join(where, "base/bin/python3.11"), os.path.join(where, "project/.venv/bin", name))


# A message follows the start-up files of the system, too, which differ from machine to machine: empty ones stand in
# their place, in a name space of our own.
ALONE = ["unshare", "-rm", "sh", "-ec", """empty=$1
shift
for file in /etc/profile /etc/bash.bashrc /etc/environment; do
    [ ! -e "$file" ] || mount --bind "$empty" "$file"
done
exec "$@\"""", "sh"]


HOOK = ["hook", "bash", "stamp"]


def run(tool, binary, where, letter, words=HOOK):
    """One prompt, or these words, the files of the hook's own being there from the one before; under a tool. What each said."""
    project = os.path.join(where, "project")
    env = {
        "HOME": where,
        "PATH": os.path.join(where, "base/bin"),
        "PWD": project,
        "HF_TOKEN": token(letter),
        "VIRTUAL_ENV": os.path.join(project, ".venv"),
        # Its own clock: under valgrind all takes fifty times as long.
        "HFLINT_HOOK_TIMEOUT": "0s",
        "HFLINT_WARN": "always",
        "GLIBC_TUNABLES": ANY_CPU,
    }
    words = [binary] + words
    said = subprocess.run(words, env=env, cwd=project, capture_output=True, text=True)
    # `check` says 1 where it has found something.
    assert said.returncode in (0, 1), said.stderr
    outside = "/".join([where, "empty"])
    with open(outside, "w"):
        pass
    # Its own PATH is that of the person whose home this is.
    alone = [shutil.which(ALONE[0])] + ALONE[1:] + [outside, "env", "-i"] + ["%s=%s" % pair for pair in env.items()]
    done = subprocess.run(alone + [shutil.which(tool[0])] + tool[1:] + words, cwd=project, capture_output=True, text=True)
    return said.stdout, done


def count(binary, where, letter):
    """Instructions of one prompt, and the messages."""
    said, done = run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"], binary, where, letter)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not found:
        raise SystemExit("callgrind: exit status %d\n%s" % (done.returncode, done.stderr))
    return int(found.group(1)), [line for line in said.split("\n") if line.startswith("hflint: ")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--binary", help="this release binary, not that of this checkout")
    args = parser.parse_args()
    binary = os.path.abspath(args.binary) if args.binary else build()
    counts = {}
    for name, login in (("hook, nothing to say", "b"), ("hook, a message", "c")):
        # The length of each path counts; mkdtemp's are all of one length.
        with tempfile.TemporaryDirectory(prefix="hflint-speed-", dir="/tmp") as where:
            home(where, login)
            counts[name], messages = count(binary, where, "b")
            assert len(messages) == (login != "b"), messages
    if os.environ.get("HFLINT_BLESS"):
        with open(BUDGET, "w") as handle:
            json.dump(counts, handle, indent=2)
            handle.write("\n")
    with open(BUDGET) as handle:
        budget = json.load(handle)
    failed = False
    for name, instructions in counts.items():
        share = instructions / budget[name] - 1
        word = "FAILED" if share > SHARE else "gain" if share < -SHARE else "ok"
        failed |= word == "FAILED"
        print("%-6s %-22s %9d instructions, budget %9d (%+.1f %%)" % (word, name, instructions, budget[name], share * 100))
    if failed:
        print("more than 5 %% over: mend it, or write it down with HFLINT_BLESS=1 %s" % os.path.relpath(__file__), file=sys.stderr)
    print("       the binary is %.2f MB (limit 2.5)" % (os.path.getsize(binary) / 1e6))
    return failed


if __name__ == "__main__":
    sys.exit(main())
