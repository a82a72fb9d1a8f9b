"""The `hflint` function: `fix` and `undo` reach this shell, everything else only passes through."""

import os

from lib import test, token, write


@test(mock=True)
def everything_else_goes_straight_through(S):
    s = S()
    out = s.run("hflint --exit5 'a b' '' '*'")
    assert s.status == 5
    assert "args --exit5|a b||*" in out, out
    assert "stdin tty true" in out
    assert s.lines("echo typed | hflint check 2>&1 | grep -c args") == ["1"]
    out = s.run("hflint status")
    assert f'hook {s.kind.family}:{s.kind.number()}:on fd "" subshell ""' in out, out


@test(mock=True)
def status_tells_the_health_of_the_hook(S):
    s = S()
    f = s.kind.family
    s.run(s.export_line("HFLINT", "0"))
    assert f"hook {f}:{s.kind.number()}:off" in s.run("hflint status")
    s.run(s.unset_line("HFLINT"))
    if f == "bash":
        s.run("was=(\"${PROMPT_COMMAND[@]}\"); PROMPT_COMMAND=x")
        s.run("unset PROMPT_COMMAND")
        assert f"hook bash:{s.kind.number()}:lost" in s.run("hflint status")
        s.run('PROMPT_COMMAND=("${was[@]}")')
    if f == "zsh":
        s.run("was=($precmd_functions); precmd_functions=(t_prompt)")
        assert f"hook zsh:{s.kind.number()}:lost" in s.run("hflint status")
        s.run("precmd_functions=($was)")
    s.export("HFLINT_MOCK", "empty")
    s.export("HF_ENDPOINT", "https://x")
    s.unset("HFLINT_MOCK")
    assert f"hook {f}:{s.kind.number()}:failed" in s.run("hflint status")


@test()
def fix_unset_reaches_the_shell(S):
    s = S(env={"HF_TOKEN": token("a")})
    write(s.token_file, token("b") + "\n", age=100)
    s.run("hflint fix --unset")
    assert s.status == 0
    assert s.environment("HF_TOKEN") is None
    s.settle()
    assert s.segment == ""


@test(real=True)
def a_file_that_changes_while_it_asks(S):
    s = S(env={"HF_TOKEN": token("a")})
    write(s.token_file, token("b") + "\n", age=100)
    for name in (".profile", ".bash_login"):
        write(f"{s.home}/{name}", f"export HF_TOKEN={token('a')}\n", age=100)
    s.expect("hflint fix --unset", r"\[y/N\] ")
    mine = f"export HF_TOKEN={token('a')}\n# mine\n"
    write(s.home + "/.profile", mine)
    out = s.run("y")
    assert s.status == 1
    assert ".profile was changed since it was looked at; run it again" in out, out
    with open(s.home + "/.profile") as f:
        assert f.read() == mine
    # The others are done, and it can be done again.
    with open(s.home + "/.bash_login") as f:
        assert f.read().startswith("# hflint ")
    s.run("hflint undo")
    assert s.environment("HF_TOKEN") == token("a")
    s.run("hflint fix --unset --yes")
    assert s.status == 0
    with open(s.home + "/.profile") as f:
        assert f.read().endswith("\n# mine\n")


@test("bash", "zsh", real=True)
def what_is_read_only_is_not_called_done(S):
    s = S(env={"T": token("a")}, after="HF_TOKEN=$T; export HF_TOKEN; readonly HF_TOKEN")
    write(s.token_file, token("b") + "\n", age=100)
    write(s.home + "/.bash_login", f"export HF_TOKEN={token('a')}\n", age=100)
    out = s.run("hflint fix --unset --yes")
    assert s.status == 1
    assert "unset HF_TOKEN in this shell: it is read-only there" in out and "exec env -u HF_TOKEN " in out, out
    assert "done: unset" not in out and "done: comment out" in out, out
    assert s.environment("HF_TOKEN") == token("a")
    s.run("set -x")
    assert token("a") not in s.run("hflint fix --unset --diff")


@test(mock=True)
def options_before_the_word(S):
    for line in ["--color never fix --unset", "-v --format=json fix --unset", "--config fix fix --unset", "fix --unset --format text"]:
        s = S(env={"HF_TOKEN": token("a")})
        s.run("hflint " + line)
        assert s.environment("HF_TOKEN") is None, line
    s = S(env={"HF_TOKEN": token("a")})
    s.run("hflint --color fix check; hflint explain fix --unset")
    assert s.environment("HF_TOKEN") == token("a")


@test(mock=True)
def exit_status_survives(S):
    s = S(env={"HF_TOKEN": token("a")})
    s.run("hflint fix --unset --exit3")
    assert s.status == 3
    assert s.environment("HF_TOKEN") is None
    assert s.lines("hflint fix --unset --exit3 >/dev/null; echo $status" if s.kind.fish else "hflint fix --unset --exit3 >/dev/null; echo $?") == ["3"]


@test(mock=True)
def standard_output_stays_the_callers(S):
    s = S(env={"HF_TOKEN": token("a")})
    s.run("hflint fix --unset > out")
    assert s.lines("cat out") == ["unset HF_TOKEN"]
    assert s.environment("HF_TOKEN") is None
    assert s.lines("hflint fix --unset 2>/dev/null") == ["unset "]


@test(mock=True)
def fix_can_ask_on_the_terminal(S):
    s = S(env={"HF_TOKEN": token("a")})
    s.expect("hflint fix --unset --ask", r"sure\? ")
    out = s.run("yes")
    assert "answer yes" in out
    assert s.environment("HF_TOKEN") is None


@test(mock=True)
def in_a_subshell_it_says_so(S):
    s = S(env={"HF_TOKEN": token("a")})
    out = s.run("hflint fix --unset | cat")
    if s.kind.fish:  # a pipeline's functions run in fish itself
        assert s.environment("HF_TOKEN") is None
        return
    assert "this shell was not changed (a subshell)" in out
    assert s.environment("HF_TOKEN") == token("a")
    assert "a subshell" in s.run("(hflint fix --unset)")
    assert "a subshell" in s.run("echo $(hflint undo; hflint fix --unset)")


@test(mock=True)
def without_the_function_nothing_changes(S):
    s = S(env={"HF_TOKEN": token("a")})
    assert "(no hook)" in s.run("command hflint fix --unset")
    assert s.status == 1
    assert s.environment("HF_TOKEN") == token("a")


@test(mock=True)
def undo_brings_back_what_a_fix_unset_here(S):
    s = S(env={"HF_TOKEN": token("a"), "HUGGING_FACE_HUB_TOKEN": token("b")})
    s.run("hflint fix --unset")
    assert s.environment("HF_TOKEN") is None
    assert token("a") not in "\n".join(s.lines("env"))
    s.run("hflint undo")
    assert s.status == 0
    assert s.environment("HF_TOKEN") == token("a")
    assert s.environment("HUGGING_FACE_HUB_TOKEN") == token("b")
    out = s.run("hflint undo")
    assert s.status == 1 and "nothing to undo" in out


@test(mock=True)
def undo_goes_back_step_by_step(S):
    s = S(env={"HF_TOKEN": token("a"), "T": token("b")})
    s.run("hflint fix --unset")
    s.run(s.plain_line("HF_TOKEN", "$T"))
    # not in the environment: the binary does not see it, and does not unset it
    s.run("hflint fix --unset")
    assert s.value('"$HF_TOKEN"') == token("b")
    s.export("HF_TOKEN", "$T")
    s.run("hflint fix --unset")
    s.run("hflint undo")
    assert s.environment("HF_TOKEN") == token("b")
    s.unset("HF_TOKEN")
    s.run("hflint undo")
    s.run("hflint undo")
    assert s.environment("HF_TOKEN") == token("a")


@test(mock=True)
def undo_leaves_a_new_value_alone(S):
    s = S(env={"HF_TOKEN": token("a"), "T": token("n")})
    s.run("hflint fix --unset")
    s.export("HF_TOKEN", "$T")
    out = s.run("hflint undo")
    assert "hflint: HF_TOKEN was set again since and is left alone" in out, out
    assert s.status == 1
    assert s.environment("HF_TOKEN") == token("n")


@test(mock=True)
def undo_in_another_shell_says_so(S):
    s = S(env={"HF_TOKEN": token("a")})
    s.run("hflint fix --unset")
    t = S(home=s)
    out = t.run("hflint undo")
    assert "hflint: this shell does not hold the old value of HF_TOKEN" in out, out
    assert t.status == 1


@test(mock=True)
def tracing_never_shows_a_credential(S):
    s = S(env={"HF_TOKEN": token("a"), "MOCK_PROJECT_TOKEN": token("p"), "T": token("n")})
    on, off = ("set -g fish_trace 1", "set -e fish_trace") if s.kind.fish else ("set -x", "set +x")
    os.makedirs(s.home + "/proj")
    shown = s.run(on)
    for line in ["true", "cd proj", "hflint fix --isolate --export", "cd /", "cd -" if not s.kind.fish else "cd ~/proj", "cd /", "hflint fix --unset", "hflint undo", ""]:
        shown += s.run(line)
    if s.kind.family != "bash" or s.kind.version() >= (4, 4):
        # At work while tracing. (Older bash can't switch it off for one function; there the hook rests.)
        shown += s.run("cd ~/proj")
        assert s.environment("HF_TOKEN_PATH")
        shown += s.run("cd /")
        assert s.environment("HF_TOKEN_PATH") is None
    for letter in "ap":
        assert token(letter) not in shown, shown
    # and still on
    assert "true" in s.run("true").replace("true\n", "", 1), "tracing was switched off"
    s.run(off)


@test("bash", "zsh", mock=True)
def job_control_sees_nothing(S):
    s = S()
    out = s.export("HF_ENDPOINT", "https://x") + s.run("cd /") + s.run("hflint fix --unset") + s.run("jobs") + s.run()
    assert "Done" not in out and "[1]" not in out and "done" not in out, out
