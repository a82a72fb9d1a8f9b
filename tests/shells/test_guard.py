"""The guard: what starts the binary, and above all what does not."""

import os
import re
import subprocess

from lib import test, token, write


def threads(pid):
    """What the kernel says of each thread of a process."""
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{thread}/status") as f:
                yield f.read()
        except (FileNotFoundError, ProcessLookupError):
            pass  # ended meanwhile


def strace(s, lines):
    """Every process that the shell starts while these lines are typed (threads do not count)."""
    log = s.owned + "/strace"
    p = subprocess.Popen(
        ["strace", "-f", "-q", "-e", "trace=fork,vfork,clone,clone3,execve", "-o", log, "-p", str(s.pid)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        # Attached once the kernel says so, to every thread: elvish and nushell start programs from any.
        while any(re.search(r"TracerPid:\s+0$", text, re.M) for text in threads(s.pid)):
            assert p.poll() is None, "strace does not work here"
        for line in lines:
            s.run(line)
    finally:
        p.terminate()
        p.wait()
    with open(log) as f:
        return [line for line in f if "CLONE_THREAD" not in line and "resumed" not in line and "+++" not in line and "---" not in line]


@test()
def unchanged_prompt_starts_no_process(S):
    s = S(env={"HF_TOKEN": token("a")})
    write(s.token_file, token("b") + "\n", age=100)
    os.makedirs(s.home + "/.config/x", exist_ok=True)
    s.run()
    assert s.calls(), "the hook never asked"
    s.settle()
    assert s.spawned(*[""] * 5) == 0
    # Not only the binary: nothing at all, not even a fork.
    assert strace(s, ["", "true", "false", "T=1" if not s.kind.fish else "set T 1", ""]) == []
    # and the tracing itself can see one
    assert strace(s, ["/bin/true"]) != []


@test()
def first_prompt_asks_once(S):
    s = S()
    s.settle()
    # Where a shell sees whole seconds, what was written within this one is asked about until it is over.
    assert len(s.calls()) == 1 or "coarse" in s.calls()[0].split(), s.calls()


@test()
def says_its_shell_and_how_it_compares(S):
    s = S()
    words = s.calls()[0].split()
    mode = "ctime" if s.kind.name == "zsh" and s.kind.version() >= (5, 9) else words[2]
    assert words[:3] == ["hook", s.kind.family, mode], words
    assert mode in ("ctime", "stamp")
    if s.kind.name == "zsh-stamp":
        assert mode == "stamp"


@test()
def variable_changes_are_seen_once_each(S):
    s = S(env={"A": token("a")}).settle()
    with open(s.kind.script()) as f:
        names = re.search(r"__hflint_names(?:=\(| )(HF_[A-Z0-9_ ]+)", f.read()).group(1).split()
    for name in names:
        if name == "HOME":  # which the tests themselves stand on
            continue
        s.settle()
        assert s.spawned(s.export_line(name, "/x")) == 1, name
        assert s.spawned("") == 0, name
        assert s.spawned(s.export_line(name, "/x")) == (1 if s.kind.fish else 0), name  # fish: an event, whatever the value
        assert s.spawned(s.export_line(name, "/y")) == 1, name
        assert s.spawned(s.unset_line(name)) == 1, name
        assert s.spawned("") == 0, name


@test()
def empty_is_not_unset(S):
    s = S().settle()
    for name in ["HF_ENDPOINT", "HF_TOKEN"]:
        assert s.spawned(s.export_line(name, "''")) == 1
        assert s.spawned("") == 0
        assert s.spawned(s.unset_line(name)) == 1
        assert s.spawned("") == 0


@test()
def exported_is_not_plain(S):
    s = S().settle()
    if s.kind.family == "bash" and s.kind.version() < (4, 4):
        return  # such a bash can't tell without a process
    assert s.spawned(s.plain_line("HF_TOKEN", "x")) == 1
    assert s.spawned("") == 0
    assert s.spawned("set -gx HF_TOKEN x" if s.kind.fish else "export HF_TOKEN") == 1
    assert s.spawned("") == 0
    assert s.spawned({"bash": "export -n HF_TOKEN", "zsh": "typeset -g +x HF_TOKEN", "fish": "set -gu HF_TOKEN x"}[s.kind.family]) == 1
    assert s.spawned("") == 0


@test()
def other_variables_do_not_matter(S):
    s = S().settle()
    assert s.spawned(s.export_line("HF_SOMETHING", "1"), s.export_line("EDITOR", "vi"), s.plain_line("X", "1")) == 0


@test()
def directory_change_asks_once(S):
    s = S().settle()
    os.makedirs(s.home + "/a/b")
    assert s.spawned("cd a") == 1
    assert s.spawned("") == 0
    assert s.spawned("cd b") == 1
    assert s.spawned("cd ../.." if not s.kind.fish else "cd (pwd)/../..") == 1
    assert s.spawned("cd .") == 0


@test()
def files_appear_change_and_go(S):
    s = S().settle()
    write(s.token_file, token("a") + "\n")
    assert s.spawned("") == 1, "created"
    s.settle()
    write(s.token_file, token("b") + "\n")
    assert s.spawned("") == 1, "replaced, same size"
    s.settle()
    with open(s.token_file, "a") as f:
        f.write("\n")
    assert s.spawned("") == 1, "appended"
    s.settle()
    write(s.token_file, token("c") + "\n", age=5000)
    assert s.spawned("") == 1, "replaced by an older one"
    s.settle()
    os.unlink(s.token_file)
    assert s.spawned("") == 1, "deleted"
    s.settle()
    os.mkdir(s.token_file)
    assert s.spawned("") == 1, "a directory in its place"
    s.settle()
    assert s.spawned("", "") == 0


@test()
def a_file_within_the_same_second_is_another_file(S):
    s = S()
    now = os.stat(s.home).st_mtime_ns // 10**9 * 10**9 - 100 * 10**9
    write(s.token_file, token("a") + "\n")
    os.utime(s.token_file, ns=(now + 10**8, now + 10**8))
    write(s.token_file + ".other", token("b") + "\n")
    os.utime(s.token_file + ".other", ns=(now + 2 * 10**8, now + 2 * 10**8))
    s.settle()
    os.rename(s.token_file + ".other", s.token_file)
    coarse = s.kind.family == "bash" and s.kind.version() < (5, 0) or s.kind.fish and s.kind.version() < (3, 6)
    assert s.spawned("") == (0 if coarse else 1)


@test()
def same_time_is_seen_by_ctime_alone(S):
    """The known limit of -nt and -ot; the page says so."""
    s = S()
    write(s.token_file, token("a") + "\n", age=500)
    s.settle()
    was = os.stat(s.token_file).st_mtime_ns
    write(s.token_file + ".other", token("b") + "\n")
    os.utime(s.token_file + ".other", ns=(was, was))
    os.rename(s.token_file + ".other", s.token_file)
    assert s.spawned("") == (1 if "ctime" in s.calls()[0] else 0)


@test()
def edit_right_after_the_answer_is_seen(S):
    s = S().settle()
    for letter in "abcdef":
        # Same size; perhaps within the tick of the clock in which the last answer was made.
        write(s.token_file, token(letter) + "\n")
        assert s.spawned("") >= 1, letter
    s.settle()
    assert s.spawned("", "") == 0


@test(mock=True)
def many_files_are_watched(S):
    """More than fish compares one by one."""
    s = S(env={"HFLINT_MOCK_WATCH": ""})
    names = [f"{s.home}/many {i}" for i in range(12)]
    for n in names:
        write(n, "x", age=1000)
    s.export("HFLINT_MOCK_WATCH", s.quote(":".join(names)))
    s.export("HF_HOME", "/x")
    s.settle()
    for n in names[:2] + names[-2:]:
        write(n, "y", age=500)
        assert s.spawned("") >= 1, n
        s.settle()
        os.unlink(n)
        assert s.spawned("") >= 1, n
        s.settle()
    assert s.spawned("", "") == 0


@test()
def deleted_directory(S):
    s = S()
    os.makedirs(s.home + "/gone")
    s.run("cd gone")
    os.rmdir(s.home + "/gone")
    out = s.run("true") + s.run("") + s.run("")
    assert s.status == 0
    assert s.warned(out) == [], out
    s.run("cd")
    s.settle()


@test()
def off_switch(S):
    s = S(env={"HFLINT": "0", "HF_TOKEN": token("a")})
    write(s.token_file, token("b") + "\n", age=100)
    os.makedirs(s.home + "/d")
    assert s.spawned("", s.export_line("HF_ENDPOINT", "https://x"), "cd d", "") == 0
    assert not s.warned(s.shown)
    assert s.segment == ""
    assert s.spawned(s.unset_line("HFLINT")) == 1
    assert s.segment != ""
    assert s.spawned(s.export_line("HFLINT", "0")) == 0
    assert s.segment == ""
