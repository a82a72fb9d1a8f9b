"""Traps of zsh alone."""

import os
import re
import subprocess

from lib import test, token, write


@test("zsh")
def status_and_pipestatus_are_kept(S):
    for where in ["before", "after"]:
        s = S(**{where: 'see() { SEEN="$? $pipestatus" }; precmd_functions+=(see)'})
        s.run("(exit 3) | (exit 4)")
        assert s.status == 4
        s.run("export HF_ENDPOINT=x; (exit 3) | (exit 4)")
        assert s.status == 4
        s.run("(exit 5) | true | (exit 6)")
        assert s.lines('echo "$SEEN"') == ["6 5 0 6"], where
    s.run("(exit 3) | (exit 4)")
    assert "pipe 3 4" in s.run('echo "pipe $pipestatus"')
    s.run("false")
    assert "status 1" in s.run('echo "status $?"')
    assert "status 0" in s.run('cd /; echo "status $?"')
    assert s.lines("cd /nowhere 2>/dev/null; echo $?") == ["1"]


@test("zsh")
def last_argument_is_kept(S):
    s = S(load="no")
    s.run("true one two")
    bare = s.run('echo "last: $_"').count("last: two")
    s = S()
    s.run("true one two")
    assert s.run('echo "last: $_"').count("last: two") == bare


@test("zsh")
def lists_are_joined_by_no_ifs(S):
    # What waits since the change of directory is said, though it is joined to what was there by nothing.
    for ifs in ["IFS=", "IFS=:", "unset IFS"]:
        s = S(after=ifs)
        assert s.settle().segment == ""
        write(s.token_file, token("b") + "\n", age=100)
        s.settle()
        said = s.run(f"export HF_TOKEN={token('a')}; cd /")
        assert len(s.warned(said)) == 1, (ifs, said)
        assert not s.warned(s.run() + s.run()), ifs
    # Loaded twice, it is there once; and gone when it is taken out.
    s = S(before="IFS=:; precmd_functions=(true)")
    s.reload()
    count = "print ${#${(M)precmd_functions:#__hflint_hook}} ${#${(M)chpwd_functions:#__hflint_chpwd}}"
    assert s.lines(count) == ["1 1"]
    s.run("__hflint_remove")
    assert s.lines(count) == ["0 0"]


@test("zsh")
def a_trap_that_sets_the_title(S):
    """What it writes ends in no line, and stands before the answer of the program."""
    s = S(after='TRAPDEBUG() { print -n "\\e]0;title\\a" }')
    write(s.token_file, token("b") + "\n", age=100)
    assert "hflint:" not in s.started, s.started
    assert len(s.warned(s.export("HF_TOKEN", token("a")))) == 1
    assert s.segment == "hf:1"


ALIASES = (
    "alias local=false return=false print=false eval=false builtin=false unset=false typeset=false emulate=false zmodload=false set=false export=false setopt=false unsetopt=false zstat=false unfunction=false; "
    "alias -g hook='| cat' w='| cat' a='| cat' r='| cat' p='| cat' m='| cat' u='| cat' b='| cat' x='| cat' f='| cat' G='| grep' L='| less' N='>/dev/null' H='| head' -- -h='-h 2>&1 | cat' ...=../.."
)


@test("zsh", real=True)
def an_alias_for_every_word(S):
    """Of the script, reserved ones too: it is read with aliases off, and they are on again behind it."""
    with open(S.kind.script()) as f:
        words = sorted(set(re.findall(r"[^\s\"'`$;(){}|&<>\\=]+", f.read())))
    assert {"if", "then", "function", "-o", "-ga", "local", "HOME", "__hflint_look"} <= {*words}
    for load in ["""'eval' "$('command' 'hflint' 'init' 'zsh')" """, f"'source' '{S.kind.script()}'"]:
        for how in ["alias", "alias -g"]:
            aliases = f"{how} -- " + " ".join(f"'{w}'='echo BAD'" for w in words)
            s = S(before=aliases, load=load + "\n'unalias' '-m' '*'", env={"HF_TOKEN": token("a")})
            assert "BAD" not in s.started and "rror" not in s.started and "arguments" not in s.started, s.started
            write(s.home + "/d/.env", f"HF_TOKEN={token('b')}\n", age=100)
            assert len(s.warned(s.run("cd d"))) == 1, (load, how)
            assert s.lines("[[ -o aliases ]] && print on") == ["on"]
    s = S(before="setopt noaliases", env={"HF_ENDPOINT": "x"})
    assert s.segment == "hf:1" and s.lines("[[ -o aliases ]] || print off") == ["off"]


@test("zsh", real=True)
def another_character_begins_a_comment(S):
    """The third of `histchars`; there is none for who has switched off history expansion by an empty one."""
    for chars in ["", "!^", "@^~"]:
        s = S(before=f"histchars='{chars}'", env={"HF_ENDPOINT": "x"})
        assert s.segment == "hf:1" and len(s.warned(s.started)) == 1, (chars, s.started)
        assert s.value('"$histchars"') == chars
        s.settle()
        assert s.spawned("", "true") == 0, chars


@test("zsh")
def what_the_person_took_away(S):
    """Names that are read-only, a builtin that is off: it is said all the same."""
    for line in ["typeset -r HFLINT_PROMPT=mine", "typeset -r HFLINT_PROMPT", "typeset -r IFS", "disable test"]:
        for where in ["before", "after"]:
            s = S(**{where: line}, env={"HF_TOKEN": token("a")})
            write(s.home + "/d/.env", f"HF_TOKEN={token('b')}\n", age=100)
            out = s.started + s.run("cd d")
            assert len(s.warned(out)) == 1, (line, where, out)
            for bad in ("zsh:", "read-only", "such builtin"):
                assert bad not in out, (line, where, out)
            s.settle()
            assert s.spawned("", "true") == 0, (line, where)


MORE = [
    "setopt ksharrays shwordsplit", "emulate sh", "emulate ksh", "emulate csh", "emulate -R sh", "emulate -R ksh", "setopt errexit pipefail", ALIASES, "IFS=ab/", "IFS=", "unset IFS", "IFS=_", "LC_ALL=C", "export LANG=",
    "readonly i=1 n=2 rc=3 op=4 name=5 value=6 out=7 x=8", "setopt warncreateglobal warnnestedvar nounset errexit ksharrays shwordsplit globsubst allexport autonamedirs",
    "TRAPZERR() { print ERRTRAP }", "TRAPDEBUG() { DEBUGGED=1 }", "trap 'DEBUGGED=1' DEBUG", "fpath=()", "module_path=()", "FUNCNEST=20", "path=($path)", "typeset -U precmd_functions chpwd_functions", "disable -r '[['; enable -r '[['",
]  # fmt: skip


def every_option(S, part, parts):
    """Each option turned from its default, and some that go together, set before or after the hook is loaded."""
    cases = [(o, "before") for o in flips(S)] + [(o, w) for o in MORE for w in ("before", "after")]
    for o, where in cases[part::parts]:
        try:
            one_option(S, o, where)
        except (EOFError, TimeoutError) as e:
            raise AssertionError((o, where, str(e)[-2000:])) from e


@test("zsh")
def every_option_1(S):
    every_option(S, 0, 4)


@test("zsh")
def every_option_2(S):
    every_option(S, 1, 4)


@test("zsh")
def every_option_3(S):
    every_option(S, 2, 4)


@test("zsh")
def every_option_4(S):
    every_option(S, 3, 4)


def one_option(S, o, where):
    s = S(env={"T": token("s"), "MOCK_PROJECT_TOKEN": token("p")}, **{where: o + (" 2>/dev/null || true" if "TRAP" not in o and "alias" not in o else "")})
    # such an option shows what the shell reads or runs, whoever wrote it
    loud = any(w in o for w in ("xtrace", "verbose", "printexitvalue", "sourcetrace"))
    for bad in ("hook.zsh", "hflint:", "zsh:", "parse error", "__hflint"):
        assert loud or bad not in s.started, (o, where, s.started)
    write(s.token_file, token("b") + "\n", age=100)
    os.makedirs(s.home + "/proj")
    out = s.run("HF_TOKEN=$T; \\export HF_TOKEN")
    assert s.segment == "hf:1", (o, where, out)
    assert out.count("hflint: HF_TOKEN hides") == 1, (o, where, out)
    if not S.real:
        out += s.run("cd ./proj") + s.run("hflint fix --isolate")
        assert s.status == 0, (o, where, out)
        assert env(s, "HF_TOKEN") is None, (o, where)
        assert env(s, "HF_TOKEN_PATH"), (o, where)
        if "allexport" in o:
            assert "HF_TOKEN=" + token("s") not in s.run("env"), (o, where)
        if "autonamedirs" in o:
            assert "__hflint" not in s.run("\\builtin print -P '%~'; hash -d"), (o, where)
        out += s.run("cd /")
        assert env(s, "HF_TOKEN") == token("s"), (o, where)
    s.settle()
    assert s.spawned("", "") == 0, (o, where)
    for bad in ("hflint_", "zsh:", "created globally", "inner scope"):
        assert loud or bad not in out, (o, where, out)
    if "xtrace" not in o and "verbose" not in o:  # which show the person's own line
        assert token("s") not in out, (o, where, out)
    assert "\nERRTRAP" not in out, (o, where, out)
    s.close()


def flips(S):
    """Every option of this zsh, but those that stop a shell from being one that reads lines."""
    out = subprocess.check_output([S.kind.exe, "-f", "-c", "emulate -R zsh; setopt kshoptionprint; set -o"], text=True)
    options = [line.split()[:2] for line in out.splitlines() if line.strip().endswith((" on", " off"))]
    no = ("exec", "interactive", "shinstdin", "singlecommand", "restricted", "privileged", "rcs", "globalrcs", "zle", "ignoreeof", "login", "vi", "emacs", "monitor", "kshoptionprint")
    found = [("unsetopt " if state == "on" else "setopt ") + name for name, state in options if name not in no]
    assert len(found) > 140, out
    return found


def env(s, name):
    """Like s.environment, but without anything that the option under test changes."""
    out = s.run(f"'command' sh -c 'env | grep ^{name}= | sed s/^/E:/; :'")
    for line in out.split("\n"):
        if line.startswith(f"E:{name}="):
            return line[len(name) + 3 :]
    return None


@test("zsh")
def completion_of_cd_starts_nothing(S):
    """zsh's own completion runs `cd` in a subshell, and chpwd functions with it, at each TAB."""
    s = S(zle=True, before="autoload -Uz compinit; compinit -u -D; zstyle ':completion:*' menu no")
    os.makedirs(s.home + "/somewhere/nested")
    s.settle()
    before = len(s.calls())
    s.buffer = ""
    s.send("cd somewhere/ne\t")
    s.wait(pattern="sted")
    s.send("\x15")
    s.run("")
    assert len(s.calls()) == before, s.calls()


@test("zsh", mock=True)
def a_widget_that_changes_the_directory(S):
    """No prompt comes between it and the next command."""
    widget = "up() { builtin cd $HOME/proj; zle reset-prompt }; zle -N up; bindkey '^O' up"
    s = S(zle=True, after=widget, env={"HF_TOKEN": token("a")})
    os.makedirs(s.home + "/proj")
    s.run("cd proj")
    s.run("hflint fix --isolate")
    s.run("cd ..")
    out = s.run("\x0fenv | grep -c '^HF_TOKEN_PATH'")
    assert "\n1\n" in out, out
    assert s.environment("HF_TOKEN") is None


@test("zsh")
def messages_of_chpwd_wait_for_the_prompt(S):
    s = S(env={"HF_TOKEN": token("a")})
    write(s.home + "/d/.env", f"HF_TOKEN={token('b')}\n", age=100)
    out = s.run("cd d 2>/dev/null; echo in''between")
    assert out.index("inbetween") < out.index("hflint: HF_TOKEN defeats"), out
    assert not s.warned(s.run())
    s.settle()
    assert s.spawned("") == 0


@test("zsh")
def subshells_take_no_message_away(S):
    s = S(env={"HF_TOKEN": token("a")})
    write(s.home + "/d/.env", f"HF_TOKEN={token('b')}\n", age=100)
    assert not s.warned(s.run("(cd d); x=$(cd d; pwd)"))
    assert "hflint: HF_TOKEN defeats" in s.run("cd d")


@test("zsh", mock=True)
def subshells_apply(S):
    s = S(env={"HF_TOKEN": token("a")})
    os.makedirs(s.home + "/proj")
    s.run("cd proj")
    s.run("hflint fix --isolate")
    s.run("cd ..")
    assert s.lines("(cd proj && env | grep -c '^HF_TOKEN_PATH='); env | grep -c '^HF_TOKEN_PATH='; true") == ["1", "0"]


@test("zsh")
def powerlevel10k_instant_prompt(S):
    """Emulated from its README: while __p9k_instant_prompt_active is set, nothing may be written."""
    s = S(
        env={"HF_TOKEN": token("a")},
        # As long as the file is fresh, each prompt asks about it: two prompts can come within that.
        before=f"print {token('b')} > ~/.cache/huggingface/token; sleep 0.1; typeset -gi __p9k_instant_prompt_active=1",
        after="p10k() { (( ++P > 1 )) && unset __p9k_instant_prompt_active }; precmd_functions=(p10k $precmd_functions)",
    )
    assert not s.warned(s.started), s.started
    assert s.segment == "hf:1"
    before = len(s.calls())
    out = s.run()
    assert len(s.warned(out)) == 1, out
    assert not s.warned(s.run())
    # told late, not asked again
    assert s.calls()[before:] == []


@test("zsh")
def nothing_is_left_behind(S):
    s = S(before="before=(${(k)parameters} ${(k)functions} ${(k)aliases})")
    s.settle()
    s.run("export HF_ENDPOINT=x")
    new = s.lines("print -l ${${(k)parameters}:|before} ${${(k)functions}:|before} ${${(k)aliases}:|before}")
    ours = ("__hflint_", "hflint", "HFLINT_PROMPT")
    strange = [n for n in new if not n.startswith(ours) and n not in ("before", "t_prompt", "TN", "HF_ENDPOINT", "precmd_functions", "chpwd_functions", "PS1", "prompt", "_", "", "OLDPWD", "LINENO")]
    assert not strange, strange


@test("zsh")
def stat_command_stays_the_external_one(S):
    s = S()
    assert "builtin" not in " ".join(s.lines("whence -w stat"))


@test("zsh")
def loaded_twice_is_installed_once(S):
    s = S()
    s.reload()
    s.reload()
    assert s.value('"$precmd_functions $chpwd_functions"').count("__hflint") == 2
    s.settle()
    assert s.spawned("export HF_ENDPOINT=x") == 1


@test("zsh")
def traps_stay_the_persons(S):
    s = S(after="trap 'echo INT' INT; trap 'echo U1' USR1; TRAPUSR2() { : }")
    before = s.lines("trap")
    s.run("export HF_ENDPOINT=x")
    s.run("cd /")
    assert s.lines("trap") == before


@test("zsh")
def read_only_hook_lists(S):
    """Said once; the rest of the rc file is read."""
    for line in ["typeset -ar precmd_functions=(other)", "typeset -r precmd_functions"]:
        s = S(load=f"HFLINT_FILE=$ZDOTDIR/../hook.zsh; t_load() {{ {line.replace('typeset', 'local')}; \\eval \"$(<$HFLINT_FILE)\" }}; t_load; END=reached")
        assert s.started.count("hflint: precmd_functions is read-only; no prompt hook in this shell") == 1 and "read-only variable" not in s.started, s.started
        assert s.value('"$END"') == "reached", line
        assert s.run("hflint check") and s.status == 0
        assert "read-only" not in s.run("__hflint_remove")
    s = S(after="typeset -r chpwd_functions")
    s.reload()
    s.settle()
    assert s.spawned("cd /") >= 1 and "read-only" not in s.shown


@test("zsh")
def a_module_or_builtin_that_is_taken_away(S):
    """Another script unloads zsh/stat after its own use; the person switches builtins off."""
    for line in ["zmodload -u zsh/stat", "disable zstat", "disable print"]:
        s = S(env={"HF_TOKEN": token("a")})
        s.settle()
        out = s.run(line) + s.run()
        write(s.home + "/d/.env", f"HF_TOKEN={token('b')}\n", age=100)
        out += s.run("cd d")
        assert len(s.warned(out)) == 1, (line, out)
        s.settle()
        assert s.spawned("", "true") == 0, line
        write(s.home + "/d/.env", f"HF_TOKEN={token('a')}\n", age=50)
        assert s.run() and s.segment == "", line
        # where it is but the builtin of it that is off, zsh says so once
        assert out.count("no such builtin") <= (line == "disable zstat"), (line, out)


@test("zsh")
def zshrc_compiled_or_in_a_function(S):
    """zinit compiles plugins and sources them in a function."""
    s = S(load="loader() { emulate -L zsh; source $HFLINT_FILE }; HFLINT_FILE=$ZDOTDIR/../hook.zsh; zcompile $HFLINT_FILE; loader")
    s.settle()
    assert s.spawned("export HF_ENDPOINT=x") == 1
    assert s.spawned("cd /") == 1
