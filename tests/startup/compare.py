#!/usr/bin/env python3
"""Compares what hflint says of the next shell with what the real shell ends up with.

    tests/startup/compare.py [--hflint PATH] [--written N] [--random N] [--seed S] [-k WORD] [--shell bash]...

Every form of forms.py in every start-up file of bash, zsh, sh and fish, started in three ways: login, interactive,
script. Then random files put together from the forms. A value that hflint calls unknown is counted apart; for the
written forms each of these must stand in UNKNOWN, with its reason.
"""

import argparse
import collections
import hashlib
import json
import os
import pathlib
import random
import shutil
import string
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import forms

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODES = ("login", "interactive", "script")
SHELLS = {"bash": "bash", "zsh": "zsh", "sh": "dash", "fish": "fish"}

# Forms whose value cannot be told without starting a program, or that are not modelled: shell, form.
UNKNOWN = {
    ("zsh", "not-an-assignment"): "`=T` is the path of a program T",
    **{("zsh", form): "whether a text is an expression" for form in ("integer-wrong", "integer-of-a-path")},
    ("zsh", "no-programs"): "what a program prints that may not be there",
    **{(shell, form): "what a program prints" for shell in ("bash", "zsh", "sh") for form in ("pass-show", "security")},
    ("fish", "pass-show"): "what a program prints",
    ("fish", "status-number"): "a status other than 0",
    ("fish", "status-function"): "a status other than 0",
    ("fish", "math"): "arithmetic",
    **{(shell, "status-of-not-found"): "a plugin may bring a function of that name" for shell in ("bash", "zsh", "sh")},
    **{(shell, form): reason for shell in ("bash", "zsh", "sh") for form, reason in (
        ("source-unknown", "a file that nobody can name"),
        ("source-known-in-part", "a file that nobody can name"),
        ("eval-of-arguments", "what a program prints"),
        ("eval-of-input", "what a program prints"))},
    **{("bash", form): "a variable that changes what it is set to" for form in ("declare-stays-upper", "declare-stays-integer")},
    ("zsh", "arithmetic-makes-integer"): "a variable that changes what it is set to",
    ("bash", "declare-f-not"): "a plugin may bring a function of that name",
    ("bash", "export-p-asked"): "what `export -p` prints",
    ("bash", "array-unset-element"): "an array with holes",
    **{("zsh", form): "a file of the directory in which the shell starts" for form in (
        "script-directory", "script-directory-a", "script-directory-dirname")},
    **{("zsh", form): "a variable that a builtin fills" for form in ("print-v", "zstyle-s", "zparseopts", "regex-match")},
    ("zsh", "tied-exported"): "a tied variable",
    ("zsh", "padded"): "a width",
    ("zsh", "trap-exit-of-function"): "a trap",
    ("zsh", "trap-function"): "a trap",
    ("zsh", "source-slice"): "a range of an array",
    ("fish", "argparse"): "options",
    ("fish", "fn-maybe"): "a function that a program decides",
    ("fish", "ev-maybe"): "a function that a program decides",
    ("fish", "ev-recursive"): "a handler that calls itself",
    ("fish", "pwd-cond"): "a directory that a program decides",
    ("fish", "break-perhaps"): "a round that a program decides",
    ("fish", "printed-elsewhere"): "what is printed to somewhere else",
    ("fish", "match-named"): "groups of a regular expression",
    **{("fish", form): "what a program prints" for form in ("sed-source", "set-of-program", "erase-of-program")},
    ("fish", "erase-element"): "an element of a list",
    ("fish", "source-of-program"): "a file that nobody can name",
    **{(shell, form): reason for shell in ("bash", "zsh") for form, reason in (
        ("string-less", "the order of the locale"),
        ("select-of-list", "an option that is not followed"),
        ("associative", "an array with keys of its own"))},
    **{(shell, f"eval-{form}"): "a text that a builtin prints" for shell in ("bash", "zsh") for form in (
        "q-quoted", "q-later", "q-inside", "q-function", "q-in-text", "here", "echo-e", "declare-p", "declare-p-all")},
    **{(shell, "source-q"): "a text that a builtin prints" for shell in ("bash", "zsh")},
    **{(shell, "eval-of-octal"): "a text that a builtin prints" for shell in ("bash", "zsh", "sh")},
    ("zsh", "eval-flag-q"): "a flag of zsh's",
    ("zsh", "length-of-options"): "the length of `$-`",
    **{("bash", form): "letters of either case" for form in ("nocasematch-re", "nocasematch-sub")},
    **{(shell, form): "an array with keys of its own" for shell in ("bash", "zsh") for form in ("assoc-keyed", "assoc-count")},
    **{(shell, f"written-{form}"): "a file that the text writes" for shell in ("bash", "zsh", "sh") for form in (
        "append", "cat", "cp", "glob", "ln", "mkdir", "rel", "rm", "rm2", "tee", "touch")},
    ("zsh", "hash-d-rel"): "an element of `nameddirs`",
    ("zsh", "path-element"): "an element that is set",
    ("bash", "mapfile"): "an array that is read",
    ("bash", "keyword"): "assignments behind the command",
    ("bash", "trap-and-kill"): "whom a signal reaches",
    ("bash", "command-unknown"): "what a program prints",
    ("bash", "source-on-path-unknown"): "what a program prints",
    ("bash", "read-array"): "an array that is read",
    ("bash", "interactive-shopt"): "what `shopt` prints",
    ("bash", "trap-debug"): "a trap",
    ("bash", "trap-return"): "a trap",
    ("zsh", "split-lines"): "a flag of zsh's",
    ("zsh", "split-lines-at"): "a flag of zsh's",
    ("zsh", "expansion-flag-q"): "a flag of zsh's",
    ("zsh", "join"): "a flag of zsh's",
    ("zsh", "ordered-once"): "a reference in a reference",
    ("zsh", "qualifier-not-modelled"): "sizes",
    ("zsh", "status-array"): "an array of zsh's own",
    ("zsh", "sourced-from-find-read"): "the order of the directory",
}


def values(rng):
    """Three values of a token's shape; no two alike."""
    return {letter: "hf_" + "".join(rng.choices(string.ascii_letters + string.digits, k=34)) for letter in "TUV"}


def filled(text, tokens):
    """T, U and V as words of their own (also within a word that begins with them) become values."""
    out = []
    for i, char in enumerate(text):
        before = text[i - 1] if i else " "
        after = text[i + 1] if i + 1 < len(text) else " "
        alone = not (before.isalpha() or before == "_") and not (after.isalnum() or after == "_")
        out.append(tokens[char] if char in "TUV" and alone else char)
    # Two that touch: `T'U'`, `T\\<newline>U` are covered above; `TU` is not used.
    return "".join(out)


def cases(shells):
    """(name, shell, files)."""
    out = []
    # In one file each; the others are drawn for the random cases, and which is read when is FILES' business.
    first = {"bash": ".bashrc", "zsh": ".zshenv", "sh": ".profile"}
    for shell, file in first.items():
        table = dict(forms.POSIX)
        if shell != "sh":
            table.update(forms.BASH_AND_ZSH)
        table.update({"bash": forms.BASH, "zsh": forms.ZSH}.get(shell, {}))
        for name, text in table.items():
            out.append((name, shell, {file: text}))
    for name, text in forms.FISH.items():
        out.append((name, "fish", {".config/fish/config.fish": text}))
    for shell, table in forms.FILES.items():
        for name, files in table.items():
            out.append((f"files-{name}", shell, files))
    return [c for c in out if c[1] in shells]


def random_case(rng, shell):
    """Some forms, one behind the other, in random files; now and then one inside a block."""
    if shell == "fish":
        table, files = forms.FISH, [".config/fish/config.fish", ".config/fish/conf.d/a.fish", ".config/fish/conf.d/b.fish"]
    else:
        table = dict(forms.POSIX)
        if shell != "sh":
            table.update(forms.BASH_AND_ZSH)
        table.update({"bash": forms.BASH, "zsh": forms.ZSH}.get(shell, {}))
        files = {
            "bash": [".bashrc", ".bash_profile", ".profile"],
            "zsh": [".zshenv", ".zprofile", ".zshrc", ".zlogin"],
            "sh": [".profile"],
        }[shell]
    # A file that is not closed, or a variable that is readonly, leaves nothing to combine with.
    table = {k: v for k, v in table.items() if not k.startswith(("no-newline", "error-in-file", "readonly", "declare-rx", "crlf"))
             and (shell, k) not in UNKNOWN}
    out = {}
    for file in rng.sample(files, rng.randint(1, len(files))):
        text = ""
        for _ in range(rng.randint(1, 4)):
            name, form = rng.choice(list(table.items()))
            wrap = rng.random()
            multi = "<<" in form or "return" in form
            if shell == "fish" and wrap < 0.3 and not multi:
                form = rng.choice(["if status is-interactive\n{}end\n", "begin\n{}end\n", "if test -f ~/.nope\n{}end\n"]).format(form)
            elif shell != "fish" and wrap < 0.3 and not multi:
                form = rng.choice([
                    "if [ -f ~/.hf ]; then\n{}fi\n",
                    "if [ -f ~/.nope ]; then\n{}fi\n",
                    "case $- in *i*)\n{};; esac\n",
                    "wrapped() {{\n{}}}\nwrapped\n",
                    "{{\n{}}}\n",
                    "(\n{})\n",
                ]).format(form)
            text += form
        out[file] = text
    return out


def ask_shell(shell, mode, home, out, extra):
    """The value of HF_TOKEN in the environment of a program that the shell starts; None where it is not set."""
    program = shutil.which(SHELLS[shell])
    flags = {"login": "-lic", "interactive": "-ic", "script": "-c"}[mode]
    command = f"/usr/bin/printenv HF_TOKEN > {out}; echo ran >> {out}.ran"
    env = {"HOME": str(home), "PATH": "/usr/local/bin:/usr/bin:/bin", "TERM": "dumb", "LANG": "C.UTF-8", "USER": "u",
           "LOGNAME": "u", **extra}
    subprocess.run([program, flags, command], env=env, cwd=home, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, timeout=60, start_new_session=True)
    ran = pathlib.Path(f"{out}.ran")
    if not ran.exists():
        return "ended"
    text = out.read_bytes() if out.exists() else b""
    return text[:-1] if text else None


def letters(value, tokens):
    """A value as the form wrote it."""
    for letter, token in tokens.items():
        value = value.replace(token.encode(), letter.encode())
    return value.decode(errors="replace")


def print_of(value):
    return hashlib.sha256(value).hexdigest()[:16]


def run_case(hflint, case, tokens):
    name, shell, files = case
    disagree, unknown, asked = [], [], 0
    with tempfile.TemporaryDirectory(prefix="hflint-startup-") as top:
        home = pathlib.Path(top) / "home"
        for path, text in {**forms.BESIDE, **files}.items():
            path = home / path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(filled(text, tokens).encode())
        if shell == "fish":
            # Its data directory is made at the first start; the second start is like all others.
            (home / ".local/share/fish").mkdir(parents=True)
        env = {"HOME": str(home), "PATH": "/usr/local/bin:/usr/bin:/bin", "TERM": "dumb", "LANG": "C.UTF-8",
               "USER": "u", "LOGNAME": "u"}
        answer = subprocess.run([hflint, "status", "--all", "--format", "json", "--fingerprint"], env=env, cwd=home,
                                capture_output=True, timeout=60)
        if answer.returncode != 0:
            return [f"{shell} {name}: hflint ended with {answer.returncode}: {answer.stderr.decode()}"], [], 0
        rows = json.loads(answer.stdout)["next_shells"]
        said = {(r["mode"]): r for r in rows
                if r["shell"] == shell and r["from"] == "terminal" and r["name"] == "HF_TOKEN"}
        for mode in MODES:
            # The files of a shell that writes (fish's universal variables) are asked of a copy.
            copy = pathlib.Path(top) / mode / "home"
            copy.parent.mkdir()
            shutil.copytree(home, copy, symlinks=True)
            real_home = pathlib.Path(top) / "home"
            kept = pathlib.Path(top) / f"{mode}-kept"
            real_home.rename(kept)
            copy.rename(real_home)
            real = ask_shell(shell, mode, real_home, pathlib.Path(top) / f"out-{mode}", {})
            shutil.rmtree(real_home)
            kept.rename(real_home)
            if real == "ended":
                continue
            asked += 1
            row = said.get(mode)
            where = f"{shell} {mode} {name}"
            if row is not None and row["value"] == "unknown":
                unknown.append((shell, mode, name))
            elif real is None and row is not None:
                disagree.append(f"{where}: not set; hflint says {row['token']}")
            elif real is not None and row is None:
                disagree.append(f"{where}: set; hflint says it is not")
            elif real is not None and row["fingerprint"] != print_of(real):
                disagree.append(f"{where}: {letters(real, tokens)}; hflint says {row['token']} (T {tokens['T'][-4:]}, "
                                f"U {tokens['U'][-4:]}, V {tokens['V'][-4:]})")
    return disagree, unknown, asked


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hflint", default=str(ROOT / "target/x86_64-unknown-linux-gnu/debug/hflint"))
    parser.add_argument("--random", type=int, default=200, help="random start-up files per shell")
    parser.add_argument("--written", type=int, help="as many of the written ones, drawn by the seed (default: all)")
    parser.add_argument("--seed", default=os.environ.get("HFLINT_TEST_SEED"))
    parser.add_argument("--shell", action="append", choices=SHELLS)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--show", action="store_true", help="print the files of each disagreement")
    parser.add_argument("-k", default="", help="only cases whose name holds this word")
    options = parser.parse_args()
    options.hflint = os.path.abspath(options.hflint)  # each case has a directory of its own
    seed = options.seed or f"{random.SystemRandom().getrandbits(32):08x}"
    shells = options.shell or list(SHELLS)
    missing = [s for s in shells if shutil.which(SHELLS[s]) is None]
    if missing:
        sys.exit(f"not installed: {' '.join(missing)}")
    # Each case draws from a source of its own, so that -k and --shell repeat it.
    todo = [(c, values(random.Random(f"{seed} {c[1]} {c[0]}"))) for c in cases(shells) if options.k in c[0]]
    if options.written is not None and options.written < len(todo):
        todo = random.Random(seed).sample(todo, options.written)
    written = len(todo)
    for shell in shells:
        for i in range(options.random):
            name = f"random-{i}"
            rng = random.Random(f"{seed} {shell} {name}")
            case = (name, shell, random_case(rng, shell))
            if options.k in name:
                todo.append((case, values(rng)))
    print(f"start-up files: {written} written, {len(todo) - written} random (seed {seed}), three ways each")
    with ThreadPoolExecutor(options.jobs) as pool:
        results = list(pool.map(lambda c: run_case(options.hflint, *c), todo))
    bad, asked = 0, 0
    unknown = collections.Counter()
    for (case, tokens), (disagree, unsure, n) in zip(todo, results):
        asked += n
        for text in disagree:
            print(f"DISAGREE {text}")
        if disagree and options.show:
            for path, text in case[2].items():
                print(f"--- {path}\n{text}")
        bad += len(disagree)
        for shell, _mode, name in unsure:
            if name.startswith("random"):
                unknown["random"] += 1
            elif (shell, name) in UNKNOWN:
                unknown["expected"] += 1
            else:
                print(f"UNKNOWN {shell} {_mode} {name}")
                bad += 1
    print(f"{asked} shells asked, {bad} disagree; not to be told offline: {unknown['expected']} written, "
          f"{unknown['random']} random")
    sys.exit(bad != 0)


if __name__ == "__main__":
    main()
