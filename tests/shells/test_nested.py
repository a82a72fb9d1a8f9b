"""Shells in shells: of another kind, by `exec`, of another user."""

import os
import pwd
import shutil

from lib import Context, Kind, test, token, write
from test_apply import isolated

KINDS = ["bash", "zsh", "fish"]


def another(S, kind, s):
    """A shell of that kind with the same home; and the line that starts one like it from any other."""
    ctx = Context(Kind(kind), S.mock, S.real)
    S.cleanup.append(ctx.done)
    t = ctx(home=s)
    return t, ("env ZDOTDIR=" + t.env["ZDOTDIR"] + " " if kind == "zsh" else "") + t.again()


def noise(text):
    return [w for w in ("not found", "rror", "unbound", "hflint: /", "__hflint", "version", "read-only", "not a ", "Unknown") if w in text]


@test()
def every_kind_in_every_other(S):
    """What one exports is all that the next has; what was there before is known to the first alone."""
    s = isolated(S)
    s.run(s.export_line("HFLINT_PROMPT", "''"))
    kinds = [another(S, kind, s) for kind in KINDS]
    for t, line in kinds:
        mine = s.kind
        out = s.enter(line)
        s.kind = t.kind
        assert not noise(out), (t.kind.name, out)
        assert s.environment("HF_TOKEN_PATH") and s.environment("HF_TOKEN") in (None, "")
        out = s.run("cd sub") + s.run("cd /")
        for name in ["HF_TOKEN_PATH", "HFLINT_PROJECT"]:
            assert s.environment(name) is None, (t.kind.name, name)
        assert s.environment("HF_TOKEN") in (None, "")
        out += s.run(f"cd {s.quote(s.home + '/proj')}")
        assert s.environment("HF_TOKEN_PATH"), t.kind.name
        # a third in the second
        for u, deeper in kinds:
            if u.kind.name == t.kind.name:
                continue
            outer = s.outer
            out += s.enter(deeper)
            s.kind = u.kind
            out += s.run("cd /")
            assert s.environment("HF_TOKEN_PATH") is None, (t.kind.name, u.kind.name)
            out += s.leave()
            s.outer, s.kind = outer, t.kind
        assert not noise(out), (t.kind.name, out)
        assert s.environment("HF_TOKEN_PATH"), t.kind.name
        s.leave()
        s.kind = mine
        assert s.environment("HF_TOKEN_PATH"), t.kind.name
    s.run("cd /")
    assert s.environment("HF_TOKEN") == token("m")
    assert s.environment("HF_TOKEN_PATH") is None


@test()
def replaced_by_exec(S):
    """The new shell has the variables and not what is to come back: it fails closed."""
    for kind in KINDS:
        s = isolated(S)
        t, line = another(S, kind, s)
        assert s.number > 1
        out = s.expect("exec " + line, r"<<P:\d+\.1:\d+:[^>]*>>")
        s.kind, s.number, s.level = t.kind, 1, None
        assert not noise(out), out
        assert s.environment("HF_TOKEN_PATH"), kind
        out = s.run("cd /")
        assert s.environment("HF_TOKEN_PATH") is None, kind
        assert s.environment("HF_TOKEN") in (None, ""), kind
        assert not noise(out), out


@test()
def another_user_by_su_and_sudo(S):
    """`su` keeps the variables and takes the other's home, or with -m keeps that too; `sudo -s` keeps neither, or both."""
    user = pwd.getpwnam("daemon")
    s = isolated(S)
    os.chmod(s.dir, 0o755)
    d = S.directory()
    os.chmod(d, 0o755)
    rc = os.path.join(d, "rc")
    with open(s.rc) as f:
        text = f.read()
    write(rc, text.replace(s.owned + "/hook", d + "/hook"))
    shutil.copy(s.script, d)
    os.chmod(rc, 0o644)
    shutil.copy(rc, d + "/.zshrc")
    ways = [f"su {keep}-s /bin/sh --session-command {{}} {user.pw_name}" for keep in ["-m ", ""]]
    # SHELL is what `sudo -s` starts; it takes a command letter by letter, so that is a file. SHLVL is for this test's prompt.
    begin = f"{d}/begin"
    ways += [f"env SHELL=/bin/sh sudo -n -u {user.pw_name} {keep} SHLVL=1 -s {begin}" for keep in ["", "-H", "-E"]]
    for way in ways:
        start = {"bash": f"{s.kind.exe} --noprofile --rcfile {rc} -i", "zsh": f"env ZDOTDIR={d} {s.kind.exe} -d -i", "fish": f"{s.kind.exe} --no-config -i -C 'source {rc}'"}[s.kind.family]
        write(begin, f"#!/bin/sh\nexec {start}\n")
        os.chmod(begin, 0o755)
        out = s.enter(way.format(s.quote("exec " + start)))
        functions = {"bash": "declare -F hflint __hflint_hook", "zsh": "typeset -f hflint __hflint_hook", "fish": "functions -q hflint; and echo yes"}[s.kind.family]
        assert s.lines("id -un") == [user.pw_name]
        assert s.lines(functions + "; true") == [], way
        out += s.run("cd /") + s.run("")
        assert "hflint" not in out.split("\n", 1)[1].replace(s.dir, "").replace(d, ""), out
        s.leave()
        assert s.environment("HF_TOKEN_PATH")
    # nothing of the other user's was left in this home
    for root, dirs, files in os.walk(s.home):
        for name in dirs + files:
            assert os.lstat(os.path.join(root, name)).st_uid == os.getuid(), (root, name)
