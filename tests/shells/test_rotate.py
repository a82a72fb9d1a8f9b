"""`hflint fix rotate`: a prompt that shows nothing, and a new token in this shell, by a file and never by an answer."""

import os

from lib import test, token, write

LOGIN = ".cache/huggingface/token"


def machine(S):
    s = S(env={"HF_TOKEN": token("a")})
    write(s.home + "/" + LOGIN, token("a"), age=100)
    write(s.home + "/.profile", f"export HF_TOKEN='{token('a')}'\n", age=100)
    return s


def read(s, path):
    with open(os.path.join(s.home, path)) as f:
        return f.read()


def prompted(s, command="hflint fix --rotate"):
    return s.expect(command, r"not shown\): ")


def sane(s):
    """The terminal shows what is typed, takes lines and knows Ctrl-C."""
    modes = s.run("stty -a").split()
    return all(m in modes for m in ("icanon", "isig", "echo", "iexten"))


@test(real=True)
def the_whole_way_and_back(S):
    s = machine(S)
    prompted(s)
    s.send(token("n") + "\n")
    shown = s.wait(pattern=r"\[y/N\] ")
    assert token("n") not in shown and token("a") not in shown, shown
    assert "hf_****" in shown
    shown = s.run("y")
    assert s.status == 0, shown
    assert token("n") not in shown
    assert s.environment("HF_TOKEN") == token("n")
    assert read(s, LOGIN) == token("n")
    assert read(s, ".profile") == f"export HF_TOKEN='{token('n')}'\n"
    assert sane(s)
    s.settle()
    assert s.segment == "", s.segment
    # It is the person's own now: a project that is entered and left gives it back.
    os.makedirs(s.home + "/proj")
    s.run("cd proj")
    s.run("hflint fix --isolate --yes")
    assert s.environment("HF_TOKEN") is None
    s.run("cd ..")
    assert s.environment("HF_TOKEN") == token("n")
    s.run("hflint undo 1")
    assert s.status == 0
    assert s.environment("HF_TOKEN") == token("a")
    assert read(s, LOGIN) == token("a")


@test(real=True)
def every_way_out_of_the_prompt(S):
    s = machine(S)
    for keys in ["\x03", "\x04", "hf_half\x03", "\x1c"]:
        prompted(s)
        s.buffer = ""
        s.send(keys)
        shown = s.wait(s.number + 1)
        assert "nothing was changed" in shown, shown
        assert s.status == 1
        assert sane(s), keys
    # Ctrl-Z does not stop it, Backspace takes back.
    prompted(s)
    s.send("\x1a" + token("n") + "x\x7f\n")
    s.wait(pattern=r"\[y/N\] ")
    s.run("n")
    assert s.status == 1 and s.environment("HF_TOKEN") == token("a")
    assert read(s, LOGIN) == token("a")
    assert sane(s)


@test(real=True)
def a_fix_that_has_nothing_for_this_shell_succeeds(S):
    s = S(env={"HF_TOKEN": token("a")})
    s.run("hflint fix --yes")
    assert s.status == 0, "nothing to fix"
    write(s.home + "/.huggingface/token", token("b"), age=100)
    shown = s.run("hflint fix HF105 --yes")
    assert s.status == 0 and "done: " in shown, shown
    assert not os.path.exists(s.home + "/.huggingface/token")


@test(real=True)
def what_is_no_token(S):
    s = machine(S)
    prompted(s)
    shown = s.run("hf_short")
    assert "the beginning of a token only; nothing was changed" in shown and "hf_short" not in shown, shown
    assert s.status == 2
    # A second line that was pasted along is no command of the shell.
    prompted(s)
    s.send(token("a") + "\ntouch PASTED\n")
    shown = s.wait(s.number + 1)
    assert "the new token is the old one" in shown
    assert s.run() is not None and not os.path.exists(s.home + "/PASTED")


@test(real=True)
def from_standard_input(S):
    s = machine(S)
    write(s.home + "/new", token("n") + "\n")
    s.run("hflint fix rotate --yes < new")
    assert s.status == 0
    assert s.environment("HF_TOKEN") == token("n")
    write(s.home + "/new", token("p") + "\n")
    s.run("hflint fix rotate --yes < new")
    assert s.environment("HF_TOKEN") == token("p")
    # Each undo knows its own.
    s.run("hflint undo")
    assert s.environment("HF_TOKEN") == token("n")
    s.run("hflint undo")
    assert s.environment("HF_TOKEN") == token("a")
    assert read(s, LOGIN) == token("a")


@test(real=True)
def what_the_person_set_since_stays(S):
    s = machine(S)
    write(s.home + "/new", token("n") + "\n")
    s.run("hflint fix rotate --yes < new")
    s.export("HF_TOKEN", token("o"))
    out = s.run("hflint undo")
    assert "HF_TOKEN was set again since and is left alone" in out, out
    assert s.environment("HF_TOKEN") == token("o")
    assert read(s, LOGIN) == token("a")


@test(real=True)
def a_variable_that_is_not_exported(S):
    s = machine(S)
    s.run("set -u HF_TOKEN" if s.kind.fish else "export -n HF_TOKEN" if s.kind.family == "bash" else "typeset +x HF_TOKEN")
    write(s.home + "/new", token("n") + "\n")
    shown = s.run("hflint fix rotate --yes < new")
    assert s.status == 0, shown
    assert s.environment("HF_TOKEN") is None, "what programs do not get is not given to them"
    assert read(s, LOGIN) == token("n")
