"""The scripts as they stand, for the linters."""

import ast
import os
import re
import subprocess

from lib import ROOT, test

SHELL = os.path.join(ROOT, "shell")


def files(ending):
    return sorted(os.path.join(SHELL, f) for f in os.listdir(SHELL) if f.endswith(ending))


def passes(*command):
    r = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert r.returncode == 0 and r.stdout == "" and r.stderr == "", (command, r.stdout[:3000], r.stderr[:3000])


@test("lint")
def shellcheck(S):
    # SC2249, SC2250: a default in each `case`, braces around each name: taste
    passes("shellcheck", "-o", "all", "-e", "SC2249,SC2250", *files(".bash"))
    passes("shellcheck", os.path.join(ROOT, "tests/shells/run"))


@test("lint")
def shfmt(S):
    passes("shfmt", "-i", "4", "-ci", "-d", *files(".bash"))


@test("lint")
def syntax(S):
    for f in files(".bash"):
        passes("bash", "-n", f)
        passes("bash", "--posix", "-n", f)
    for f in [*files(".zsh"), os.path.join(ROOT, "hflint.plugin.zsh")]:
        passes("zsh", "-n", f)
        for option in ["shglob", "ignorebraces", "ignoreclosebraces", "cshjunkieloops", "cshjunkiequotes", "rcquotes", "kshglob", "noshortloops", "extendedglob", "posixbuiltins"]:
            passes("zsh", "-o", option, "-n", f)
    for f in files(".fish"):
        passes("fish", "-n", f)
        passes("fish_indent", "--check", f)


@test("lint")
def python_of_xonsh(S):
    """Plain Python: it compiles as such, and in the oldest syntax that xonsh 0.18 runs under."""
    for f in files(".xsh"):
        with open(f) as h:
            ast.parse(h.read(), f, feature_version=(3, 10))


@test("lint")
def elvish_compiles(S):
    passes("elvish", "-compileonly", os.path.join(SHELL, "hflint.elv"))


@test("lint")
def one_list_of_names(S):
    lists = set()
    for f in ["hflint.bash", "hflint.zsh", "hflint.fish", "hflint.xsh", "hflint.elv", "hflint.nu"]:
        with open(os.path.join(SHELL, f)) as h:
            text = h.read()
        # elvish and nushell have them as a row of variables.
        text = re.sub(r"(?<= )\$E:([A-Z_]+)|\$env\.([A-Z_]+)\?", r"\1\2", text)
        m = re.findall(r"^ +(?:__hflint_names=\(|set -gu __hflint_names |NAMES = '|.*HFLINT_PROJECT )(HF_TOKEN [A-Z0-9_ ]+)(?:\)|'\.split\(\)|\])?$", text, re.M)
        assert len(m) == 1, f
        lists.add(m[0])
        assert len(re.findall(r"__hflint_bin=\(hflint\)|set -gu __hflint_bin hflint$|BINARY = 'hflint'$|^var binary = 'hflint'$", text, re.M)) == 1, f
        assert len(re.findall(r"__hflint_script(?:=\('?\d+'?\)| \d+)$|SCRIPT = '\d+'$|^var script = \d+$", text, re.M)) == 1, f
    assert len(lists) == 1, lists
    assert re.fullmatch(r"[A-Z0-9_]+( [A-Z0-9_]+)*", lists.pop())


@test("lint")
def fisher_gets_the_same_file(S):
    assert os.path.samefile(os.path.join(ROOT, "conf.d/hflint.fish"), os.path.join(SHELL, "hflint.fish"))
