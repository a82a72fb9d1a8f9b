"""What is said, and above all how seldom."""

import os

from lib import ROOT, test, token, write


@test()
def a_finding_is_said_once(S):
    s = S(env={"T": token("a")})
    write(s.token_file, token("b") + "\n", age=100)
    s.settle()
    out = s.export("HF_TOKEN", "$T")
    assert len(s.warned(out)) == 1, out
    assert s.segment == "hf:1"
    assert not s.warned(s.run() + s.run("true") + s.run("cd /") + s.run())
    s.unset("HF_TOKEN")
    assert s.segment == ""
    # the same state again: told already
    assert not s.warned(s.export("HF_TOKEN", "$T"))
    assert s.segment == "hf:1"


@test()
def entering_leaving_and_coming_back(S):
    s = S(env={"HF_TOKEN": token("a")})
    env = s.home + "/proj/.env"
    write(env, f"HF_TOKEN={token('b')}\n", age=100)
    out = s.run("cd proj")
    assert len(s.warned(out)) == 1 and "HF_TOKEN" in s.warned(out)[0], out
    assert not s.warned(s.run() + s.run() + s.run("cd ..") + s.run() + s.run("cd proj") + s.run())
    s.run("cd ..")
    write(env, f"HF_TOKEN={token('c')}\n", age=50)
    assert len(s.warned(s.run("cd proj"))) == 1
    assert not s.warned(s.run())


@test()
def another_terminal_is_not_told_again(S):
    s = S(env={"HF_TOKEN": token("a")})
    write(s.token_file, token("b") + "\n", age=100)
    assert len(s.warned(s.run("cd /"))) == 1
    t = S(home=s, env={"HF_TOKEN": token("a")})
    assert not s.warned(t.started)
    assert t.segment == "hf:1"


@test()
def status_is_kept_while_something_is_said(S):
    s = S(env={"T": token("a")})
    write(s.token_file, token("b") + "\n", age=100)
    s.run("false")
    assert s.status == 1
    line = s.export_line("HF_TOKEN", "$T")
    out = s.run(line + ("; sh -c 'exit 7'" if s.kind.fish else "; (exit 7)"))
    assert s.status == 7 and s.warned(out)
    assert "st 7" in s.run("echo st $status" if s.kind.fish else "echo st $?") or s.kind.family == "bash"


@test()
def a_login_is_noticed_at_the_next_prompt(S):
    s = S(env={"HF_TOKEN": token("a")}).settle()
    write(s.token_file, token("b") + "\n")
    out = s.run()
    assert len(s.warned(out)) == 1, out
    s.settle()
    write(s.token_file, token("a") + "\n")
    assert not s.warned(s.run())
    assert s.segment == ""


@test()
def exported_segment_for_programs(S):
    """starship's env_var: who exports HFLINT_PROMPT before keeps it exported."""
    s = S(env={"HF_ENDPOINT": "x"})
    assert s.segment == "hf:1"
    assert s.environment("HFLINT_PROMPT") is None
    t = S(env={"HF_ENDPOINT": "x"}, before="set -gx HFLINT_PROMPT ''" if S.kind.fish else "export HFLINT_PROMPT=")
    assert t.environment("HFLINT_PROMPT") == "hf:1"


@test("fish")
def segment_in_a_prompt_drawn_by_another_fish(S):
    """tide's background fish reads config.fish as well; the line that docs/shells.md gives must not empty the segment."""
    with open(os.path.join(ROOT, "docs", "shells.md")) as f:
        line = [x for x in f.read().split("\n") if "set -gx HFLINT_PROMPT" in x][-1]
    s = S(env={"HF_ENDPOINT": "x"}, before=line)
    assert s.segment == "hf:1"
    assert s.lines(f"{s.kind.exe} -c 'echo \"[$HFLINT_PROMPT]\"'") == ["[hf:1]"]
    # and a nested one makes its own
    s.run("set -e HF_ENDPOINT")
    assert s.segment == ""


@test()
def a_working_day(S):
    """100 changes of directory over 10 projects, three terminals, two virtualenvs, a login: one message per fault."""
    first = S(env={"T": token("a")})
    for i in range(10):
        os.makedirs(f"{first.home}/p{i}/src")
    # two faults: one project's .env names another token than the shell; a login hidden by the variable
    write(f"{first.home}/p3/.env", f"HF_TOKEN={token('z')}\n", age=1000)
    write(f"{first.home}/p5/.env", f"HF_TOKEN={token('a')}\n", age=1000)
    said = []
    terminals = [first, S(home=first, env={"T": token("a")}), S(home=first, env={"T": token("a")})]
    for t in terminals:
        said += t.warned(t.export("HF_TOKEN", "$T"))
    for n in range(100):
        t = terminals[n % 3]
        said += t.warned(t.run(f"cd {first.home}/p{n * 7 % 10}/src"))
        if n == 20:
            said += t.warned(t.export("VIRTUAL_ENV", f"{first.home}/p1/.venv"))
        if n == 40:
            said += t.warned(t.export("VIRTUAL_ENV", f"{first.home}/p2/.venv"))
        if n == 60:
            write(first.token_file, token("b") + "\n")
        if n == 80:
            said += t.warned(t.unset("VIRTUAL_ENV"))
    assert len(said) == 2, said
    assert sum("p3/.env" in m for m in said) == 1
