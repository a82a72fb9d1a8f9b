"""The completions, asked by the shell itself: at a press of Tab in bash and zsh, by `complete -C` in fish."""

import re
import time

from lib import ESCAPES, PATIENCE, test, token, write

CODES = {"HF101": "env-shadows-login", "HF109": "netrc-overrides-token"}


def pressed(s, typed, wanted, tabs="\t\t"):
    """What is shown after Tab, until all that is wanted has been; the line is thrown away."""
    s.buffer = ""
    s.send(typed + tabs)
    until = time.monotonic() + PATIENCE
    while True:
        shown = ESCAPES.sub("", s.buffer)
        if all(re.search(w, shown) for w in wanted):
            break
        s.read_more(until)
    s.buffer = ""
    s.send("\x15\n")
    s.wait(s.number + 1)
    return shown


@test("bash", real=True)
def bash_completes(S):
    for load in ("source <({0} completions bash)", 'eval "$({0} completions bash)"'):
        s = S(load="no", env={"HF_TOKEN": token("a")})
        s.run(load.format(s.bin))
        pressed(s, "hflint explain HF10", CODES)
        pressed(s, "hflint explain env-sh", ["env-shadows-login "], tabs="\t")
        pressed(s, "hflint status --client hf-hub", ["hf-hub-from-env"])
        pressed(s, "hflint check --select HF1,HF30", ["HF301", "HF305"])
        pressed(s, "hflint comp", ["completions "], tabs="\t")
        # What only the shell may know stays with it.
        write(s.home + "/$(touch harm)", "")
        write(s.home + "/plain", "")
        pressed(s, "hflint --config pl", ["plain"], tabs="\t")
        shown = pressed(s, "hflint --config ", ["plain"])
        assert "touch" not in shown, shown
        assert token("a")[:20] not in shown


@test("zsh", real=True)
def zsh_completes(S):
    loads = {
        "sourced": ("autoload -Uz compinit; compinit -u -D", "source <({0} completions zsh)"),
        # As a package installs it: the file is the function, and the first Tab loads it.
        "in fpath": ("mkdir -p ~/f; {0} completions zsh > ~/f/_hflint; fpath=(~/f $fpath); autoload -Uz compinit; compinit -u -D", ":"),
    }
    for name, (first, then) in loads.items():
        s = S(load="no", zle=True, env={"HF_TOKEN": token("a")}, after="unfunction compdef 2>/dev/null; setopt nolistbeep")
        s.run(first.format(s.bin))
        s.run(then.format(s.bin))
        shown = pressed(s, "hflint explain HF10", [rf"{code} +-- {rule}: " for code, rule in CODES.items()])
        assert "hidden by" not in shown, name
        pressed(s, "hflint status --client hf-hu", [r"hf-hub +-- \w", r"hf-hub-from-env +-- \w"])
        pressed(s, "hflint comp", ["completions "], tabs="\t")
        # zsh quotes what means something to it.
        write(s.home + "/only/$(touch harm)", "")
        pressed(s, "hflint --config only/", [r"only/\\\$\\\(touch\\ harm\\\)"], tabs="\t")


@test("fish", real=True)
def fish_completes(S):
    s = S(load="no", env={"HF_TOKEN": token("a")})
    s.run(f"{s.bin} completions fish | source")

    def asked(line):
        return dict((x.split("\t", 1) + [""])[:2] for x in s.lines(f"complete -C {s.quote(line)}"))

    found = asked("hflint explain HF10")
    for code, rule in CODES.items():
        assert found[code].startswith(rule + ": "), found
    assert list(asked("hflint explain env-sh")) == ["env-shadows-login"]
    assert asked("hflint status --client hf-hu")["hf-hub"]
    assert "HF1,HF305" in asked("hflint check --select HF1,HF30")
    assert asked("hflint comp") == {"completions": "print completions"}
    write(s.home + "/" + token("b"), "")
    assert not any(token("b")[:20] in word for word in asked("hflint --config ./"))
