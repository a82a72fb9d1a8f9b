"""Where the hook is loaded, and where it must not be."""

import os
import subprocess

from lib import rendered, test, token, write


def script(S, s):
    return s.script


@test()
def not_in_a_script(S):
    """Silent, and defines nothing, in a shell that is not interactive; under the strictest options."""
    s = S()
    strict = {"bash": ["--norc", "-eu", "-o", "pipefail"], "zsh": ["-f", "-eu"], "fish": ["--no-config"]}[s.kind.family]
    ask = {
        "bash": "declare -F hflint __hflint_hook || :; compgen -v __hflint || :",
        "zsh": "typeset -f hflint __hflint_hook || :; print -n ${(M)$(typeset +)##__hflint*}; :",
        "fish": "functions -q hflint; and echo yes; set -n | string match '__hflint*'; true",
    }[s.kind.family]
    before = len(s.calls())
    r = subprocess.run([s.kind.exe, *strict, "-c", f"source {s.script}; {ask}"], env=s.env, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert (r.returncode, r.stdout, r.stderr) == (0, "", ""), r
    assert len(s.calls()) == before


@test()
def not_in_another_persons_home(S):
    """`sudo -s` keeps HOME; what it wrote there would be root's."""
    s = S(load="no")
    os.chown(s.home, 12345, 12345)
    before = s.calls()
    t = S(home=s)
    assert t.calls() == before == []
    assert not t.warned(t.started)
    functions = {"bash": "declare -F hflint __hflint_hook", "zsh": "typeset -f hflint __hflint_hook", "fish": "functions -q hflint; and echo yes"}
    assert t.lines(functions[t.kind.family] + "; true") == []
    assert t.value('"$__hflint_bin$HFLINT_PROMPT"') == ""


@test(mock=True)
def midnight_commander(S):
    """Its subshell waits for the prompt; a message would stand in the panels."""
    s = S(env={"MC_SID": "1", "HF_TOKEN": token("a"), "HFLINT_MOCK": "usage"})
    assert not s.warned(s.started)
    s.unset("HFLINT_MOCK")
    write(s.token_file, token("b") + "\n", age=100)
    out = s.run("cd /")
    assert "quiet" in s.calls()[-1].split()
    assert not s.warned(out)
    assert s.segment == "hf:1"


@test()
def a_failing_start_breaks_nothing(S):
    """The rest of the rc file runs, whatever the binary does."""
    after = "set -g END reached" if S.kind.fish else "END=reached"
    for how in ["panic", "alarm", "empty"]:
        s = S(env={"HFLINT_MOCK": how}, after=after)
        assert s.value('"$END"') == "reached"
        assert s.status == 0


@test()
def output_while_loading(S):
    for load in ["eval", "source", "bare"]:
        s = S(load=load)
        assert "hflint" not in s.started and "error" not in s.started.lower(), (load, s.started)


@test()
def path_of_the_binary_with_odd_characters(S):
    for name in ["a b", "q'uote", "$(touch PWNED)", 'd"q', "back\\slash", "ünï", "%n", "*"]:
        s = S()
        d = os.path.join(s.owned, name)
        os.makedirs(d)
        os.rename(s.bin, d + "/hflint")
        path = d + "/hflint"
        with open(s.kind.script()) as f:
            text = f.read()
        with open(s.script, "w") as f:
            f.write(rendered(text, path.replace("\\", "\\\\") if s.kind.fish else path))
        s.reload()
        s.settle()
        assert s.spawned(s.export_line("HF_ENDPOINT", "x")) == 1, name
        assert s.segment == "hf:1", name


@test("bash", "zsh")
def restricted(S):
    """It may start no program by its path and redirect nothing: silence, and no error at any prompt."""
    s = S(flags=["-r"])
    assert "restricted" not in s.started and not s.warned(s.started), s.started
    before = len(s.calls())
    for line in ["export HF_ENDPOINT=x", "", "true"]:
        out = s.run(line)
        assert "hflint" not in out and "restricted" not in out, out
    assert len(s.calls()) == before
    # it was the shell that was asked: PATH can't be changed there, and what is in it can be started
    s.run("hflint status")
    assert s.calls()[-1].startswith("status"), s.calls()
    # switched on later
    t = S()
    t.run("set -r" if t.kind.family == "bash" else "setopt restricted")
    out = t.run("export HF_ENDPOINT=x") + t.run("")
    assert "hflint" not in out and "restricted" not in out, out
