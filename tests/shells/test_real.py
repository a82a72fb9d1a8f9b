"""Through the program itself: what a person sees of it at their prompt, from the line in the rc file on."""

import os
import re

from lib import test, token, write
from test_guard import strace


def old(s, path, text):
    """A file that was there before the shell was."""
    write(path if path.startswith("/") else os.path.join(s.home, path), text, age=1000)


def venv(home, name, packages):
    """A virtual environment as hflint reads it: no interpreter is ever started."""
    root = f"{home}/{name}"
    write(root + "/pyvenv.cfg", "home = /usr/bin\nversion = 3.11.2\n", age=1000)
    for package, version in packages.items():
        write(f"{root}/lib/python3.11/site-packages/{package}-{version}.dist-info/METADATA", f"Name: {package}\nVersion: {version}\n", age=1000)
    return root


@test(real=True)
def a_conflicting_dotenv(S):
    """Entering warns once; then silence; a change while away warns again."""
    s = S(env={"HF_TOKEN": token("a")})
    old(s, "proj/.env", f"HF_TOKEN={token('b')}\n")
    said = s.warned(s.run("cd proj"))
    assert len(said) == 1 and said[0].startswith("hflint: HF_TOKEN defeats the one in ~/proj/.env \u00b7 "), said
    assert s.segment == "hf:1"
    assert not s.warned(s.run() + s.run("true") + s.run())
    assert not s.warned(s.run("cd ..") + s.run("cd proj") + s.run())
    s.run("cd ..")
    assert s.segment == ""
    write(s.home + "/proj/.env", f"HF_TOKEN={token('c')}\n", age=50)
    assert len(s.warned(s.run("cd proj"))) == 1
    assert not s.warned(s.run() + s.run())
    # mended: the segment goes
    s.run("cd ..")
    write(s.home + "/proj/.env", f"HF_TOKEN={token('a')}\n", age=20)
    assert not s.warned(s.run("cd proj"))
    assert s.segment == ""


@test(real=True)
def a_status_is_kept_through_it_all(S):
    s = S(env={"HF_TOKEN": token("a")})
    old(s, "proj/.env", f"HF_TOKEN={token('b')}\n")
    line = "cd proj; sh -c 'exit 7'" if s.kind.fish else "cd proj; (exit 7)"
    assert s.warned(s.run(line))
    assert s.status == 7
    s.run("false")
    assert s.status == 1
    s.run()
    assert s.status == (0 if s.kind.fish else 1) or s.status == 1
    s.run("true")
    assert s.status == 0


@test(real=True)
def a_replaced_token_file(S):
    s = S(env={"HF_TOKEN": token("a")})
    old(s, ".cache/huggingface/token", token("a") + "\n")
    s.run()
    s.settle()
    assert s.segment == ""
    # as huggingface_hub writes it: in place
    with open(s.token_file, "w") as f:
        f.write(token("b"))
    assert len(s.warned(s.run())) == 1
    assert s.segment == "hf:1"
    s.settle()
    # as an editor does: another file in its place, of the same size
    write(s.token_file, token("a"))
    assert not s.warned(s.run())
    assert s.segment == ""
    s.settle()
    os.unlink(s.token_file)
    s.run()
    assert s.segment == ""


@test(real=True)
def an_unchanged_prompt_starts_nothing(S):
    """With a finding, in a project with a virtual environment: the guard at its longest."""
    s = S(env={"HF_TOKEN": token("a")})
    old(s, "proj/.env", f"HF_TOKEN={token('b')}\n")
    old(s, ".netrc", "machine example.org login me password x\n")
    os.chmod(s.home + "/.netrc", 0o600)
    venv(s.home, "proj/.venv", {"huggingface_hub": "0.36.2"})
    s.run("cd proj")
    s.export("VIRTUAL_ENV", s.home + "/proj/.venv")
    s.settle()
    assert strace(s, ["", "true", "false", "", ""]) == []
    assert strace(s, ["/bin/true"]) != []


@test(real=True)
def a_token_exported_by_hand(S):
    s = S(env={"T": token("a")})
    old(s, ".cache/huggingface/token", token("b") + "\n")
    s.run()
    out = s.export("HF_TOKEN", "$T")
    assert len(s.warned(out)) == 1 and "hides your saved login" in out, out
    s.unset("HF_TOKEN")
    assert s.segment == ""
    # under a name that no client reads
    os.unlink(s.token_file)
    out = s.export("HUGGINGFACE_TOKEN", "$T")
    assert len(s.warned(out)) == 1 and "HUGGINGFACE_TOKEN" in out, out
    # what is no token at all
    s.unset("HUGGINGFACE_TOKEN")
    assert len(s.warned(s.export("HF_TOKEN", "your_token_here"))) == 1


@test(real=True)
def a_virtual_environment(S):
    """A client that does not read what is set, told when its environment is activated."""
    s = S()
    venv(s.home, "new", {"huggingface_hub": "1.0.0"})
    venv(s.home, "old", {"huggingface_hub": "0.36.2", "requests": "2.32.0"})
    old(s, ".netrc", f"machine huggingface.co\nlogin me\npassword {token('n')}\n")
    os.chmod(s.home + "/.netrc", 0o600)
    old(s, ".cache/huggingface/token", token("b") + "\n")
    assert not s.warned(s.export("VIRTUAL_ENV", s.home + "/new"))
    out = s.export("VIRTUAL_ENV", s.home + "/old")
    assert len(s.warned(out)) == 1 and "netrc" in out, out
    assert not s.warned(s.run() + s.unset("VIRTUAL_ENV") + s.run())


@test(real=True)
def a_working_day_in_three_terminals(S):
    """Ten ordinary projects, a hundred changes of directory, two virtual environments, a login: one line per real fault."""
    first = S()
    home = first.home
    for i in range(10):
        old(first, f"p{i}/src/main.py", "")
        old(first, f"p{i}/pyproject.toml", f"[project]\nname = 'p{i}'\n")
        old(first, f"p{i}/README.md", "")
    # ordinary: settings without a token, a template, a token of the same login, a manifest
    old(first, "p0/.env", "DEBUG=1\nDATABASE_URL=postgres://u@h/d\n")
    old(first, "p1/.env.example", "HF_TOKEN=\n")
    old(first, "p2/.env", "HF_TOKEN=hf_xxx\n")
    old(first, "p4/.env", f"HF_TOKEN={token('l')}\n")
    old(first, "p6/package.json", "{}")
    old(first, "p7/Cargo.toml", "[package]\nname = 'x'\n")
    old(first, ".bashrc", "alias ll='ls -l'\n")
    old(first, ".gitconfig", "[user]\nname = u\n")
    venv(home, "p1/.venv", {"huggingface_hub": "1.0.0", "httpx": "0.28.1"})
    venv(home, "p2/.venv", {"huggingface_hub": "0.36.2", "requests": "2.32.0"})
    terminals = [first, S(home=first), S(home=first)]
    said = []

    def at(t, line):
        said.extend(t.warned(t.run(line)))

    for n in range(100):
        t = terminals[n % 3]
        at(t, f"cd {home}/p{n * 7 % 10}" + ("/src" if n % 2 else ""))
        if n == 10:
            # `hf auth login`
            write(first.token_file, token("l"))
            write(home + "/.cache/huggingface/stored_tokens", f"[work]\nhf_token = {token('l')}\n\n")
            for path in [first.token_file, home + "/.cache/huggingface/stored_tokens"]:
                os.chmod(path, 0o600)
            for u in terminals:
                at(u, "")
        if n in (20, 50):
            at(t, t.export_line("VIRTUAL_ENV", f"{home}/p{1 if n == 20 else 2}/.venv"))
        if n in (40, 70):
            for u in terminals:
                at(u, u.unset_line("VIRTUAL_ENV"))
        if n == 60:
            assert said == [], said  # nothing is wrong so far
            # the one fault of the day: another token in one project
            write(home + "/p8/.env", f"HF_TOKEN={token('q')}\n")
            for u in terminals:
                at(u, u.export_line("HF_TOKEN", token("l")))
    assert len(said) == 1 and "~/p8/.env" in said[0], said


@test(real=True)
def one_finding_in_many_terminals(S):
    """All at once: whoever comes first tells it."""
    first = S(load="no")
    old(first, ".cache/huggingface/token", token("b") + "\n")
    os.chmod(first.token_file, 0o600)
    said = []
    for _ in range(3):
        t = S(home=first, env={"HF_TOKEN": token("a")})
        said += t.warned(t.started + t.run())
        assert t.segment == "hf:1"
    assert len(said) == 1, said


@test(real=True)
def warn_always_and_never(S):
    s = S(env={"HF_TOKEN": token("a"), "HFLINT_WARN": "always"})
    old(s, "proj/.env", f"HF_TOKEN={token('b')}\n")
    out = s.run("cd proj")
    assert len(s.warned(out)) == 1, out
    s.settle()
    before = len(s.calls())
    for line in ["", "true", "cd ."]:
        assert len(s.warned(s.run(line))) == 1, line
    assert len(s.calls()) == before, "told again without a process"
    # another terminal is told as well
    t = S(home=s, env={"HF_TOKEN": token("a"), "HFLINT_WARN": "always"})
    assert len(t.warned(t.run("cd proj"))) == 1
    assert not s.warned(s.run("cd .."))
    assert not s.warned(s.run())
    assert len(s.warned(s.run("cd proj"))) == 1
    s.run(s.export_line("HFLINT", "0"))
    assert not s.warned(s.run())
    never = S(home=s, env={"HF_TOKEN": token("c"), "HFLINT_WARN": "never"})
    assert not never.warned(never.run("cd proj") + never.run())
    assert never.segment == "hf:1"


@test(real=True)
def status_tells_of_the_hook(S):
    s = S()
    out = s.run("hflint status -v")
    assert f"state:    on in this {s.kind.family}" in out, out
    assert f"script:   {s.kind.number()}, the one of this program" in out, out
    assert re.search(rf"program:  {re.escape(s.bin)}, version \d", out), out
    assert "watches:  " in out and "~/.cache/huggingface/token" in out, out
    assert "trouble:" not in out, out
    s.run(s.export_line("HFLINT", "0"))
    assert "switched off in this shell by HFLINT=0" in s.run("hflint status -v")
    s.run(s.unset_line("HFLINT"))
    # a look that fails: the program is gone for a while
    os.rename(s.bin, s.bin + ".away")
    s.run("cd /")
    os.rename(s.bin + ".away", s.bin)
    out = s.run("hflint status -v")
    assert "the last look failed" in out and f"trouble:  hflint: {s.bin} not found" in out, out
    s.run("cd")
    out = s.run("hflint status -v")
    assert f"on in this {s.kind.family}" in out and f"trouble:  hflint: {s.bin} not found" in out, out
    out = s.run("command hflint status -v")
    line = {"bash": 'eval "$(hflint init bash)"   in ~/.bashrc', "zsh": 'eval "$(hflint init zsh)"   in ~/.zshrc', "fish": "hflint init fish | source   in ~/.config/fish/config.fish"}
    assert "not loaded in the shell that started this" in out and line[s.kind.family] in out, out


@test(real=True)
def an_older_script_is_told_apart(S):
    line = {"bash": 'eval "$(hflint init bash)"', "zsh": 'eval "$(hflint init zsh)"', "fish": "hflint init fish | source"}[S.kind.family]
    told = f"hflint: the hook in this shell is that of another hflint \u00b7 {line}"
    s = S(edit=older)
    assert s.warned(s.started) == [told], s.started
    out = s.run("hflint status -v")
    assert re.search(r"script:   0, and this program's is \d+: " + re.escape(line), out), out
    # once, in whatever terminal, and nothing else is the worse for it
    assert not s.warned(s.run("cd /") + s.run("cd") + s.settle().shown)
    second = S(edit=older, home=s)
    assert not s.warned(second.started + second.run("cd /"))
    old(s, ".cache/huggingface/token", token("b") + "\n")
    assert len(s.warned(s.export("HF_TOKEN", token("a")))) == 1 and s.segment == "hf:1"
    # what the line does
    assert not s.warned(s.run(line).split("init", 1)[1].split("\n", 1)[1])
    assert f"script:   {s.kind.number()}, the one of this program" in s.run("hflint status -v")
    assert s.segment == "hf:1"


def older(text):
    """The script with the number of one before it."""
    new = re.sub(r"(__hflint_script(?:=\(\\?'?| )|SCRIPT = '|^var script = )\d+", r"\g<1>0", text, flags=re.M)
    assert new != text
    return new


@test(real=True)
def the_same_script_is_not_spoken_of(S):
    s = S()
    assert not s.warned(s.started + s.run("cd /") + s.export("HF_HOME", "/x"))


@test("xonsh", "elvish", "nu", real=True)
def an_older_script_of_the_others(S):
    s = S(edit=older)
    assert "that of another hflint" in s.started + s.run(), s.started
    assert not s.warned(s.run("cd /") + s.run())


@test(real=True)
def remove_by_init(S):
    s = S(env={"HF_TOKEN": token("a")})
    s.run(f"{s.bin} init fish --remove | source" if s.kind.fish else f'eval "$({s.bin} init {s.kind.family} --remove)"')
    assert s.spawned("cd /", s.export_line("HF_HOME", "/x"), "") == 0
    assert s.lines({"bash": "compgen -A function hflint; compgen -A function __hflint; compgen -v __hflint", "zsh": "print -l ${(M)${(k)functions}:#*hflint*}", "fish": "functions -an | string match '*hflint*'"}[s.kind.family] + "; true") in ([], [""])
    # twice is harmless, and so is a shell that never had it
    out = s.run(f"{s.bin} init fish --remove | source" if s.kind.fish else f'eval "$({s.bin} init {s.kind.family} --remove)"')
    assert "hflint:" not in out and s.status == 0, out


@test("bash", real=True)
def cd_by_init(S):
    s = S(load='\\eval "$(hflint init bash --cd)"', env={"HF_TOKEN": token("a")})
    os.makedirs(s.home + "/a/b")
    old(s, "a/b/.env", f"HF_TOKEN={token('b')}\n")
    s.settle()
    # on one line, the prompt in between is not needed; what there is to say waits for it
    out = s.run("cd a/b; echo in''between; pwd")
    assert out.index("inbetween") < out.index("hflint: HF_TOKEN defeats"), out
    assert s.lines("cd ..; pushd b >/dev/null; popd >/dev/null; cd /nowhere 2>/dev/null; echo $?; pwd") == ["1", s.home + "/a"]
    s.run('eval "$(hflint init bash --remove)"')
    assert s.lines("type -t cd pushd popd") == ["builtin"] * 3


@test(real=True)
def in_a_directory_that_is_gone(S):
    s = S(env={"HF_TOKEN": token("a")})
    old(s, "gone/.env", f"HF_TOKEN={token('b')}\n")
    s.run("cd gone")
    os.unlink(s.home + "/gone/.env")
    os.rmdir(s.home + "/gone")
    out = s.run() + s.export("HF_HOME", "/nowhere") + s.run("false")
    assert s.status == 1
    assert "hflint: " not in out, out
    assert s.spawned("", "") == 0


@test(real=True)
def in_a_directory_that_was_made_anew(S):
    """`cd .` leads into the new one, and changes no variable."""
    for gone in [os.rmdir, lambda d: os.rename(d, d + ".was")]:
        s = S(env={"HF_TOKEN": token("a")})
        os.makedirs(s.home + "/proj")
        s.run("cd proj")
        s.settle()
        gone(s.home + "/proj")
        old(s, "proj/.env", f"HF_TOKEN={token('b')}\n")
        assert not s.warned(s.run() + s.run())
        s.settle()
        assert s.spawned("", "true") == 0
        out = s.run("cd .")
        assert len(s.warned(out)) == 1 and s.segment == "hf:1", out
        assert not s.warned(s.run("cd .") + s.run())
        s.settle()
        assert s.spawned("", "cd .") == 0


@test(real=True)
def a_state_that_cannot_be_written(S):
    """A home that is full or read-only: no stamps, no marks, and still a prompt."""
    s = S(load="no", env={"HF_TOKEN": token("a")})
    old(s, ".cache/huggingface/token", token("b") + "\n")
    os.chmod(s.token_file, 0o600)
    write(s.home + "/.local/state", "a file in the place of the directory\n")
    t = S(home=s, env={"HF_TOKEN": token("a")})
    assert len(t.warned(t.started)) == 1, t.started
    # said once in this shell all the same
    assert not t.warned(t.run() + t.run("true") + t.run())
    assert t.segment == "hf:1"
    out = t.run("hflint status -v")
    assert "keeps:    nothing (~/.local/state: " in out, out


@test(real=True)
def a_slow_look_is_given_up(S):
    """`hook-timeout`: said once, and the prompt goes on."""
    s = S(env={"HFLINT_HOOK_TIMEOUT": "1ms"})
    assert "looking around took too long and was given up here" in s.started or not s.warned(s.started)
    first = s.warned(s.started)
    assert not [m for m in s.warned(s.run("cd /") + s.run("cd") + s.run("cd /")) if m in first]
    s.run("false")
    assert s.status == 1


@test(real=True)
def a_configuration_that_is_broken(S):
    """The prompt goes by defaults; status says why."""
    s = S(load="no")
    old(s, ".config/hflint/config.toml", "warn = 'nevver'\n")
    t = S(home=s, env={"HF_TOKEN": token("a")})
    old(t, "proj/.env", f"HF_TOKEN={token('b')}\n")
    assert len(t.warned(t.run("cd proj"))) == 1
    out = t.run("hflint status -v")
    assert "the configuration cannot be used, so the prompt goes by defaults" in out, out
    # mended: noticed at the next prompt
    write(t.home + "/.config/hflint/config.toml", "ignore = ['HF111']\n")
    t.run()
    assert t.segment == ""


@test(real=True)
def accepted_from_the_prompt(S):
    s = S(env={"HF_TOKEN": token("a")})
    old(s, "proj/.env", f"HF_TOKEN={token('b')}\n")
    assert len(s.warned(s.run("cd proj"))) == 1
    s.run("hflint ignore HF111 --here")
    assert s.status == 0
    s.run()
    assert s.segment == ""
    # for as long as the state is the same
    write(s.home + "/proj/.env", f"HF_TOKEN={token('b')}\nX=1\n")
    assert not s.warned(s.run())


@test(real=True)
def tracing_shows_no_credential(S):
    s = S(env={"HF_TOKEN": token("a"), "T": token("c")})
    old(s, "proj/.env", f"HF_TOKEN={token('b')}\n")
    old(s, ".cache/huggingface/token", token("d") + "\n")
    on, off = ("set -g fish_trace 1", "set -e fish_trace") if s.kind.fish else ("set -x", "set +x")
    shown = s.run(on)
    for line in ["true", "cd proj", "cd ..", "hflint status >/dev/null", "cd proj", ""]:
        shown += s.run(line)
    shown += s.run(off)
    for letter in "abd":
        assert token(letter) not in shown, shown


@test(real=True)
def fix_and_undo(S):
    """The variable goes and comes back in this very shell; the file behind it as well, once the person agrees."""
    s = S(env={"HF_TOKEN": token("a")})
    old(s, s.token_file, token("b"))
    line = f"export HF_TOKEN={token('a')}\n"
    old(s, ".profile", "umask 022\n" + line)
    # A terminal, so the person is asked; no leaves the file alone.
    s.expect("hflint fix --unset", r"unsafe\? \[y/N\] ")
    out = s.run("n")
    assert "declined" in out, out
    assert s.status == 1
    assert s.environment("HF_TOKEN") is None
    s.run("hflint undo")
    assert s.status == 0
    assert s.environment("HF_TOKEN") == token("a")
    s.expect("hflint fix --unset", r"unsafe\? \[y/N\] ")
    out = s.run("y")
    assert s.status == 0, out
    assert token("a") not in out
    assert s.environment("HF_TOKEN") is None
    with open(s.home + "/.profile") as f:
        assert f.read().startswith("umask 022\n# hflint 20")
    assert s.lines("hflint check | cat") == ["no findings"]
    s.run("hflint undo")
    assert s.status == 0
    assert s.environment("HF_TOKEN") == token("a")
    with open(s.home + "/.profile") as f:
        assert f.read() == "umask 022\n" + line
    out = s.run("hflint undo")
    assert s.status == 1 and "nothing to undo" in out


@test(real=True)
def undo_in_another_shell(S):
    s = S(env={"HF_TOKEN": token("a")})
    old(s, s.token_file, token("b"))
    s.run("hflint fix --unset")
    assert s.environment("HF_TOKEN") is None
    t = S(home=s)
    out = t.run("hflint undo")
    assert "hflint: this shell does not hold the old value of HF_TOKEN" in out, out
    assert t.status == 1
    # There it can still be brought back, by its number.
    s.run("hflint undo 1")
    assert s.environment("HF_TOKEN") == token("a")


@test("bash", "zsh", real=True)
def fix_in_a_subshell(S):
    s = S(env={"HF_TOKEN": token("a")})
    old(s, s.token_file, token("b"))
    out = s.run("hflint fix --unset | cat")
    assert "a subshell cannot change the shell around it" in out and "type: unset HF_TOKEN" in out, out
    assert s.environment("HF_TOKEN") == token("a")


def isolated_through(S, tool, start, allow):
    """What hflint wrote for the real tool holds in the project; outside all is as before; and it ends."""
    s = S(before=start, env={"HF_TOKEN": token("a"), "DIRENV_LOG_FORMAT": "", "MISE_OFFLINE": "1"})
    old(s, ".cache/huggingface/token", token("a") + "\n")
    old(s, "proj/.git/HEAD", "ref: refs/heads/main\n")
    s.run("cd proj")
    s.run(f"hflint fix --isolate --to {tool} --from-current --yes")
    assert s.status == 0
    s.run(allow)
    s.run()
    path = s.environment("HF_TOKEN_PATH")
    assert path and path.startswith(s.home) and "/isolated/" in path and s.environment("HF_TOKEN") is None, path
    with open(path) as f:
        assert f.read().strip() == token("a")
    assert s.segment == "" and not s.warned(s.run())
    s.run("cd ..")
    s.run()
    assert s.environment("HF_TOKEN_PATH") is None and s.environment("HF_TOKEN") == token("a")
    s.run("cd proj")
    s.run()
    assert s.environment("HF_TOKEN_PATH") == path
    s.run("hflint fix --isolate --off --yes")
    s.run(f"{allow} 2>/dev/null")
    s.run()
    assert s.environment("HF_TOKEN_PATH") is None and s.environment("HF_TOKEN") == token("a")
    s.settle()
    assert s.spawned("", "") == 0


@test("bash", "zsh", "fish", real=True)
def isolated_through_direnv(S):
    start = "direnv hook fish | source" if S.kind.fish else f'eval "$(direnv hook {S.kind.family})"'
    isolated_through(S, "direnv", start, "direnv allow")


@test("bash", "zsh", "fish", real=True)
def isolated_through_mise(S):
    mise = os.environ.get("TEST_MISE", "mise")
    start = f"{mise} activate fish | source" if S.kind.fish else f'eval "$({mise} activate {S.kind.family})"'
    isolated_through(S, "mise", start, f"{mise} trust -q")
