"""Shells whose words are neither those of sh nor of fish: how each is started, and the few words that the tests need of it."""

import os
import re

from lib import Shell, write

OTHERS = ("xonsh", "elvish", "nu")

# The prompt of each: number, status of the last command, segment. Elvish has no status.
RC = {
    "xonsh": """
$XONSH_SHOW_TRACEBACK = True
$COMPLETIONS_CONFIRM = False
{before}
{load}
TN = 0
def _t_prompt():
    import builtins
    segment = $PROMPT_FIELDS.get('hflint', lambda: '')
    return '<<P:1.%d:%d:%s>>' % (TN, __xonsh__.history.rtns[-1] if __xonsh__.history and __xonsh__.history.rtns else 0, segment() or '')
@events.on_pre_prompt_format
def _t_count(**_):
    global TN
    TN += 1
$PROMPT = _t_prompt
$RIGHT_PROMPT = ''
$TITLE = ''
{after}
""",
    "elvish": """
use path
set-env HFLINT_PROMPT ''
{before}
{load}
var tn = 0
# The prompt itself is drawn later, in pieces, and at first as it was.
set edit:before-readline = [$@edit:before-readline { set tn = (+ $tn 1); echo '<<P:1.'$tn':0:'$E:HFLINT_PROMPT'>>' }]
set edit:prompt = { put '> ' }
set edit:rprompt = { put '' }
{after}
""",
    "nu": """
$env.config.show_banner = false
$env.config.use_ansi_coloring = false
$env.config.shell_integration = {{osc2: false, osc7: false, osc8: false, osc9_9: false, osc133: false, osc633: false, reset_application_mode: false}}
$env.TN = 0
{before}
{load}
$env.config.hooks.pre_prompt = ($env.config.hooks.pre_prompt? | default [] | append {{|| $env.TN = $env.TN + 1 }})
$env.PROMPT_COMMAND = {{|| $"<<P:1.($env.TN):($env.LAST_EXIT_CODE? | default 0):($env.__hflint?.segment? | default '')>>" }}
$env.PROMPT_COMMAND_RIGHT = ''
$env.PROMPT_INDICATOR = ''
$env.PROMPT_MULTILINE_INDICATOR = ''
{after}
""",
}


class Other(Shell):
    """As lib.Shell, in words that all of these shells have: the commands typed are made by the methods here."""

    columns = 300  # elvish fills each line with blanks

    def write_rc(self, load, flags):
        family = self.kind.family
        self.env["TERM"] = "xterm"
        if family == "xonsh":
            self.env["SSH_TTY"] = "/dev/pts/0"
        self.rc = f"{self.owned}/rc.{self.kind.ending}"
        # What a child gets, in the same form from each shell; None where there is no such variable.
        show = os.path.dirname(self.bin) + "/t-show"
        write(show, '#!/bin/sh\nfor n; do if printenv "$n" >/dev/null; then printf "V[%s]V\\n" "$(printenv "$n")"; else echo "V-V"; fi; done\n')
        status = os.path.dirname(self.bin) + "/status"
        write(status, "#!/bin/sh\nexit $1\n")
        for f in (show, status):
            os.chmod(f, 0o755)
        text = RC[family]
        if family == "elvish":
            text = text.replace("{ ", "{{ ").replace(" }", " }}")
        write(self.rc, text.format(before=self.rc_before, load=self.load_line(load), after=self.rc_after))
        return {
            "xonsh": [self.kind.exe, "-i", "--shell-type", os.environ.get("TEST_XONSH_TYPE", "readline"), "--rc", self.rc, *flags],
            "elvish": [self.kind.exe, "-rc", self.rc, *flags],
            "nu": [self.kind.exe, "--config", self.rc, "--env-config", "/dev/null", *flags],
        }[family]

    def load_line(self, load):
        family = self.kind.family
        if load not in ("eval", "source", "bare"):
            return "" if load == "no" else load
        printing = f"{self.bin} init {family}" if self.by_init else f"cat {self.script}"
        return {
            "xonsh": f"execx($({printing}))",
            "elvish": f"eval ({printing} | slurp)",
            # nu reads a whole file before it runs any of it: what `init` prints is kept in one, for which there is a place.
            "nu": f"mkdir $nu.user-autoload-dirs.0; {printing} | save -f ($nu.user-autoload-dirs.0 | path join hflint.nu)" if self.by_init else f"source {self.script}",
        }[family]

    def read_more(self, until):
        before = len(self.buffer)
        super().read_more(until)
        # nu's line editor asks where the cursor is and waits for the answer. xonsh waits for half a second only, and takes
        # an answer that comes later for typed text; over ssh it does not ask (write_rc).
        for _ in range(self.buffer.count("\x1b[6n", max(0, before - 3))):
            os.write(self.fd, b"\x1b[1;1R")

    def send(self, text):
        # These line editors take Enter, not a line end.
        super().send(text.replace("\n", "\r") if self.kind.family != "xonsh" else text)

    # -- words

    def quote(self, s):
        if self.kind.family == "xonsh":
            return "'" + s.replace("\\", "\\\\").replace("'", "\\'") + "'"
        if self.kind.family == "elvish":
            return "'" + s.replace("'", "''") + "'"
        return '"' + s.replace("\\", "\\\\").replace('"', '\\"') + '"'

    def export_line(self, name, value):
        return {
            "xonsh": f"${name} = {self.quote(value)}",
            "elvish": f"set-env {name} {self.quote(value)}",
            "nu": f"$env.{name} = {self.quote(value)}",
        }[self.kind.family]

    def unset_line(self, name):
        return {"xonsh": f"del ${name}", "elvish": f"unset-env {name}", "nu": f"hide-env {name}"}[self.kind.family]

    def cd(self, path, then=None):
        return self.run(f"cd {path}" + (f"; {then}" if then else ""))

    def plain_line(self, name, value):
        return {"xonsh": f"{name} = {value}", "elvish": f"var {name} = {value}", "nu": f"let {name} = {value}"}[self.kind.family]

    def cd_to(self, path, number):
        """Into a directory whose name can't be typed: by a link, and on to its real path."""
        link = f"{self.owned}/link{number}"
        os.symlink(path, link)
        self.shown = self.run(
            {
                "xonsh": f"import os; from xonsh.dirstack import cd as _cd; _cd([os.path.realpath('{link}')]) and None",
                "elvish": f"cd (path:eval-symlinks {link})",
                "nu": f"cd ('{link}' | path expand)",
            }[self.kind.family]
        )

    def typed(self, command, question, answer):
        """A command that asks, and its answer."""
        self.expect(command, re.escape(question))
        self.send(answer + "\n")
        return self.wait(self.number + 1)

    def reload(self):
        return self.run(f"source {self.script}" if self.kind.nu else self.load_line("eval"))

    def removal(self):
        """Loads what takes the hook out again."""
        if self.ctx.real:
            text = self.printed("--remove")
        else:
            with open(self.kind.script().replace("hflint.", "remove.")) as f:
                text = f.read()
        path = f"{self.owned}/remove.{self.kind.ending}"
        write(path, text)
        return {"xonsh": f"execx($(cat {path}))", "elvish": f"eval (cat {path} | slurp)", "nu": f"source {path}"}[self.kind.family]

    def script_line(self):
        """A script that loads the hook."""
        path = f"{self.owned}/script.{self.kind.ending}"
        done = "print('done')" if self.kind.family == "xonsh" else "echo done"
        write(path, f"{self.load_line('eval')}\ncd /\n{done}\n")
        return {"xonsh": [self.kind.exe, "--no-rc", path], "elvish": [self.kind.exe, path], "nu": [self.kind.exe, "--no-config-file", path]}[self.kind.family]

    def environment(self, *names):
        """What a child process sees: the value, or None; several as a list."""
        out = self.run("t-show " + " ".join(names))
        found = [None if m is None else m[2:-2] for m in (None if v == "V-V" else v for v in re.findall(r"V\[.*?\]V|V-V", out, re.S))]
        assert len(found) == len(names), out
        return found[0] if len(names) == 1 else found

    def warned(self, text):
        # The line editors draw into the line first; what the hook says begins in its first column all the same.
        return [line[line.index("hflint: ") :] for line in text.split("\n") if re.match(r"\W*hflint: ", line)]
