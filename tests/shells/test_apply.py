"""Directives: what is applied in a project, and how everything comes back."""

import os
import sys

from lib import test, token, write


def isolated(S, **kw):
    """A shell whose home has an isolated project `proj`."""
    env = {"HF_TOKEN": token("m"), "MOCK_PROJECT_TOKEN": token("p")}
    env.update(kw.pop("env", {}))
    more = kw.pop("more", "")
    s = S(env=env, **kw)
    os.makedirs(s.home + "/proj/sub", exist_ok=True)
    s.run("cd proj")
    s.run("hflint fix --isolate --yes")
    assert s.status == 0
    # What `hf auth login` would do here.
    write(s.environment("HF_TOKEN_PATH"), token("p") + "\n")
    if more:
        s.run("hflint fix --isolate --yes " + more)
        assert s.status == 0
    return s


@test()
def isolate_and_leave(S):
    s = isolated(S)
    assert s.environment("HF_TOKEN") is None
    assert s.environment("HF_TOKEN_PATH").endswith("/token")
    s.run("cd sub")
    assert s.environment("HF_TOKEN") is None
    s.run("cd /")
    assert s.environment("HF_TOKEN") == token("m")
    assert s.environment("HF_TOKEN_PATH") is None
    assert s.environment("HFLINT_PROJECT") is None
    s.run(f"cd {s.home}/proj")
    assert s.environment("HF_TOKEN") is None
    s.settle()
    assert s.spawned("", "") == 0


@test()
def what_the_person_changed_stays(S):
    s = isolated(S, env={"T": token("o")})
    s.export("HF_TOKEN", "$T")
    s.run()
    assert s.environment("HF_TOKEN") == token("o"), "applied again over the person's own value"
    s.export("HF_ENDPOINT", "https://x")  # makes the hook run once more
    assert s.environment("HF_TOKEN") == token("o")
    s.run("cd /")
    assert s.environment("HF_TOKEN") == token("o")
    assert s.environment("HF_TOKEN_PATH") is None


@test()
def plain_variable_comes_back_plain(S):
    s = S(env={"T": token("m")})
    os.makedirs(s.home + "/proj")
    s.run(s.plain_line("HF_TOKEN", "$T"))
    s.run("cd proj")
    s.run("hflint fix --isolate --yes")
    assert s.value('"$HF_TOKEN"') == ""
    s.run("cd /")
    assert s.value('"$HF_TOKEN"') == token("m")
    assert s.environment("HF_TOKEN") is None


@test()
def old_value_with_odd_bytes_comes_back(S):
    for value in ["a b", "*", "x\ny", "%41", "\\x41", "--", "-n", "é", "$(touch PWNED)", "'", '"', "  "]:
        s = isolated(S, env={"HF_TOKEN": value})
        s.run("cd /")
        # The sandbox's own python3 is a dummy that hflint looks at and nobody runs.
        out = s.lines(sys.executable + " -c 'import os; print(ascii(os.environ.get(\"HF_TOKEN\")))'")
        assert out == [ascii(value)], (value, out)


@test()
def exported_token_of_a_project(S):
    s = isolated(S, more="--export")
    assert s.environment("HF_TOKEN") == token("p")
    s.run("cd /")
    assert s.environment("HF_TOKEN") == token("m")
    out = s.run(f"cd {s.home}/proj")
    assert s.environment("HF_TOKEN") == token("p")
    assert token("p") not in out
    # not in the environment of children in any other place, nor on the screen
    s.run("cd /")
    assert "HF_TOKEN=" + token("p") not in "\n".join(s.lines("env"))


@test(mock=True)
def token_file_that_can_not_be_used(S):
    for name, make in [
        ("missing", lambda p: None),
        ("empty", lambda p: write(p, "")),
        ("blank", lambda p: write(p, " \n")),
        ("two words", lambda p: write(p, "a b\n")),
        ("control", lambda p: write(p, "a\x1b[31mb\n")),
        ("directory", os.mkdir),
        ("fifo", os.mkfifo),
    ]:
        s = isolated(S)
        s.run("hflint fix --isolate --yes --export")
        s.run("cd /")
        d = s.home + "/.local/share/hflint/isolated"
        p = os.path.join(d, os.listdir(d)[0], "token")
        os.unlink(p)
        make(p)
        out = s.run(f"cd {s.home}/proj")
        assert "hflint: no token to export" in out, (name, out)
        assert "\x1b[31m" not in s.raw.replace(s.raw[: s.raw.find("hflint:")], ""), name
        assert s.status == 0


@test()
def token_file_without_line_end(S):
    s = isolated(S)
    s.run("hflint fix --isolate --yes --export")
    path = s.environment("HF_TOKEN_PATH")
    s.run("cd /")
    for text in [token("q"), token("q") + "\r\n", " " + token("q") + " \n"]:
        write(path, text)
        s.run(f"cd {s.home}/proj")
        assert s.environment("HF_TOKEN") == token("q"), ascii(text)
        s.run("cd /")
        assert s.environment("HF_TOKEN") == token("m")


@test()
def other_directory_of_the_same_name(S):
    s = isolated(S)
    os.makedirs(s.home + "/other/proj")
    s.run(f"cd {s.home}/other/proj")
    assert s.environment("HF_TOKEN_PATH") is None
    assert s.environment("HF_TOKEN") == token("m")


@test()
def from_project_to_project(S):
    s = isolated(S)
    os.makedirs(s.home + "/two")
    s.run(f"cd {s.home}/two")
    s.run("hflint fix --isolate --yes")
    second = s.environment("HF_TOKEN_PATH")
    s.run(f"cd {s.home}/proj")
    first = s.environment("HF_TOKEN_PATH")
    assert first and second and first != second
    s.run(f"cd {s.home}/two/../two")
    assert s.environment("HF_TOKEN_PATH") == second
    s.run("cd /")
    assert s.environment("HF_TOKEN") == token("m")
    assert s.environment("HF_TOKEN_PATH") is None


@test()
def cd_and_command_on_one_line(S):
    s = isolated(S)
    s.run("cd /")
    count = s.lines(f"cd {s.home}/proj; env | grep -c '^HF_TOKEN_PATH='; cd /")
    # bash has no chpwd; `init bash --cd` is for that
    assert count == (["0"] if s.kind.family == "bash" else ["1"]), count
    assert s.environment("HF_TOKEN") == token("m")


@test()
def nested_shell_fails_closed(S):
    s = isolated(S)
    s.enter()
    assert s.environment("HF_TOKEN_PATH")
    s.run("cd /")
    assert s.environment("HF_TOKEN_PATH") is None
    assert s.environment("HFLINT_PROJECT") is None
    assert s.environment("HF_TOKEN") in (None, "")  # can't be known here; never guessed
    s.leave()
    assert s.environment("HF_TOKEN_PATH"), "the outer shell is still in the project"
    s.run("cd /")
    assert s.environment("HF_TOKEN") == token("m")


@test()
def nested_shell_drops_an_exported_token(S):
    s = isolated(S)
    s.run("hflint fix --isolate --yes --export")
    s.enter()
    assert s.environment("HF_TOKEN") == token("p")
    s.run("cd /")
    assert s.environment("HF_TOKEN") in (None, "")


@test()
def tmux_server_started_in_a_project(S):
    """Its windows get the server's stale environment; they heal at their first prompt."""
    s = isolated(S)
    out = s.owned + "/window"
    socket = f"tmux -f /dev/null -S {s.owned}/tmux"
    s.run(f"{socket} new-session -d -c / {s.quote(s.again())}; true")
    try:
        # tmux's own session, elsewhere; its shell inherited the project
        s.run(f"{socket} send-keys {s.quote(f'env > {out}.new; mv {out}.new {out}')} Enter")
        s.run(f"while not test -e {out}; end" if s.kind.fish else f"while ! test -e {out}; do :; done")
        with open(out) as f:
            text = f.read()
        assert "HF_TOKEN_PATH" not in text and "HFLINT_PROJECT" not in text, text
        assert "HF_TOKEN=hf_" not in text, text
    finally:
        s.run(f"{socket} kill-server")


@test()
def loading_again_keeps_what_is_to_come_back(S):
    s = isolated(S)
    s.reload()
    s.reload()
    assert s.environment("HF_TOKEN") is None
    s.run("cd /")
    assert s.environment("HF_TOKEN") == token("m")


@test(mock=True)
def remembered_values_never_reach_the_environment(S):
    s = isolated(S)
    assert token("m") not in "\n".join(s.lines("env"))
    assert token("m") not in s.value('"$HFLINT_PROMPT"')


@test("bash", "zsh", mock=True)
def read_only_variable(S):
    s = S(env={"T": token("a")}, after="HF_TOKEN=$T; export HF_TOKEN; readonly HF_TOKEN; END=reached")
    assert s.value('"$END"') == "reached"
    out = s.run("hflint fix --unset")
    assert "hflint: HF_TOKEN is read-only in this shell" in out, out
    assert s.status == 1
    assert s.environment("HF_TOKEN") == token("a")
    os.makedirs(s.home + "/proj")
    s.run("cd proj")
    out = s.run("hflint fix --isolate --yes")
    assert "read-only" in out
    assert s.run("cd /").count("read-only") <= 1
    assert s.environment("HF_TOKEN") == token("a")
