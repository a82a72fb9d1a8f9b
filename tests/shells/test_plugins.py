"""Plugin managers, emulated from their documentation and source: none of them is in a package registry."""

import os
import shutil
import subprocess

from lib import ROOT, test, token, write


def checkout(S):
    """The repository as a manager clones it."""
    d = os.path.join(S.directory(), "hflint")
    os.makedirs(d)
    for name in ["hflint.plugin.zsh", "shell", "conf.d"]:
        src = os.path.join(ROOT, name)
        if os.path.isdir(src):
            shutil.copytree(src, os.path.join(d, name), symlinks=True)
        else:
            shutil.copy(src, d)
    return d


@test("zsh")
def zsh_managers(S):
    d = checkout(S)
    managers = {
        # oh-my-zsh.sh: _omz_source "plugins/$plugin/$plugin.plugin.zsh", which is a function that sources
        "oh-my-zsh": f"_omz_source() {{ local context filepath=$1; source $filepath }}; fpath=({d} $fpath); _omz_source {d}/hflint.plugin.zsh; unfunction _omz_source",
        # zinit light: sets ZERO, sources in a function; with compiled files beside it
        "zinit": f".zinit-load() {{ builtin setopt localoptions noaliases; local ZERO={d}/hflint.plugin.zsh; builtin source $ZERO }}; zcompile {d}/hflint.plugin.zsh; .zinit-load",
        # antidote bundle: prints static text
        "antidote": f"fpath+=( {d} )\nsource {d}/hflint.plugin.zsh",
        # a deferred loader (zsh-defer, zinit wait): from a hook, when the prompt is already there
        "deferred": f"deferred() {{ precmd_functions=(${{precmd_functions:#deferred}}); source {d}/hflint.plugin.zsh }}; precmd_functions+=(deferred)",
        # a relative path
        "by hand": f"cd {d}; source ./hflint.plugin.zsh; cd",
    }
    for name, load in managers.items():
        s = S(load=load, env={"HF_TOKEN": token("a")})
        s.run()
        assert "hflint" not in s.started.replace(d, ""), (name, s.started)
        s.settle()
        assert s.calls(), name
        assert s.spawned("export HF_ENDPOINT=x") == 1, name
        assert name == "deferred" or s.segment == "hf:1", name  # which runs after the prompt of this test was made
        if name != "deferred":
            s.run("hflint_plugin_unload")
            assert s.spawned("cd /", "export HF_ENDPOINT=y") == 0, name
            assert s.lines("whence -w hflint_plugin_unload __hflint_hook; true") == ["hflint_plugin_unload: none", "__hflint_hook: none"], name


@test("fish")
def fisher(S):
    """fisher copies conf.d with `cp -RLf`, sources each file, then emits NAME_install, later NAME_uninstall."""
    d = checkout(S)
    s = S(load="no")
    conf = s.home + "/.config/fish/conf.d"
    os.makedirs(conf, exist_ok=True)
    subprocess.check_call(["cp", "-RLf", d + "/conf.d/hflint.fish", conf + "/hflint.fish"])
    assert not os.path.islink(conf + "/hflint.fish")
    s.run(f"source {conf}/hflint.fish; emit hflint_install")
    s.settle()
    assert s.spawned("set -gx HF_ENDPOINT x") == 1
    # and in a new shell, where conf.d comes before config.fish sets PATH
    t = S(load="no", home=s, before="set -gx PATH $HFLINT_DIR $PATH", env={"PATH": os.environ["PATH"], "HFLINT_DIR": os.path.dirname(s.bin)})
    t.settle()
    assert t.calls(), "not found in the PATH that config.fish made"
    assert t.spawned("set -gx HF_ENDPOINT x") == 1
    t.run("emit hflint_uninstall")
    assert t.spawned("set -gx HF_ENDPOINT y", "cd /") == 0
    assert t.lines("functions -q hflint; or echo gone") == ["gone"]


@test()
def bare_file_without_the_binary(S):
    """Loaded by a manager, and hflint not installed: said once, at the first prompt, not while loading."""
    path = ":".join(p for p in os.environ["PATH"].split(":") if not os.path.exists(p + "/hflint"))
    s = S(load="bare", env={"PATH": path})
    assert s.started.count("hflint: hflint not found; the hook rests in this shell") == 1, s.started
    assert not s.warned(s.run() + s.run("cd /") + s.run())
    s.run("hflint check")
    assert s.status == 127
    # installed meanwhile
    s.export("PATH", f"{os.path.dirname(s.bin)}:{path}" if not s.kind.fish else f"{os.path.dirname(s.bin)} {path.replace(':', ' ')}")
    # zsh asks at the change of directory and, within the same tick of the clock, once more at the prompt.
    assert 1 <= s.spawned("cd") <= (2 if s.kind.family == "zsh" else 1)
    assert s.settle().spawned("", "") == 0


@test()
def remove_takes_everything_back(S):
    load = {"bash": ". {}", "zsh": "source {}", "fish": "source {}"}[S.kind.family].format(os.path.join(ROOT, "shell", "remove." + S.kind.family))
    before = {"bash": "PROMPT_COMMAND='A=1'", "zsh": "precmd_functions=(true)", "fish": ""}[S.kind.family]
    s = S(before=before, env={"HF_TOKEN": token("a"), "MOCK_PROJECT_TOKEN": token("p")})
    if not S.real:
        os.makedirs(s.home + "/proj")
        s.run("cd proj")
        s.run("hflint fix --isolate")
        assert s.environment("HF_TOKEN") is None
    out = s.run(load)
    assert s.status == 0 and "hflint:" not in out and "not found" not in out, out
    assert s.environment("HF_TOKEN") == token("a")
    assert s.environment("HF_TOKEN_PATH") is None
    assert s.spawned("cd /", s.export_line("HF_ENDPOINT", "x"), "") == 0
    left = {
        "bash": "compgen -v __hflint; compgen -A function __hflint; compgen -A function hflint; compgen -v HFLINT_PROMPT; true",
        "zsh": "print -l ${(kM)parameters:#__hflint*} ${(kM)functions:#*hflint*}",
        "fish": "set -n | grep __hflint; functions -an | grep hflint; true",
    }[S.kind.family]
    assert [x for x in s.lines(left) if x] == [], s.lines(left)
    if S.kind.family == "bash":
        assert s.value('"${PROMPT_COMMAND[*]}"') == "A=1"
        assert s.value('"${#PROMPT_COMMAND[@]}"') == "1"
    # harmless where nothing is loaded, and loading again works
    s.run(load)
    assert s.status == 0 or S.kind.fish
    s.reload()
    s.settle()
    assert s.spawned("cd") == 1
