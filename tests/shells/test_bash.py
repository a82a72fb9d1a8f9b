"""Traps of bash alone."""

import os
import subprocess

from lib import test, token, write

SEE = 'see() { SEEN="$? ${PIPESTATUS[*]}"; }\n'


@test("bash")
def status_and_pipestatus_are_kept(S):
    # a hook before ours, one after ours, and the person's next command
    for where in ["before", "after"]:
        new = S.kind.version() >= (5, 1)
        add = "PROMPT_COMMAND=see" if where == "before" else 'PROMPT_COMMAND+=(see)' if new else 'PROMPT_COMMAND="$PROMPT_COMMAND\nsee"'
        s = S(**{where: SEE + add})
        s.run("false")
        assert s.status == 1
        s.run("(exit 3) | (exit 4)")
        assert s.status == 4
        s.run(s.export_line("HF_ENDPOINT", "x") + "; (exit 3) | (exit 4)")  # the hook runs the binary
        assert s.status == 4
        seen = s.value('"$SEEN"')
        s.run("(exit 5) | true | (exit 6)")
        assert s.lines('echo "$SEEN"') == ["6 5 0 6" if new or where == "before" else "6 6"], (where, seen)
    s.run("(exit 3) | (exit 4)")
    s.run("(exit 3) | (exit 4)")
    out = s.run('echo "pipe ${PIPESTATUS[*]}"')
    assert "pipe 3 4" in out, out


@test("bash")
def what_is_added_to_the_prompt_command_later_sees_the_status(S):
    """As rc files add to it: further down, to the text, with or without an element of their own."""
    adds = ['PROMPT_COMMAND="${PROMPT_COMMAND:+$PROMPT_COMMAND; }see"', 'PROMPT_COMMAND+=";see"', 'PROMPT_COMMAND="see; $PROMPT_COMMAND"', "PROMPT_COMMAND=${PROMPT_COMMAND}$'\\n'see"]
    for before in ["", "PROMPT_COMMAND='true;'\n", "PROMPT_COMMAND=()\n", "export PROMPT_COMMAND=''\n"]:
        for add in adds:
            if before.endswith("'true;'\n") and add != adds[2]:
                continue  # a person's own command is before theirs there
            s = S(before=SEE + before, after=add)
            s.export("HF_TOKEN", token("a"))
            assert len(s.calls()) >= 2, (before, add)
            s.run("(exit 3)")
            assert s.value('"$SEEN"').split()[0] == "3", (before, add)
            assert s.status == 0
            assert "syntax" not in s.run("__hflint_remove") + s.run(), (before, add)
            s.run("(exit 5)")
            assert s.value('"$SEEN"').split()[0] == "5", (before, add)
            assert "hflint" not in s.run('echo "${PROMPT_COMMAND[@]}"'), (before, add)


@test("bash")
def options_at_the_time_it_is_loaded(S):
    # By `case` an array would be an associative one, which takes no command.
    s = S(before="shopt -s nocasematch; PROMPT_COMMAND=(:)")
    assert "hflint" not in s.started and s.calls(), s.started
    # The release of bash is a number, and would be taken apart at its digits.
    s = S(before="IFS=0123456789")
    assert ("coarse" in s.calls()[0].split()) == (s.kind.version() < (5, 0)), s.calls()


@test("bash")
def what_is_typed_is_all_that_verbose_shows(S):
    s = S(after="set -v")
    if s.kind.version() < (4, 4):
        return
    write(s.token_file, token("b") + "\n", age=100)
    said = s.export("HF_TOKEN", token("a"))
    assert len(s.warned(said)) == 1 and "__hflint_" not in said.replace("__hflint_kept && :\n", ""), said
    assert "v" in s.value('"$-"')
    s.run("set -x")
    s.export("HF_TOKEN", token("c"))
    assert {*"xv"} <= {*s.value('"$-"')}


@test("bash")
def a_trap_that_sets_the_title(S):
    """What it writes ends in no line, and stands before the answer of the program."""
    title = """trap 'printf "\\033]0;%s\\007" "$BASH_COMMAND"' DEBUG"""
    s = S(after="set -T; " + title)
    write(s.token_file, token("b") + "\n", age=100)
    assert "hflint:" not in s.started, s.started
    assert len(s.warned(s.export("HF_TOKEN", token("a")))) == 1
    assert s.segment == "hf:1"


@test("bash")
def last_argument_and_history_are_kept(S):
    s = S()
    s.run("true one two")
    assert "last: two" in s.run('echo "last: $_"')
    s.export("HF_ENDPOINT", "x")
    s.run("true one three")
    assert "last: three" in s.run('echo "last: $_"')
    assert not [line for line in s.lines("history") if "hflint" in line]


@test("bash")
def every_option(S):
    options = [
        "set -u", "set -f", "set -o noclobber", "set -o posix", "set -a", "set -e", "set -o pipefail", "set -E; trap 'echo ERRTRAP' ERR", "set -T; trap 'echo DEBUGTRAP' DEBUG",
        "set -T; trap 'echo RETURNTRAP >/dev/null' RETURN", "set -b", "set -B", "set +B", "set -C -u -f -e -o pipefail", "set -h", "set +h", "set -k", "set -P", "set -o vi", "set +H",
        "shopt -s nullglob", "shopt -s failglob", "shopt -s nocasematch", "shopt -s nocaseglob", "shopt -s extglob", "shopt -s dotglob", "shopt -s extdebug", "shopt -u expand_aliases",
        "shopt -s xpg_echo", "shopt -s localvar_inherit", "shopt -s localvar_unset", "shopt -s compat31", "shopt -s compat44", "shopt -u sourcepath", "shopt -s inherit_errexit", "shopt -s lastpipe",
        "shopt -s globstar", "shopt -s assoc_expand_once", "shopt -u patsub_replacement", "shopt -s autocd cdspell", "IFS=ab/", "IFS=_", "IFS=", "unset IFS", "IFS='|'", "LC_ALL=C", "LC_ALL=POSIX", "export LANG=", "TMOUT=600",
        "readonly i=1 n=2 rc=3 op=4 name=5 value=6 out=7 x=8 d=9 a=10 b=11 f=12 REPLY=13",
        "alias local=false return=false test=false printf=false eval=false builtin=false unset=false export=false declare=false set=false command=false hflint='hflint --color never'",
        "local() { echo BAD; }; printf() { echo BAD; }; test() { echo BAD; }; eval() { echo BAD; }; export() { command export \"$@\"; }; unset() { command unset \"$@\"; }",
        "CDPATH=/usr:.", "GLOBIGNORE='*'", "FUNCNEST=50", "BASH_XTRACEFD=2", "export SHELLOPTS", "POSIXLY_CORRECT=1",
 "PS0='' PS4='+ '", "ulimit -n 64", "umask 777",
    ]  # fmt: skip
    for o in options:
        for where in ["before", "after"]:
            # A DEBUG trap that prints would also print into `eval "$(...)"`, before anything of ours runs.
            load = "source" if "DEBUGTRAP" in o or "eval()" in o else "eval"
            try:
                one_option(S, o, where, load)
            except (EOFError, TimeoutError) as e:
                raise AssertionError((o, where, str(e)[-2000:])) from e


def one_option(S, o, where, load):
    s = S(env={"T": token("s"), "MOCK_PROJECT_TOKEN": token("p")}, load=load, **{where: o + " 2>/dev/null || true"})
    assert "bash:" not in s.started and "BAD" not in s.started, (o, where, s.started)
    write(s.token_file, token("b") + "\n", age=100)
    os.makedirs(s.home + "/proj")
    # a status of 1 that `set -e` lets pass
    out = s.run("! true")
    assert s.status == 1, (o, where)
    out += s.run("HF_TOKEN=$T; \\export HF_TOKEN")
    assert s.segment == "hf:1", (o, where, out)
    assert out.count("hflint: HF_TOKEN hides") == 1, (o, where, out)
    if not S.real:
        s.run("umask 022")
        out += s.run("cd ./proj") + s.run("hflint fix --isolate")
        assert s.status == 0, (o, where)
        assert env(s, "HF_TOKEN") is None, (o, where)
        assert env(s, "HF_TOKEN_PATH"), (o, where)
        assert token("s") not in s.run("export -p").replace('T="' + token("s"), ""), (o, where)
        out += s.run("cd /")
        assert env(s, "HF_TOKEN") == token("s"), (o, where)
    s.settle()
    assert s.spawned("", "") == 0, (o, where)
    for bad in ("bash:", "BAD", token("s")):
        assert bad not in out, (o, where, out)
    if where == "after":  # before, it also sees the failing commands of the rc file
        assert "\nERRTRAP" not in out, (o, out)
    s.close()


def env(s, name):
    """Like s.environment, but without anything that the option under test changes."""
    out = s.run(f"\\builtin command env | \\builtin command grep '^{name}=' | \\builtin command sed 's/^/E:/' || \\builtin :")
    for line in out.split("\n"):
        if line.startswith(f"E:{name}="):
            return line[len(name) + 3 :]
    return None


def flips(S):
    """Every option of this bash turned from its default, but those that stop a shell from being one that reads lines."""
    no = {"shopt": ("restricted_shell", "login_shell", "promptvars"), "set -o": ("noexec", "onecmd", "ignoreeof", "privileged", "xtrace", "verbose", "emacs")}
    found = []
    for command, turn in [("shopt", ("shopt -s ", "shopt -u ")), ("set -o", ("set -o ", "set +o "))]:
        out = subprocess.check_output([S.kind.exe, "--norc", "-i", "-c", command], text=True, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, start_new_session=True)
        options = [line.split()[:2] for line in out.splitlines() if line.strip().endswith(("on", "off"))]
        found += [turn[state == "on"] + name for name, state in options if name not in no[command]]
    assert len(found) > 40, found
    return found


@test("bash")
def every_shopt_1(S):
    for o in flips(S)[::2]:
        one_option(S, o, "before", "eval")


@test("bash")
def every_shopt_2(S):
    for o in flips(S)[1::2]:
        one_option(S, o, "before", "eval")


@test("bash")
def allexport_exports_no_function(S):
    """`set -a` exports functions too: 20 KB to each child, and a `hflint` without its state to each script."""
    for where in ["before", "after"]:
        s = S(**{where: "set -a"})
        s.settle()
        s.run("HF_ENDPOINT=x")
        s.run("cd /")
        # the guard is written anew
        assert s.environment("HF_ENDPOINT") == "x"
        assert s.lines("env | grep -ac '^BASH_FUNC_.*hflint'; :") == ["0"], where
        assert s.lines("bash -c 'type -t hflint __hflint_hook'; :") == ["file"], where
        assert s.lines("case $- in *a*) echo on ;; esac") == ["on"], where
        s.run("cd; source ~/../hook.bash")
        assert s.lines("env | grep -ac '^BASH_FUNC_.*hflint'; :") == ["0"], where


@test("bash")
def functions_exported_by_hand(S):
    """A shell that inherits them has no state of ours, and must make its own."""
    s = S(before="set -u", after="export -f $(compgen -A function hflint; compgen -A function __hflint_)", env={"__hflint_said": "x", "__hflint_un": "y", "__hflint_mode": "z"})
    assert "unbound" not in s.started and s.calls(), s.started
    out = s.enter()
    assert "unbound" not in out and "hflint" not in out.split("\n", 1)[1], out
    before = len(s.calls())
    out = s.export("HF_ENDPOINT", "x")
    assert s.segment == "hf:1" and "unbound" not in out, out
    assert len(s.calls()) == before + 1


@test("bash")
def what_the_person_took_away(S):
    """Names that are read-only, a builtin that is off, words that mean something else: it is said all the same."""
    words = "if then else elif fi for do done case esac while function return local __hflint_look __hflint_learn __hflint_say".split()
    for line in ["readonly IFS", "readonly IFS=0:h", "readonly HFLINT_PROMPT=mine", "readonly HFLINT_PROMPT", "enable -n printf", "enable -n test", "set -u; unset PWD", "alias " + " ".join(w + "=BAD" for w in words)]:
        for where in ["before", "after"]:
            s = S(**{where: line}, env={"HF_TOKEN": token("a")})
            write(s.home + "/d/.env", f"HF_TOKEN={token('b')}\n", age=100)
            out = s.started + s.run("cd d")
            assert len(s.warned(out)) == 1, (line, where, out)
            for bad in ("bash:", "BAD", "readonly variable", "unbound"):
                assert bad not in out, (line, where, out)
            s.settle()
            assert s.spawned("", "true") == 0, (line, where)
    assert s.lines("shopt -q expand_aliases && echo on") == ["on"]
    s = S(before="shopt -u expand_aliases")
    assert s.lines("shopt -q expand_aliases || echo off") == ["off"]


@test("bash")
def errexit_shell_survives_a_failed_status(S):
    s = S(after="set -e")
    s.run("! true")
    assert s.status == 1
    s.run("! true")
    assert s.run("echo still here").count("still here") >= 1


@test("bash")
def err_trap_is_not_set_off_again(S):
    s = S(after="trap 'echo ERR''TRAP' ERR")
    assert s.run("false").count("ERRTRAP") == 1
    s.export("HF_ENDPOINT", "x")
    assert s.run("false").count("ERRTRAP") == 1
    assert s.run("true").count("ERRTRAP") == 0


@test("bash")
def traps_stay_the_persons(S):
    s = S(after="trap 'echo INT' INT; trap 'echo EXIT' EXIT; trap 'echo U1' USR1")
    before = s.lines("trap")
    s.export("HF_ENDPOINT", "x")
    s.run("cd /")
    assert s.lines("trap") == before


@test("bash")
def read_only_prompt_command(S):
    for line in ["readonly PROMPT_COMMAND=true", "declare -r PROMPT_COMMAND", "readonly -a PROMPT_COMMAND=(true)", "declare -rx PROMPT_COMMAND=true"]:
        s = S(before=line, after="END=reached")
        assert s.value('"$END"') == "reached", line
        assert s.started.count("hflint: PROMPT_COMMAND is read-only; no prompt hook in this shell") == 1, s.started
        assert s.run("hflint check") and s.status == 0


@test("bash")
def prompt_command_that_takes_no_command(S):
    """bash writes what is assigned in capitals, as a number, or runs none of it."""
    for line in ["declare -u PROMPT_COMMAND", "declare -i PROMPT_COMMAND", "declare -c PROMPT_COMMAND", "declare -A PROMPT_COMMAND=([x]=true)"]:
        s = S(before=line, after="END=reached")
        assert s.value('"$END"') == "reached", line
        assert s.started.count("hflint: PROMPT_COMMAND is declared in a way that takes no command; no prompt hook in this shell") == 1, (line, s.started)
        assert "bash:" not in s.run() + s.run("hflint check"), line


@test("bash")
def kinds_of_prompt_command(S):
    for line in ["A=1", "A=1;", "A=1 ; ", "A=1\n", "A=1 # comment", "printf -v A 1", "A=1 &&\ntrue", "", " ", "if true; then A=1; fi"]:
        for how in ["PROMPT_COMMAND={}", "export PROMPT_COMMAND={}", "PROMPT_COMMAND=({} B=2)", "PROMPT_COMMAND=([3]={})"]:
            text = how.format("$'" + line.replace("\n", "\\n") + "'")
            if "(" in how and S.kind.version() < (5, 1):
                continue  # an array there is its first element
            s = S(before=text, env={"TERM_PROGRAM": "vscode" if line == "A=1" and how.startswith("PROMPT_COMMAND={") else "x"})
            assert "bash:" not in s.started, (text, s.started)
            s.settle()
            assert s.spawned(s.export_line("HF_ENDPOINT", "x")) == 1, text
            if "A" in line:
                s.run("A=0")
                assert s.value("$A") == "1", text
            # a child shell without the hook is not disturbed by an inherited string
            write(s.home + "/other", "PS1='<<P:$SHLVL.$((++TN)):$?:>>'\n")
            s.enter(f"{s.kind.exe} --noprofile --rcfile ~/other -i")
            out = s.run("true")
            assert "not found" not in out, (text, out)
            s.leave()


@test("bash")
def unset_prompt_command_under_nounset(S):
    s = S(before="set -u; unset PROMPT_COMMAND")
    assert "unbound" not in s.started
    assert s.calls()


@test("bash")
def loaded_twice_is_installed_once(S):
    s = S(after="HERE=yes")
    s.reload()
    s.reload()
    assert s.value('"${PROMPT_COMMAND[*]}"').count("__hflint") == 1
    s.settle()
    assert s.spawned(s.export_line("HF_ENDPOINT", "x")) == 1


@test("bash")
def string_for_vscode(S):
    """VS Code's script keeps the first element alone, and runs it itself."""
    vscode = (
        '__vsc_original_prompt_command=${PROMPT_COMMAND-}\n'
        '__vsc_prompt_cmd() { __vsc_status=$?; builtin eval "$__vsc_original_prompt_command"; return $__vsc_status; }\n'
        "PROMPT_COMMAND=__vsc_prompt_cmd"
    )
    s = S(env={"TERM_PROGRAM": "vscode"}, after=vscode)
    s.settle()
    assert s.spawned(s.export_line("HF_ENDPOINT", "x")) == 1
    s.run("(exit 7)")
    assert s.status == 7


@test("bash")
def bash_preexec_before_and_after(S):
    """The real one (tests/shells/vendor), loaded before and after."""
    framework = os.path.join(os.path.dirname(os.path.abspath(__file__)), "vendor", "bash-preexec.sh")
    more = f". {framework}\nmine() {{ MINE=\"$?\"; }}\nprecmd_functions+=(mine)\npreexec() {{ EXEC=\"$1\"; }}"
    for where in ["before", "after"]:
        s = S(**{where: more})
        s.settle()
        assert s.spawned(s.export_line("HF_ENDPOINT", "x")) == 1, where
        assert s.spawned("", "") == 0, where
        s.run("(exit 4)")
        assert s.status == 4
        assert s.value('"$MINE"') == "4"
        assert "printf" in s.value('"$EXEC"')
        s.reload()
        s.settle()
        assert s.spawned(s.export_line("HF_ENDPOINT", "y")) == 1, where
        s.run("__hflint_remove")
        s.run("(exit 5)")
        assert s.status == 5
        assert s.value('"$MINE"') == "5"


@test("bash")
def ble_sh(S):
    """Emulated from its manual (A. Blehook): PRECMD functions run with $? set, `!=` adds once, `-=` removes."""
    emulated = (
        "BLE_VERSION=0.4.0\n_ble_hook_PRECMD=()\n"
        "blehook() { case $1 in PRECMD!=*) blehook \"PRECMD-=${1#PRECMD!=}\"; _ble_hook_PRECMD+=(\"${1#PRECMD!=}\");;\n"
        "PRECMD-=*) local i; for i in \"${!_ble_hook_PRECMD[@]}\"; do if [[ ${_ble_hook_PRECMD[i]} == \"${1#PRECMD-=}\" ]]; then unset \"_ble_hook_PRECMD[i]\"; fi; done;; esac; }\n"
        "ble_prompt() { local s=$? h; for h in ${_ble_hook_PRECMD[@]+\"${_ble_hook_PRECMD[@]}\"}; do (exit $s); \"$h\"; done; }\nPROMPT_COMMAND=ble_prompt"
    )
    s = S(before=emulated)
    assert s.value('"${_ble_hook_PRECMD[*]}"') == "__hflint_hook"
    assert "__hflint" not in s.value('"${PROMPT_COMMAND[*]}"')
    s.settle()
    assert s.spawned(s.export_line("HF_ENDPOINT", "x")) == 1
    s.reload()
    assert s.value('"${_ble_hook_PRECMD[*]}"') == "__hflint_hook"
    s.run("__hflint_remove")
    assert s.value('"${_ble_hook_PRECMD[*]-}"') == ""


@test("bash")
def other_hooks_added_later_stay(S):
    """starship keeps only element 0 (its issue 7603); direnv and mise put themselves first."""
    new = S.kind.version() >= (5, 1)
    starship = 'STAR="${PROMPT_COMMAND-}"; starship_precmd() { S=1; eval "$STAR"; }; PROMPT_COMMAND=starship_precmd'
    direnv = 'if [[ ";${PROMPT_COMMAND[*]:-};" != *";_direnv_hook;"* ]]; then if [[ "$(declare -p PROMPT_COMMAND 2>&1)" == "declare -a"* ]]; then PROMPT_COMMAND=(_direnv_hook "${PROMPT_COMMAND[@]}"); else PROMPT_COMMAND="_direnv_hook${PROMPT_COMMAND:+;$PROMPT_COMMAND}"; fi; fi'
    for other in [starship, "_direnv_hook() { D=1; }; " + direnv, 'PROMPT_COMMAND="history -a; $PROMPT_COMMAND"', 'PROMPT_COMMAND="$PROMPT_COMMAND; X=1"', 'PROMPT_COMMAND="${PROMPT_COMMAND:+$PROMPT_COMMAND;}X=1"']:
        s = S(after=other)
        assert "bash:" not in s.started, (other, s.started)
        s.settle()
        assert s.spawned(s.export_line("HF_ENDPOINT", "x")) == 1, (other, new)


@test("bash")
def nothing_is_left_behind(S):
    s = S(before="before=$(compgen -v; compgen -A function; alias)")
    s.settle()
    s.export("HF_ENDPOINT", "x")
    new = s.lines("comm -13 <(printf '%s\\n' \"$before\" | sort) <({ compgen -v; compgen -A function; alias; } | sort)")
    strange = [n for n in new if not n.startswith("__hflint_") and n not in ("hflint", "HFLINT_PROMPT", "before", "PROMPT_COMMAND", "HF_ENDPOINT", "TN", "PS1", "BASH_COMMAND", "PIPESTATUS", "_", "BASH_REMATCH", "COLUMNS", "LINES", "HISTCMD", "HISTFILESIZE", "HISTSIZE")]
    assert not strange, strange


@test("bash")
def old_branches_in_this_bash(S):
    """The ways that bash 3.2, 4.2, 4.4 and 5.0 take, where those are not at hand."""
    for v in [302, 402, 404, 500]:
        if S.kind.version()[0] * 100 + S.kind.version()[1] < v:
            continue
        s = S(edit=lambda t: t.replace("__hflint_vers=(\"$((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1]))\")", f"__hflint_vers=({v})"), env={"T": token("a"), "MOCK_PROJECT_TOKEN": token("p")})
        words = s.calls()[0].split()
        assert ("coarse" in words) == (v < 500), words
        assert "__hflint_kept" in s.value('"${PROMPT_COMMAND[*]}"')
        s.settle()
        assert s.spawned("export HF_TOKEN=$T") == 1
        assert s.spawned("HF_TOKEN=$T") == 0
        assert s.spawned("unset HF_TOKEN") == 1
        s.run("(exit 3)")
        assert s.status == 3
        if not S.real:
            s.run("HF_TOKEN=$T")
            os.makedirs(s.home + "/proj")
            s.run("cd proj")
            s.run("hflint fix --isolate")
            assert s.value('"${HF_TOKEN-unset}"') == "unset"
            s.run("cd /")
            assert s.value('"$HF_TOKEN"') == token("a")
            assert s.environment("HF_TOKEN") is None
            s.run("export HF_TOKEN; cd ~/proj")
            s.run("cd /")
            assert s.environment("HF_TOKEN") == token("a")


@test("bash", mock=True)
def cd_wrapper(S):
    with open(os.path.join(os.path.dirname(S.kind.script()), "hflint.cd.bash")) as f:
        cd = f.read()
    s = S(edit=lambda t: t + cd, env={"HF_TOKEN": token("a")})
    for d in ["proj", "other"]:
        os.makedirs(f"{s.home}/{d}/sub")
    s.run("cd proj")
    s.run("hflint fix --isolate")
    s.run("cd")
    assert s.lines("cd proj; env | grep -c '^HF_TOKEN_PATH='; cd ..") == ["1"]
    assert s.lines("pushd proj >/dev/null; env | grep -c '^HF_TOKEN_PATH='; popd >/dev/null; env | grep -c '^HF_TOKEN_PATH='") == ["1", "0"]
    assert s.lines("(cd proj && env | grep -c '^HF_TOKEN_PATH=')") == ["1"]
    assert s.lines("x=$(cd proj && env | grep -c '^HF_TOKEN_PATH='); echo $x") == ["1"]
    assert s.environment("HF_TOKEN") == token("a")
    # the status, the output and the options of the real one
    s.run("cd /nowhere 2>/dev/null")
    assert s.status == 1
    assert s.lines("CDPATH=$HOME; cd proj; cd -P ..; cd - >/dev/null; unset CDPATH; cd")[0].endswith("/proj")
    # what there is to say waits for the prompt
    write(s.home + "/other/.env", f"HF_TOKEN={token('e')}\n", age=100)
    out = s.run("cd other; echo in''between")
    assert out.index("inbetween") < out.index("hflint: HF_TOKEN defeats"), out
    assert s.spawned("") == 0 and not s.warned(s.shown)
    # in a subshell nobody would read it, so it is kept for later
    write(s.home + "/proj/.env", f"HF_TOKEN={token('f')}\n", age=100)
    assert "quiet" in (s.run("cd; (cd other/sub)") and [c for c in s.calls() if "quiet" in c][-1])
    s.run("__hflint_remove")
    assert s.lines("type -t cd pushd popd") == ["builtin", "builtin", "builtin"]


@test("bash", mock=True)
def cd_wrapper_keeps_another_wrapper(S):
    with open(os.path.join(os.path.dirname(S.kind.script()), "hflint.cd.bash")) as f:
        cd = f.read()
    s = S(edit=lambda t: t + cd, before='cd() { builtin cd "$@" && MINE="$MINE+"; }\nalias pushd="pushd -n"; unalias pushd', env={"HF_TOKEN": token("a")})
    os.makedirs(s.home + "/proj")
    s.run("cd proj")
    s.run("hflint fix --isolate")
    s.run("cd ..")
    assert s.lines("cd proj; env | grep -c '^HF_TOKEN_PATH='; cd ..") == ["1"]
    assert s.value('"$MINE"') == "++++"
    s.reload()
    s.run("cd proj")
    assert s.value('"$MINE"') == "+++++", "wrapped twice"
    s.run("cd; __hflint_remove; MINE=")
    s.run("cd proj")
    assert s.value('"$MINE"') == "+"
