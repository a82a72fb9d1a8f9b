"""Traps of fish alone."""

import os
import subprocess

from lib import test, token, write


@test("fish")
def status_and_pipestatus_are_kept(S):
    s = S(after="function fish_prompt; set -g SEEN $status:$pipestatus; set -l s (string split : $SEEN[1])[1]; printf '<<P:%s.%s:%s:%s>>' $SHLVL $TN $s $HFLINT_PROMPT; end")
    s.run("sh -c 'exit 3' | sh -c 'exit 4'")
    assert s.status == 4
    assert s.lines("echo $SEEN") == ["4:3 4:4"]
    s.run("set -gx HF_ENDPOINT x; sh -c 'exit 3' | sh -c 'exit 4'")
    assert s.status == 4
    assert "st 4 3 4" in s.run("sh -c 'exit 3' | sh -c 'exit 4'") + s.run("echo st $status $pipestatus")


@test("fish", mock=True)
def universal_variable_is_hidden_and_never_erased(S):
    s = S(env={"T": token("u")})
    os.makedirs(s.home + "/proj")
    s.run("set -Ux HF_TOKEN $T")
    assert s.environment("HF_TOKEN") == token("u")
    s.run("cd proj")
    s.run("hflint fix --isolate")
    assert s.environment("HF_TOKEN") == ""
    assert any(token("u") in line for line in s.lines("set -U"))
    s.run("cd /")
    assert s.environment("HF_TOKEN") == token("u")
    s.run("hflint fix --unset")
    assert s.environment("HF_TOKEN") == ""
    assert any(token("u") in line for line in s.lines("set -U"))
    s.run("hflint undo")
    assert s.status == 0
    assert s.environment("HF_TOKEN") == token("u")


@test("fish", mock=True)
def global_over_universal_comes_back(S):
    s = S(env={"T": token("u"), "G": token("g")})
    os.makedirs(s.home + "/proj")
    s.run("set -Ux HF_TOKEN $T; set -gx HF_TOKEN $G")
    s.run("cd proj")
    s.run("hflint fix --isolate")
    assert s.environment("HF_TOKEN") == ""
    s.run("cd /")
    assert s.environment("HF_TOKEN") == token("g")
    s.run("set -eg HF_TOKEN")
    assert s.environment("HF_TOKEN") == token("u")


@test("fish")
def universal_changes_are_seen(S):
    s = S(env={"T": token("u")}).settle()
    assert s.spawned("set -Ux HF_TOKEN $T") == 1
    assert s.spawned("") == 0
    assert s.spawned("set -eU HF_TOKEN") == 1
    # from another session: fish is told of it, and so are we
    before = len(s.calls())
    s.run(f"{s.kind.exe} -c 'set -Ux HF_TOKEN other'")
    for _ in range(200):
        if len(s.calls()) > before:
            break
        s.run()
    assert len(s.calls()) > before


@test("fish")
def every_way_to_set_is_seen(S):
    s = S().settle()
    for line in ["set -g HF_TOKEN a", "set -x HF_TOKEN a", "set -gu HF_TOKEN a", "set -e HF_TOKEN", "echo b | read -g HF_TOKEN", "set -a HF_TOKEN c", "set -p HF_TOKEN d", "export HF_TOKEN=e",
                 "string match -rq '(?<HF_TOKEN>.*)' f", "for HF_TOKEN in g; end"]:
        s.settle()
        assert s.spawned(line) == 1, line
    s.settle()
    assert s.spawned("HF_TOKEN=h true") <= 1  # fish tells of it as of any other
    assert s.spawned("begin; set -lx HF_TOKEN i; end; true") <= 1


@test("fish", mock=True)
def path_variables_are_joined(S):
    """HF_TOKEN_PATH ends in PATH, so fish splits it at colons."""
    s = S(env={"HF_TOKEN_PATH": "/a:b/c:d"})
    os.makedirs(s.home + "/proj")
    s.run("cd proj")
    s.run("hflint fix --isolate")
    s.run("cd /")
    assert s.environment("HF_TOKEN_PATH") == "/a:b/c:d"


@test("fish")
def message_of_cd_waits_for_the_prompt(S):
    s = S(env={"HF_TOKEN": token("a")})
    write(s.home + "/d/.env", f"HF_TOKEN={token('b')}\n", age=100)
    out = s.run("cd d 2>/dev/null; echo in''between")
    assert out.index("\ninbetween") < out.index("hflint: HF_TOKEN defeats"), out
    assert not s.warned(s.run())


@test("fish")
def loaded_twice_is_installed_once(S):
    s = S()
    s.reload()
    s.reload()
    s.settle()
    assert s.spawned("set -gx HF_ENDPOINT x") == 1
    assert s.spawned("cd /") == 1


@test("fish")
def nothing_is_left_behind(S):
    s = S(before="set -g before (set -n) (functions -an)")
    s.run("set -gx HF_ENDPOINT x")
    new = s.lines("for n in (set -n) (functions -an); contains -- $n $before; or echo $n; end")
    strange = [n for n in new if not n.startswith("__hflint_") and n not in ("hflint", "HFLINT_PROMPT", "HF_ENDPOINT", "TN", "before", "t_n", "fish_prompt", "n", "fish_greeting", "OLDPWD", "dirprev", "dirnext", "__fish_cd_direction")
               and not n.startswith(("fish_", "__fish", "__init"))]
    assert not strange, strange


@test("fish")
def output_is_split_whatever_ifs_is(S):
    s = S(before="set -g IFS", env={"HF_ENDPOINT": "x"})
    assert not [line for line in s.warned(s.started) if "version" in line], s.started
    assert s.segment == "hf:1"
    s.settle()
    s.run("__hflint_remove")
    assert s.lines("functions -q __hflint_hook; or echo gone") == ["gone"]


@test("fish")
def shadowed_builtins(S):
    """A function `path` from before fish 3.5 had a builtin of that name is in many a config.fish."""
    names = subprocess.check_output([S.kind.exe, "--no-config", "-c", "builtin -n"], text=True).split()
    # Some are reserved; on some fish itself stands.
    own = (".", ":", "[", "source", "functions", "bind", "commandline", "complete", "set_color", "block", "emit", "exit")
    refused = subprocess.run([S.kind.exe, "--no-config", "-c", "; ".join(f"function {n}; end" for n in names)], capture_output=True, text=True).stderr
    taken = [n for n in names if f" {n}: cannot use reserved" not in refused and n not in own]
    assert {"path", "contains", "count", "math", "echo", "printf"} <= set(taken), taken
    for where in ["before", "after"]:
        s = S(**{where: "; ".join(f"function {n}; status stack-trace | string match -q '*__hflint_*'; and status stack-trace >> ~/BAD; builtin false; end" for n in taken)}, env={"T": token("a")})
        assert "hflint" not in s.started, s.started
        for name in ["token", "stored_tokens"]:
            write(f"{s.home}/.cache/huggingface/{name}", token("b") + "\n", age=100)
        out = s.run("set -gx HF_TOKEN $T")
        assert s.segment == "hf:1" and len(s.warned(out)) == 1, out
        s.settle()
        write(s.token_file, token("c") + "\n", age=50)
        assert s.spawned("") == 1
        s.settle()
        assert s.spawned("", "") == 0
        os.makedirs(s.home + "/proj")
        s.run("hflint fix --unset --yes")
        assert (s.status, s.segment) == (0, "")
        assert not os.path.exists(s.home + "/BAD"), open(s.home + "/BAD").read()
        s.run("__hflint_remove")


@test("fish")
def keys_and_prompts(S):
    for line in ["fish_vi_key_bindings", "set -g fish_handle_reflow 0", "function fish_right_prompt; echo $HFLINT_PROMPT; end", "set -g fish_features all"]:
        s = S(after=line)
        s.settle()
        assert s.spawned("set -gx HF_ENDPOINT x") == 1, line


@test("fish")
def old_branches_in_this_fish(S):
    """fish 3.5 (`path mtime` alone) and 3.4 (nothing that tells a time: one look after each command)."""
    for version in ["3.5.1", "3.4.0"]:
        s = S(edit=lambda t: t.replace("string split . -- $version", f"string split . -- {version}"), env={"HF_TOKEN": token("a")})
        write(s.token_file, token("b") + "\n", age=100)
        s.run()
        s.settle()
        assert s.spawned("", "", "") == 0, version
        write(s.token_file, token("c") + "\n", age=50)
        assert s.spawned("true") == 1, version
        s.settle()
        os.unlink(s.token_file)
        assert s.spawned("true") == 1, version
        s.settle()
        write(s.token_file, token("c") + "\n", age=20)
        assert s.spawned("") == 1, version
        s.settle()
        assert s.spawned("set -gx HF_ENDPOINT x") == 1
        assert s.segment == "hf:2"
