"""Machines in a bad state: odd homes, no descriptors, a program that hangs, dies or is no program."""

import os
import re
import time

from lib import PATIENCE, test, token, write
from test_hostile import no_controls, nothing_ran

HOMES = ["a b", "it's \"q\"", "new\nline", "$(touch PWNED)`touch PWNED`", "*[a-z]?", "-n", "\\back", "ünï", "\x1b[31mred\x07", "a;b&c|d", "%n%~!", "\udcff\udce9"]


@test()
def odd_homes(S):
    """HOME itself, and with it every path that is watched."""
    for name in HOMES:
        base = S(load="no")
        home = os.path.join(base.dir, name)
        os.rename(base.home, home)
        base.home = home
        os.symlink(home, os.path.join(base.dir, "home"))
        s = S(env={"HOME": home, "HF_TOKEN": token("a"), "ZDOTDIR": ""})
        # fish looks for its configuration in HOME
        if s.kind.fish:
            s.close()
            s = S(home=base, env={"HOME": home, "HF_TOKEN": token("a"), "XDG_CONFIG_HOME": base.dir + "/home/.config", "XDG_DATA_HOME": base.dir + "/home/.local/share"})
        out = s.started
        write(home + "/.cache/huggingface/token", token("b") + "\n", age=100)
        out += s.run(s.export_line("HF_HUB_OFFLINE", "1"))
        no_controls(s)
        assert s.segment == "hf:1", (name, out)
        s.settle()
        assert s.spawned("", "") == 0, name
        write(home + "/.cache/huggingface/token", token("a") + "\n", age=50)
        assert s.spawned("") == 1, name
        assert s.segment == "", name
        for bad in ("not found", "rror", "__hflint", "unexpected"):
            assert bad not in out, (name, out)
        nothing_ran(s)
        nothing_ran(base)


@test()
def a_program_that_is_none(S):
    """What stands at its path after an upgrade that went wrong; said once, and it heals."""
    s = S().settle()
    good = s.bin + ".good"
    os.rename(s.bin, good)

    def made(make, mode=0o755):
        if os.path.isdir(s.bin):
            os.rmdir(s.bin)
        elif os.path.lexists(s.bin):
            os.unlink(s.bin)
        make()
        if not os.path.isdir(s.bin) and not os.path.islink(s.bin):
            os.chmod(s.bin, mode)

    for name, make, mode in [
        ("not executable", lambda: write(s.bin, "#!/bin/sh\n"), 0o644),
        ("a directory", lambda: os.mkdir(s.bin), None),
        ("a dangling link", lambda: os.symlink("/nowhere", s.bin), None),
        ("empty", lambda: write(s.bin, ""), 0o755),
        ("garbage", lambda: write(s.bin, "\x7fELF\x02\x01\x01" + "x" * 100), 0o755),
        ("another program", lambda: write(s.bin, "#!/bin/sh\necho what\n"), 0o755),
        ("killed", lambda: write(s.bin, "#!/bin/sh\nkill -KILL $$\n"), 0o755),
        ("crashed", lambda: write(s.bin, "#!/bin/sh\nkill -SEGV $$\n"), 0o755),
        ("no interpreter", lambda: write(s.bin, "#!/nowhere/sh\n"), 0o755),
    ]:
        made(make, mode)
        out = s.run("cd /") + s.run("") + s.run("cd")
        if s.kind.fish:
            # fish tells of a crash and of a missing interpreter itself, past every redirection
            out = re.sub(r"\n(fish: Job \d+, .* terminated by signal SIG|exec: Failed to execute process).*", "", out)
        said = s.warned(out)
        assert len(said) <= 1, (name, out)
        for bad in ("Permission", "cannot execute", "exec", "Segmentation", "Killed", "terminated", "SIGSEGV", "bad interpreter", "is a directory", "what\n"):
            assert bad not in out.replace("not executable", ""), (name, bad, out)
        assert s.spawned("", "") == 0
        s.run("false")
        assert s.status == 1
    made(lambda: os.link(good, s.bin))
    s.export("HF_ENDPOINT", "x")
    assert s.segment == "hf:1"


@test(mock=True)
def interrupted_while_it_looks(S):
    """Ctrl-C while the program hangs gives the prompt back, and the shell lives."""
    s = S().settle()
    os.rename(s.bin, s.bin + ".good")
    write(s.bin, f"#!/bin/sh\necho x > {s.owned}/hangs\nexec sleep 50\n")
    os.chmod(s.bin, 0o755)
    s.buffer = ""
    s.send("cd /\n")
    until = time.monotonic() + PATIENCE
    while not os.path.exists(s.owned + "/hangs"):
        assert time.monotonic() < until, "the program was not started"
        time.sleep(0.01)
    before = s.number
    s.send("\x03")
    out = s.wait(before + 1)
    assert "__hflint" not in out, out
    # Not started again, or each prompt would have to be interrupted.
    os.remove(s.owned + "/hangs")
    out = s.run("true")
    assert s.status == 0, out
    out = s.run("")
    assert not os.path.exists(s.owned + "/hangs"), out
    os.rename(s.bin + ".good", s.bin)
    s.run("cd")
    s.export("HF_ENDPOINT", "x")
    assert s.segment == "hf:1"
    s.settle()
    assert s.spawned("", "") == 0


@test("bash", "zsh")
def no_descriptor_left(S):
    """Nothing can be started then; the unchanged prompt is silent, and all is well afterwards."""
    s = S().settle()
    many = "exec " + " ".join(f"{i}</dev/null" for i in range(3, 10))
    s.run(many)
    s.run("ulimit -Sn 10")
    out = s.run("") + s.run(":")
    assert "hflint" not in out and "open files" not in out, out
    s.run("cd /")
    out = s.run("") + s.run(":") + s.run("")
    assert "hflint" not in out and "open files" not in out, out
    s.run("ulimit -Sn 256")
    s.run("export HF_ENDPOINT=x")
    assert s.segment == "hf:1"


@test()
def without_a_terminal_type(S):
    for value in [None, "", "unknown-terminal"]:
        s = S(env={"TERM": value, "HF_ENDPOINT": "x"})
        assert s.segment == "hf:1"
        line = [x for x in s.raw.split("\n") if "hflint: " in x]
        assert len(line) == 1 and not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", line[0][line[0].index("hflint: ") :].rstrip("\r")), line
