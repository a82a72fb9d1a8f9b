"""The hooks for xonsh, elvish and nushell: one list of what each must show, through each shell's own words."""

import os
import re
import subprocess
import time

from lib import PATIENCE, test, token, write
from others import OTHERS
from test_guard import strace
from test_hostile import NAMES, no_controls, nothing_ran


def old(s, path, text):
    """A file that was there before the shell was."""
    write(path if path.startswith("/") else os.path.join(s.home, path), text, age=1000)


@test(*OTHERS)
def a_conflicting_dotenv_warns_once(S):
    s = S(env={"HF_TOKEN": token("a")})
    old(s, "proj/.env", f"HF_TOKEN={token('b')}\n")
    said = s.warned(s.cd("proj"))
    # of a shell whose start-up files it can't read, the program says that the variable comes from it
    assert len(said) == 1 and re.match(r"hflint: HF_TOKEN (\(from \w+\) )?defeats ", said[0]), (said, s.raw)
    assert s.segment == "hf:1"
    assert not s.warned(s.run() + s.run("status 0") + s.run())
    assert not s.warned(s.cd("..") + s.cd("proj") + s.run())
    s.cd("..")
    assert s.segment == ""
    write(s.home + "/proj/.env", f"HF_TOKEN={token('c')}\n", age=50)
    assert len(s.warned(s.cd("proj"))) == 1
    assert not s.warned(s.run() + s.run())


@test(*OTHERS)
def an_unchanged_prompt_starts_no_process(S):
    """With a finding, and a token file there: the guard at its longest. Not only no binary: not even a fork."""
    s = S(env={"HF_TOKEN": token("a")})
    old(s, "proj/.env", f"HF_TOKEN={token('b')}\n")
    old(s, ".cache/huggingface/token", token("a") + "\n")
    s.cd("proj")
    assert s.calls(), "the hook never asked"
    s.settle()
    s.spawned("status 0")
    assert s.spawned(*[""] * 5) == 0
    assert strace(s, ["", "", s.plain_line("T", "1"), ""]) == []
    # and the tracing itself can see one
    assert strace(s, ["status 0"]) != []


@test(*OTHERS)
def one_change_of_directory_is_one_process(S):
    s = S().settle()
    assert s.spawned("cd /") == 1, s.calls()
    assert s.spawned("", "") == 0


@test(*OTHERS)
def a_token_exported_by_hand(S):
    s = S()
    old(s, ".cache/huggingface/token", token("b") + "\n")
    s.run()
    out = s.export("HF_TOKEN", token("a"))
    assert len(s.warned(out)) == 1 and "hides your" in out, out
    assert not s.warned(s.run())
    s.unset("HF_TOKEN")
    assert s.segment == ""
    assert not s.warned(s.export("HF_TOKEN", token("b"))), "the same token in two places"


@test(*OTHERS)
def a_replaced_token_file(S):
    s = S(env={"HF_TOKEN": token("a")})
    old(s, ".cache/huggingface/token", token("a") + "\n")
    s.run()
    s.settle()
    assert s.segment == ""
    # as huggingface_hub writes it: in place
    with open(s.token_file, "w") as f:
        f.write(token("b") + "\n")
    assert len(s.warned(s.run())) == 1
    assert s.segment == "hf:1"
    s.settle()
    # as an editor does: another file in its place, of the same size; and older, as a restored one is
    write(s.token_file, token("a") + "\n", age=5000)
    assert not s.warned(s.run())
    assert s.segment == ""
    s.settle()
    os.unlink(s.token_file)
    assert s.spawned("") >= 1
    s.settle()
    write(s.token_file, token("c") + "\n")
    assert len(s.warned(s.run())) == 1


def isolated(S, more="", **kw):
    """A shell in a home with an isolated project `proj`, left again."""
    s = S(env={"HF_TOKEN": token("m"), "MOCK_PROJECT_TOKEN": token("p"), **kw})
    os.makedirs(s.home + "/proj/sub", exist_ok=True)
    s.cd("proj")
    s.run("hflint fix --isolate --yes")
    path = s.environment("HF_TOKEN_PATH")
    assert path and path.endswith("/token"), path
    # what `hf auth login` would do here
    write(path, token("p") + "\n")
    if more:
        s.run("hflint fix --isolate --yes " + more)
    return s


@test(*OTHERS)
def isolation_is_applied_and_taken_back(S):
    s = isolated(S)
    names = ("HF_TOKEN", "HF_TOKEN_PATH", "HFLINT_PROJECT")
    inside = s.environment(*names)
    assert inside[0] is None and all(inside[1:]), inside
    s.cd("sub")
    assert s.environment(*names) == inside
    s.cd("/")
    assert s.environment(*names) == [token("m"), None, None]
    s.cd(s.home + "/proj")
    assert s.environment(*names) == inside
    if not s.kind.nu:  # which has no hook for a change of directory but before the prompt
        out = s.cd("/", then="t-show HF_TOKEN")
        assert f"V[{token('m')}]V" in out, out
        out = s.cd(s.home + "/proj", then="t-show HF_TOKEN")
        assert "V-V" in out, out
    s.settle()
    assert s.spawned("", "") == 0


@test(*OTHERS)
def what_the_person_changed_stays(S):
    s = isolated(S)
    s.export("HF_TOKEN", token("o"))
    s.run()
    assert s.environment("HF_TOKEN") == token("o"), "applied again over the person's own value"
    s.export("HF_ENDPOINT", "https://x")  # makes the hook run once more
    assert s.environment("HF_TOKEN") == token("o")
    s.cd("/")
    assert s.environment("HF_TOKEN", "HF_TOKEN_PATH") == [token("o"), None]


@test(*OTHERS)
def an_exported_token_of_a_project(S):
    s = isolated(S, more="--export")
    assert s.environment("HF_TOKEN") == token("p")
    s.cd("/")
    assert s.environment("HF_TOKEN") == token("m")
    out = s.cd(s.home + "/proj")
    assert token("p") not in out
    assert s.environment("HF_TOKEN") == token("p")


@test(*OTHERS, mock=True)
def a_token_file_that_can_not_be_used(S):
    s = isolated(S, more="--export")
    path = s.environment("HF_TOKEN_PATH")
    for make in [lambda p: None, lambda p: write(p, "a b\n"), lambda p: write(p, "a\x1b[31mb\n"), os.mkdir, os.mkfifo]:
        s.cd("/")
        os.rmdir(path) if os.path.isdir(path) else os.path.exists(path) and os.unlink(path)
        make(path)
        out = s.cd(s.home + "/proj")
        assert "hflint: no token to export in" in out, out
        no_controls(s)


@test(*OTHERS)
def fix_unset_and_undo(S):
    s = S(env={"HF_TOKEN": token("a")})
    old(s, ".cache/huggingface/token", token("b") + "\n")
    os.chmod(s.token_file, 0o600)
    s.run()
    assert s.segment == "hf:1"
    s.run("hflint fix --unset --yes")
    assert s.environment("HF_TOKEN") is None
    assert s.segment == ""
    out = s.run("hflint undo")
    assert token("a") not in out
    assert s.environment("HF_TOKEN") == token("a")
    assert s.segment == "hf:1"
    # set again since: left alone, and said
    s.run("hflint fix --unset --yes")
    s.export("HF_TOKEN", token("o"))
    assert "hflint: HF_TOKEN was set again since and is left alone" in s.run("hflint undo")
    assert s.environment("HF_TOKEN") == token("o")


@test(*OTHERS)
def hostile_directory_names(S):
    s = S(env={"HF_TOKEN": token("a")})
    for i, n in enumerate(NAMES):
        if s.kind.nu and "\udcff" in n:
            continue  # nushell can't enter it
        p = os.path.join(s.home, n)
        os.makedirs(p)
        write(p + "/.env", f"HF_TOKEN={token('b')}\n", age=100)
        # The kernel's own name of it; the line editors take no such thing at the keyboard.
        s.cd_to(p, i)
        no_controls(s)
        out = s.shown + s.run() + s.run()
        no_controls(s)
        # xonsh itself trips over a name that is not UTF-8, and says so at length.
        for bad in ["not found", "error", "Traceback", "exception", "PWNED: "] if s.kind.family != "xonsh" or n.isprintable() else ["PWNED: "]:
            assert bad not in out, (n, out)
        assert s.settle().spawned("", "") == 0, n
        s.cd(s.home)
        nothing_ran(s)


@test(*OTHERS, mock=True)
def names_outside_the_list(S):
    s = S(env={"HF_TOKEN": token("a"), "HF_ENDPOINT": "https://mine"})
    names = ["PATH", "HOME", "HF_HOME", "LD_PRELOAD", "HF_ENDPOINT", "HF_TOKEN"]
    before = s.environment(*names)
    for command in ["cd /", "hflint fix"]:
        s.export("HFLINT_MOCK", "names")
        s.run(command)
        s.run()
        s.unset("HFLINT_MOCK")
        assert s.environment(*names) == before
        nothing_ran(s)


@test(*OTHERS, mock=True)
def hostile_values(S):
    s = S(env={"HF_TOKEN": token("a")})
    for how in ["raw", "control", "long", "cut", "values"]:
        s.cd(s.home)
        s.export("HFLINT_MOCK", how)
        out = s.cd("/")
        no_controls(s)
        out += s.run() + s.run()
        no_controls(s)
        assert s.segment == "", s.segment
        for bad in ["Traceback", "xception", "rror:", "the hook failed"]:
            assert bad not in out, (how, out[:800])
        if how == "cut":
            assert s.environment("HF_HOME", "HF_TOKEN_PATH") == ["/whole", None]
        assert s.environment("HF_ENDPOINT", "HF_TOKEN") == [None, token("a")]
        nothing_ran(s)
        s.unset("HFLINT_MOCK")


@test(*OTHERS, mock=True)
def a_wrong_binary_is_said_once(S):
    s = S(env={"HFLINT_MOCK": "empty"})
    assert s.started.count("hflint: ") == 1 and "is of another version than this shell's hook; start a new shell" in s.started, s.started
    for how, text in [
        ("next", ""),
        ("status", "hook failed with status 3"),
        ("alarm", "looking around took too long and was given up here"),
    ]:
        s.unset("HFLINT_MOCK")
        s.cd(s.home)
        s.run(s.export_line("HFLINT_MOCK", how))
        out = s.cd("/")
        assert out.count("hflint: ") == (1 if text else 0) and text in out, (how, out)
        assert s.spawned("", "") == 0, how
        assert s.spawned("cd /tmp") == 1
        assert not s.warned(s.shown), s.shown
        assert s.environment("HF_HOME") is None
    # it heals
    s.unset("HFLINT_MOCK")
    s.export("HF_ENDPOINT", "https://x")
    assert s.segment == "hf:1"


@test(*OTHERS)
def a_missing_binary_is_said_once(S):
    s = S(env={"HF_TOKEN": token("a")}).settle()
    os.rename(s.bin, s.bin + ".away")
    out = s.cd("/")
    assert f"hflint: {s.bin} not found; the hook rests in this shell" in out, out
    out = s.run("cd .") + s.run() + s.export("HF_ENDPOINT", "https://x")
    assert not s.warned(out), out
    os.rename(s.bin + ".away", s.bin)
    s.cd("/tmp")
    assert s.segment == "hf:1"


@test(*OTHERS, mock=True)
def interrupted_while_it_looks(S):
    """Ctrl-C while the program hangs gives the prompt back, and it is not started again at each prompt."""
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
    if s.kind.nu:
        # nushell forgets the key at its next prompt only: what draws this one may be interrupted with the hook, and so
        # may the command that is typed at it: `entry #3` is where it says so of that, not of the hook. What is typed
        # before the next prompt is drawn is lost.
        out = s.wait(pattern="interrupted|status 130") + s.expect("print (1233 + 1)", "1234|entry #") + s.wait(before + 1)
        out += s.expect("print (1234 + 1)", "1235") + s.wait(s.number + 1)
    else:
        out = s.wait(before + 1)
    assert "Traceback" not in out, out
    os.remove(s.owned + "/hangs")
    s.run()
    s.run("status 0")
    assert not os.path.exists(s.owned + "/hangs")
    os.rename(s.bin + ".good", s.bin)
    s.cd(s.home)
    s.export("HF_ENDPOINT", "https://x")
    assert s.segment == "hf:1"


@test(*OTHERS)
def switched_off(S):
    s = S(env={"HF_TOKEN": token("a")})
    old(s, "proj/.env", f"HF_TOKEN={token('b')}\n")
    s.export("HFLINT", "0")
    assert s.spawned("cd proj", "") == 0
    assert not s.warned(s.shown) and s.segment == ""
    s.unset("HFLINT")
    assert s.segment == "hf:1"


@test(*OTHERS, mock=True)
def what_was_typed_ahead_is_not_read(S):
    s = S(env={"HFLINT_MOCK": "stdin"})
    s.buffer = ""
    s.send("cd /\n")
    s.send("t-show HOME\n")
    s.wait(pattern=r"V\[" + s.home + r"\]V")


@test(*OTHERS, mock=True)
def the_command_is_the_programs_own(S):
    """Words, standard input and output go through as they are; only `fix` and `undo` get a descriptor."""
    s = S()
    out = s.run("hflint explain " + s.quote("a b") + " --exit5")
    assert "args explain|a b|--exit5" in out and "stdin tty true" in out, out
    if s.kind.family != "elvish":
        assert s.status == 5
    out = s.run("hflint status")
    assert f'hook {s.kind.family}:{s.kind.number()}:on fd "" subshell ""' in out, out
    assert "answer " in s.typed("hflint fix --ask", "sure? ", "yes")
    out = s.run("hflint status | ^cat" if s.kind.nu else "hflint status | cat")
    assert f"hook {s.kind.family}:{s.kind.number()}:on" in out, out
    # nothing in a word is expanded once more
    out = s.run("hflint explain " + ("r" if s.kind.family == "xonsh" else "") + s.quote("~ $HOME *"))
    assert "args explain|~ $HOME *" in out, out


@test(*OTHERS)
def loaded_twice(S):
    s = isolated(S)
    s.reload()
    s.cd("/")
    assert s.environment("HF_TOKEN", "HF_TOKEN_PATH") == [token("m"), None]
    s.settle()
    assert s.spawned("cd " + s.home) == 1, s.calls()
    assert len(s.warned(s.export("HF_ENDPOINT", "http://x.example"))) <= 1


@test("xonsh", "nu")
def the_status_is_kept(S):
    s = S(env={"HF_TOKEN": token("a")})
    old(s, "proj/.env", f"HF_TOKEN={token('b')}\n")
    assert s.warned(s.cd("proj", then="status 7"))
    assert s.status == 7
    s.run("status 1")
    assert s.status == 1
    s.run("status 0")
    assert s.status == 0


@test(*OTHERS)
def removed(S):
    s = isolated(S)
    s.run(s.load_line(s.removal()))
    assert s.environment("HF_TOKEN", "HF_TOKEN_PATH", "HFLINT_PROJECT") == [token("m"), None, None]
    assert s.spawned("cd /", "") == 0
    out = s.run("hflint hook xonsh ctime")
    assert "hflint1" in out, "the program itself is called again"


@test(*OTHERS)
def nothing_is_traced(S):
    s = S(before="$XONSH_TRACE_SUBPROC = 2" if S.kind.family == "xonsh" else "", env={"HF_TOKEN": token("a")})
    old(s, ".cache/huggingface/token", token("b") + "\n")
    shown = s.started + s.run() + s.run("hflint fix --unset --yes") + s.run("hflint undo") + s.cd("/") + s.run("hflint status")
    for t in (token("a"), token("b")):
        assert t not in shown


@test(*OTHERS)
def no_hook_in_scripts(S):
    """Nothing is asked and nothing said where nobody looks."""
    s = S(load="no", env={"HF_TOKEN": token("a")})
    old(s, ".cache/huggingface/token", token("b") + "\n")
    out = subprocess.run(s.script_line(), env=s.env, cwd=s.home, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert out.returncode == 0 and "done" in out.stdout and "hflint" not in out.stdout + out.stderr, out
    assert not s.calls()


@test("xonsh")
def the_field_of_the_prompt(S):
    s = S(env={"HF_TOKEN": token("a")})
    field = "print(__xonsh__.shell.shell.prompt_formatter('<{hflint:[{}] }>'))"
    assert "<>" in s.run(field)
    s.export("HF_ENDPOINT", "http://x.example")
    assert "<[hf:1] >" in s.run(field)
    assert s.environment("HFLINT_PROMPT") is None
