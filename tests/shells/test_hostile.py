"""Hostile binaries, directories and values: nothing runs, nothing is assigned outside the list, nothing steers the terminal."""

import os

from lib import test, token, write

NAMES = ["a b", "q'uote", 'd"q', "$(touch PWNED)", "`touch PWNED`", "gl[o]b*", "-nt", "-e", "!", "(", "tab\tname", "new\nline", "ünï", "%n%~", "%41", "x;touch PWNED;",
         "\x1b]0;owned\x07", "\x1b[31m", "{a,b}", "~", "\\", "a\\x41", "&", "|", "hflint1", "+", "\udcff\udcfe", "x" * 250]


def nothing_ran(s):
    for root, _, files in os.walk(s.owned):
        assert "PWNED" not in files, root
    assert not os.path.exists("/PWNED") and not os.path.exists("/tmp/PWNED")


def no_controls(s):
    """No byte that steers a terminal, apart from what fish and readline send for themselves."""
    said = [line for line in s.raw.split("\n") if "hflint: " in line]
    for line in said:
        text = line[line.index("hflint: ") :].rstrip("\r")
        assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in text), ascii(text)


@test()
def hostile_directory_names(S):
    s = S(env={"HF_TOKEN": token("a")}, after="PS2=" if S.kind.family != "fish" else "")
    for i, n in enumerate(NAMES):
        p = os.path.join(s.home, n)
        os.makedirs(p)
        write(p + "/.env", f"HF_TOKEN={token('b')}\n", age=100)
        link = f"{s.home}/link{i}"
        os.symlink(p, link)
        out = s.run(f"cd link{i}")
        no_controls(s)
        out += s.run("cd -P ." if not s.kind.fish else "cd (pwd -P | string collect)")
        no_controls(s)
        out += s.run() + s.run()
        no_controls(s)
        for bad in ["not found", "error", "PWNED: ", "unexpected", "__hflint"]:
            assert bad not in out.lower(), (n, out)
        assert s.status == 0, n
        # What was just made is asked about until the clock has gone on.
        assert s.settle().spawned("", "") == 0, n
        s.run(f"cd {s.home}")
        nothing_ran(s)


@test(mock=True)
def isolation_in_hostile_directories(S):
    s = S(env={"HF_TOKEN": token("a")})
    for i, n in enumerate(NAMES):
        p = os.path.join(s.home, n)
        os.makedirs(p)
        os.symlink(p, f"{s.home}/link{i}")
        s.run(f"cd link{i}")
        s.run("hflint fix --isolate")
        assert s.environment("HF_TOKEN") in (None, ""), n
        assert s.environment("HF_TOKEN_PATH"), n
        s.run(f"cd {s.home}")
        assert s.environment("HF_TOKEN") == token("a"), n
        nothing_ran(s)


@test(mock=True)
def hostile_paths_are_watched_and_decoded(S):
    """Each odd byte survives the way through the wire format into the file tests."""
    for n in NAMES:
        if ":" in n:
            continue
        d = S.directory() + "/" + n
        write(d + "/token", "x", age=100)
        s = S(env={"HF_TOKEN_PATH": d + "/token"})
        s.settle()
        write(d + "/token", "y", age=50)
        assert s.spawned("") >= 1, ascii(n)
        s.settle()
        os.unlink(d + "/token")
        assert s.spawned("") >= 1, ascii(n)
        s.settle()
        write(d + "/token", "z", age=50)
        assert s.spawned("") >= 1, ascii(n)
        nothing_ran(s)


@test(mock=True)
def names_outside_the_list(S):
    for command in ["hook", "fix"]:
        s = S(env={"HF_TOKEN": token("a"), "HF_ENDPOINT": "https://mine"})
        before = {n: s.value(f'"${n}"') for n in ["PATH", "HOME", "IFS", "PROMPT_COMMAND", "HF_HOME"]}
        s.export("HFLINT_MOCK", "names")
        if command == "hook":
            s.run("cd /")
            s.run("cd")
        else:
            s.run("hflint fix")
            assert s.status == 1
        s.unset("HFLINT_MOCK")
        for n, v in before.items():
            assert s.value(f'"${n}"') == v, n
        assert s.environment("HF_TOKEN") == token("a")
        assert s.environment("HF_ENDPOINT") == "https://mine"
        assert s.environment("LD_PRELOAD") is None
        nothing_ran(s)


@test(mock=True)
def hostile_values(S):
    for how in ["values", "raw", "cut", "control", "long"]:
        for command in ["cd /", "hflint fix"]:
            s = S(env={"HF_TOKEN": token("a")})
            s.export("HFLINT_MOCK", how)
            out = s.run(command)
            no_controls(s)
            out += s.run() + s.run()
            no_controls(s)
            assert s.segment == "", s.segment
            for bad in ["command not found", "unbound", "unexpected", "missing hex", "__hflint", "set:", "string:", "test:", "printf:"]:
                assert bad not in out, (how, out[:500])
            assert s.environment("HF_ENDPOINT") is None
            assert s.environment("HF_TOKEN") == token("a")
            nothing_ran(s)


@test(mock=True)
def prompt_segment_is_not_expanded(S):
    """With prompt expansion on, a value that got through would run at each prompt."""
    before = "setopt promptsubst promptpercent promptbang 2>/dev/null" if S.kind.family == "zsh" else ""
    s = S(before=before, env={"HFLINT_MOCK": "values"})
    if s.kind.family == "bash":
        s.run("PS1=\"${PS1}${HFLINT_PROMPT}\"")
    s.run("cd /")
    s.run()
    nothing_ran(s)


@test(mock=True)
def wrong_binaries_are_said_once(S):
    for how, text in [
        ("empty", "is of another version than this shell's hook; start a new shell"),
        ("next", "is of another version than this shell's hook; start a new shell"),
        ("usage", "is of another version than this shell's hook; start a new shell"),
        ("status", "hook failed with status 3"),
        ("panic", "hook failed with status 1"),
        ("alarm", "looking around took too long and was given up here"),
    ]:
        s = S(env={"HFLINT_MOCK": how})
        first = s.started
        assert first.count("hflint: ") == 1 and text in first, (how, first)
        assert "panicked" not in first
        # not tried again before something changes, and then silently
        assert s.spawned("", "") == 0, how
        assert s.spawned("cd /") == 1
        assert not s.warned(s.shown), s.shown
        assert s.environment("HF_HOME") is None
        # it heals
        s.unset("HFLINT_MOCK")
        s.export("HF_ENDPOINT", "https://x")
        assert s.segment == "hf:1"


@test(mock=True)
def cut_answer_is_applied_up_to_the_cut(S):
    s = S()
    s.export("HFLINT_MOCK", "cut")
    s.run("cd /")
    assert s.environment("HF_HOME") == "/whole"
    assert s.environment("HF_TOKEN_PATH") is None


@test(mock=True)
def standard_input_is_never_read(S):
    """What was typed ahead belongs to the next command."""
    s = S(env={"HFLINT_MOCK": "stdin"})
    s.buffer = ""
    s.send("cd /\necho first-''line\n")
    out = s.wait(s.number + 2)
    assert "first-line" in out, out


@test(mock=True)
def binary_disappears_and_returns(S):
    s = S().settle()
    os.rename(s.bin, s.bin + ".away")
    out = s.run("cd /")
    assert f"hflint: {s.bin} not found; the hook rests in this shell" in out, out
    out = s.run("cd") + s.run() + s.export("HF_ENDPOINT", "https://x")
    assert "hflint" not in out.replace(s.home, ""), out
    os.rename(s.bin + ".away", s.bin)
    s.run("cd /")
    assert s.segment == "hf:1"


@test()
def relative_path_entries_are_not_searched(S):
    """A `hflint` in the directory must never be started."""
    s = S(load="bare", before='PATH=".:bin::$PATH"' if S.kind.family != "fish" else "set -gx PATH . bin '' $PATH")
    d = s.home + "/evil"
    write(d + "/hflint", "#!/bin/sh\ntouch PWNED\n")
    os.chmod(d + "/hflint", 0o755)
    os.makedirs(d + "/bin")
    os.link(d + "/hflint", d + "/bin/hflint")
    s.settle()
    assert s.spawned("cd evil", "hflint status") == 2
    nothing_ran(s)
