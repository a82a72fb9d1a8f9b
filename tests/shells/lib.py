"""An interactive shell on a pseudo-terminal, and the little language in which the tests talk to it.

Nothing here waits for a time to pass: each prompt carries a number, and a command is over when the prompt
with the next number has been drawn.
"""

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PATIENCE = 60  # seconds until a test is given up; not a time that any passing test takes
PROMPT = re.compile(r"<<P:(\d+)\.(\d+):(\d+):([^>]*)>>")  # level.number:status:segment
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][B0]|\x1b[=>]|\x1b\][^\x07]*\x07")


def token(letter):
    """Token-shaped, assembled here, so that no scanner finds one in the repository."""
    return "hf_" + letter * 34


def write(path, text, age=None):
    """Writes a file whole; `age` in seconds makes it old."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    new = path + ".new"
    with open(new, "w") as f:
        f.write(text)
    if age is not None:
        t = time.time_ns() - int(age * 1e9)
        os.utime(new, ns=(t, t))
    os.rename(new, path)


class Kind:
    """A shell to test: how it is started and how its words are written."""

    def __init__(self, name):
        self.name = name
        self.family = name.split("-")[0]
        self.exe = os.environ.get("TEST_" + self.family.upper(), self.family)
        self.fish = self.family == "fish"
        self.nu = self.family == "nu"

        # As the shell's own files end.
        self.ending = {"xonsh": "xsh", "elvish": "elv"}.get(self.family, self.family)

    def script(self):
        return os.path.join(ROOT, "shell", "hflint." + self.ending)

    def number(self):
        """The number of its script."""
        with open(self.script()) as f:
            return re.search(r"^ *(?:__hflint_script=\(|set -gu __hflint_script |SCRIPT = |const SCRIPT = |var script = )'?(\d+)", f.read(), re.M)[1]

    def version(self):
        """(major, minor) of the shell"""
        word = {"bash": "$BASH_VERSION", "zsh": "$ZSH_VERSION", "fish": "$version"}[self.family]
        quiet = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[self.family]
        out = subprocess.check_output([self.exe, *quiet, "-c", "echo " + word], text=True)
        return tuple(int(x) for x in re.match(r"(\d+)\.(\d+)", out).groups())


def rendered(text, binary):
    """What `init` prints: the file, with the path of the binary in its place."""
    quoted = "'" + binary.replace("'", "'\\''") + "'"
    for line in ("__hflint_bin=({})", "set -gu __hflint_bin {}"):
        if line.format("hflint") in text:
            return text.replace(line.format("hflint"), line.format(quoted), 1)
    for line in ("BINARY = '{}'", "var binary = '{}'"):
        if line.format("hflint") in text:
            return text.replace(line.format("hflint"), line.format(binary), 1)
    raise AssertionError("no placeholder")


class Shell:
    """
    before, after: lines of the rc file before and after the hook is loaded
    load:          how it is loaded: "eval" as from `init`, "source", "bare" (the file as it is, binary in
                   PATH), "no", or text of one's own
    env:           more environment; None takes a name away
    edit:          changes the script's text before it is loaded
    zle:           zsh's line editor on
    home:          use this directory's home and state, not one of its own (a second terminal)
    """

    columns = 4000  # no line is ever wrapped

    def __init__(self, ctx, before="", after="", load="eval", env=None, edit=None, zle=False, home=None, flags=(), extra=""):
        self.ctx, self.kind, self.zle = ctx, ctx.kind, zle
        self.owned = tempfile.mkdtemp(prefix="hflint-")
        ctx.cleanup.append(self.close)
        self.dir = home.dir if home else self.owned
        self.home = os.path.join(self.dir, "home")
        os.makedirs(self.home + "/.cache/huggingface", exist_ok=True)
        os.makedirs(self.home + "/.config/fish", exist_ok=True)
        # Without it every first fish of a home turns all manual pages into completions, in the background, for minutes.
        os.makedirs(self.home + "/.local/share/fish/generated_completions", exist_ok=True)
        self.token_file = self.home + "/.cache/huggingface/token"
        self.count_file = os.path.join(self.owned, "count")
        bindir = os.path.join(self.owned, "bin")
        os.makedirs(bindir)
        self.bin = os.path.join(bindir, "hflint")
        # A copy of its own, which a test may take away.
        shutil.copy(ctx.mock, self.bin)
        if ctx.real:
            # The first Python on PATH, with no packages: those of the machine that runs the tests are not to matter.
            write(bindir + "/python3", "\x7fELF\x02\x01\x01")
            os.chmod(bindir + "/python3", 0o755)
            write(self.owned + "/lib/python3.11/os.py", "")
            os.makedirs(self.owned + "/lib/python3.11/site-packages")
        self.env = {
            "HOME": self.home,
            "PATH": bindir + ":" + os.environ["PATH"],
            "TERM": "xterm" if zle else "dumb",
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "USER": "u",
            "HFLINT_COUNT": self.count_file,
            "SHLVL": "0",
        }
        if ctx.real:
            self.env["HFLINT_REAL"] = ctx.real
            # On a machine that is busy with a build and a dozen terminals a look can take longer than the second that a
            # person waits; that it is given up then is a test of its own.
            self.env["HFLINT_HOOK_TIMEOUT"] = "60s"
        self.env.update(env or {})
        self.env = {k: v for k, v in self.env.items() if v is not None}
        self.rc_before, self.rc_after, self.extra = before, after, extra
        self.script = os.path.join(self.owned, "hook." + self.kind.ending)
        with open(self.kind.script()) as f:
            text = f.read()
        # With a real binary the person's own line is run, unless the test changes the script.
        self.by_init = bool(ctx.real) and load == "eval" and not edit and ctx.kind.name != "zsh-stamp"
        if load != "bare":
            text = self.printed() if ctx.real else rendered(text, self.bin)
        if ctx.kind.name == "zsh-stamp":
            text = text.replace("zmodload -F zsh/stat", "zmodload -F zsh/nosuch", 1)
        if edit:
            changed = edit(text)
            assert changed != text, "the edit changed nothing"
            text = changed
        with open(self.script, "w") as f:
            f.write(text)
        self.argv = self.write_rc(load, list(flags))
        self.start_shell()

    def printed(self, *more):
        """What `init` prints."""
        environment = {k: v for k, v in self.env.items() if k != "HFLINT_COUNT"}
        return subprocess.check_output([self.bin, "init", self.kind.family, *more], env=environment, cwd=self.home, text=True)

    def load_line(self, load):
        if load == "no":
            return ""
        if load in ("source", "bare"):
            return f"source {self.script}"
        if load != "eval":
            return load
        printing = f"{self.bin} init {self.kind.family}" if self.by_init else f"cat {self.script}"
        if self.kind.fish:
            return f"{printing} | source"
        return f'\\eval "$({printing})"'

    def write_rc(self, load, flags):
        load = self.load_line(load)
        if self.kind.family == "bash":
            self.rc = self.owned + "/rc"
            prompt = "TN=${TN-0}\nPS1='<<P:$SHLVL.$((++TN)):$?:${HFLINT_PROMPT-}>>'\nbind 'set enable-bracketed-paste off' 2>/dev/null"
            argv = [self.kind.exe, "--noprofile", "--rcfile", self.rc, *flags, "-i"]
            parts = [self.rc_before, prompt, load, self.rc_after]
        elif self.kind.family == "zsh":
            zdot = self.owned + "/zdot"
            os.makedirs(zdot)
            self.env["ZDOTDIR"] = zdot
            self.rc = zdot + "/.zshrc"
            argv = [self.kind.exe, "-d", *flags, "-i"]
            zle = "unsetopt promptcr promptsp" if self.zle else "unsetopt zle promptcr promptsp"
            # The text is made in a precmd function, so that no option about prompts matters.
            prompt = (
                "t_prompt() {\n  'local' t_status=$?\n  'emulate' -L zsh\n"
                "  ((++TN))\n  PS1=\"<<P:$SHLVL.$TN:$t_status:$HFLINT_PROMPT>>\"\n}\ntypeset -gi TN\nprecmd_functions+=(t_prompt)"
            )
            parts = [zle, "compdef() { :; }" if self.zle else "", self.rc_before, load, prompt, self.rc_after]
        else:
            self.rc = self.home + "/.config/fish/config.fish"
            argv = [self.kind.exe, *flags, "-i"]
            prompt = (
                "set -g fish_greeting\nset -gu TN 0\nfunction t_n --on-event fish_prompt; set -g TN (builtin math $TN + 1); end\n"
                "function fish_prompt; set -l s $status; builtin printf '<<P:%s.%s:%s:%s>>' $SHLVL $TN $s $HFLINT_PROMPT; end"
            )
            parts = [self.rc_before, load, prompt, self.rc_after]
        with open(self.rc, "w") as f:
            f.write("\n".join(parts) + "\n")
        return argv

    def start_shell(self):
        pid, fd = pty.fork()
        if pid == 0:
            try:
                os.chdir(self.home)
                os.execvpe(self.argv[0], self.argv, self.env)
            finally:
                os._exit(127)
        self.pid, self.fd, self.buffer = pid, fd, ""
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 50, self.columns, 0, 0))
        self.level, self.number, self.status, self.segment = None, 0, None, None
        self.started = self.wait()

    # -- talking -------------------------------------------------------------------------------------

    def read_more(self, until):
        left = until - time.monotonic()
        if left <= 0 or not select.select([self.fd], [], [], left)[0]:
            raise TimeoutError("no prompt; so far: " + repr(self.buffer[-3000:]))
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            data = b""
        if not data:
            raise EOFError("the shell ended; so far: " + repr(self.buffer[-3000:]))
        self.buffer += data.decode("utf8", "surrogateescape")

    def wait(self, number=1, pattern=None, level=None):
        """Reads until the prompt of that number (of this shell, or of the one started in it); returns what came before."""
        level = level or self.level
        until = time.monotonic() + PATIENCE
        while True:
            if pattern:
                m = re.search(pattern, self.buffer)
                if m:
                    out, self.buffer = self.buffer[: m.end()], self.buffer[m.end() :]
                    return out
            for m in PROMPT.finditer(self.buffer):
                # fish draws a prompt again and again; a new one has a higher number
                if not pattern and level in (None, int(m.group(1))) and int(m.group(2)) >= number:
                    self.level, self.number, self.status, self.segment = int(m.group(1)), int(m.group(2)), int(m.group(3)), m.group(4)
                    out, self.buffer = self.buffer[: m.start()], self.buffer[m.end() :]
                    self.raw = out
                    return re.sub(r"\r+\n?", "\n", ESCAPES.sub("", out))
            self.read_more(until)

    def send(self, text):
        os.write(self.fd, text.encode("utf8", "surrogateescape"))

    def run(self, command=""):
        """Types a line, returns everything that was shown until the next prompt (also the echo)."""
        self.buffer = ""
        self.send(command + "\n")
        return self.wait(self.number + 1)

    def expect(self, command, pattern):
        """Types a line and reads until the pattern, without a prompt."""
        self.buffer = ""
        self.send(command + "\n")
        return self.wait(pattern=pattern)

    def again(self):
        """The line that starts the same shell anew."""
        return {"bash": f"{self.kind.exe} --noprofile --rcfile {self.rc} -i", "zsh": f"{self.kind.exe} -d -i", "fish": f"{self.kind.exe} -i"}[self.kind.family]

    def enter(self, command=None):
        """Starts a shell in the shell; `leave` ends it."""
        self.outer = (self.level, self.number)
        self.buffer = ""
        self.send((command or self.again()) + "\n")
        return self.wait(level=self.level + 1)

    def leave(self):
        level, number = self.outer
        self.buffer = ""
        self.send("exit\n")
        return self.wait(number + 1, level=level)

    def lines(self, command):
        """The lines that a command printed, each between marks that the echo does not have."""
        mark = "b''e''gin" if not self.kind.fish else "b''egin"
        out = self.run(f"echo {mark}; {command}; echo e''nd")
        m = re.search(r"^begin\n(.*?)^end\n", out, re.S | re.M)
        assert m, out
        return m.group(1).split("\n")[:-1]

    def value(self, word):
        """A word of the shell, expanded."""
        out = self.run(f"printf '%s%s%s' 'V''[' {word} ']''V'; echo")
        m = re.search(r"V\[(.*?)\]V", out, re.S)
        assert m, out
        return m.group(1)

    def environment(self, name):
        """What a child process sees: the value, or None."""
        for line in self.lines(f"env | grep '^{name}=' ; true"):
            if line.startswith(name + "="):
                return line[len(name) + 1 :]
        return None

    # -- what happened -------------------------------------------------------------------------------

    def calls(self):
        try:
            with open(self.count_file) as f:
                return [line for line in f.read().splitlines() if not line.startswith("init ")]
        except FileNotFoundError:
            return []

    def spawned(self, *commands):
        """How often the binary was started by these lines."""
        before = len(self.calls())
        self.shown = "".join(self.run(c) for c in commands)
        return len(self.calls()) - before

    def settle(self):
        """Prompts until one asks nothing: freshly written files are asked about once more."""
        until = time.monotonic() + PATIENCE
        while self.spawned(""):
            assert time.monotonic() < until, "every prompt starts a process"
        return self

    def warned(self, text):
        """The lines of `text` that hflint said at a prompt."""
        return [line for line in text.split("\n") if line.startswith("hflint: ")]

    # -- words of the shell --------------------------------------------------------------------------

    def quote(self, s):
        if self.kind.fish:
            return "'" + s.replace("\\", "\\\\").replace("'", "\\'") + "'"
        return "'" + s.replace("'", "'\\''") + "'"

    def export_line(self, name, value):
        return f"set -gx {name} {value}" if self.kind.fish else f"export {name}={value}"

    def export(self, name, value):
        return self.run(self.export_line(name, value))

    def plain_line(self, name, value):
        return f"set -gu {name} {value}" if self.kind.fish else f"{name}={value}"

    def unset_line(self, name):
        return f"set -e {name}" if self.kind.fish else f"unset {name}"

    def unset(self, name):
        return self.run(self.unset_line(name))

    def reload(self):
        return self.run(f"source {self.script}")

    def close(self):
        try:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            os.close(self.fd)
        except (OSError, AttributeError):
            pass
        shutil.rmtree(self.owned, ignore_errors=True)


class Context:
    """What a test gets: `S(...)` starts a shell, everything is taken down afterwards."""

    def __init__(self, kind, mock, real):
        self.kind, self.mock, self.real, self.cleanup = kind, mock, real, []

    def __call__(self, *args, **kw):
        from others import OTHERS, Other

        return (Other if self.kind.family in OTHERS else Shell)(self, *args, **kw)

    def directory(self):
        d = tempfile.mkdtemp(prefix="hflint-")
        self.cleanup.append(lambda: shutil.rmtree(d, ignore_errors=True))
        return d

    def done(self):
        for f in reversed(self.cleanup):
            f()


TESTS = []


def test(*kinds, mock=False, real=False):
    """
    Registers a test for these kinds or families of shells (none named: all).
    mock=True: only the stand-in can answer (it has to misbehave, or says more than the real one does).
    real=True: only the program itself can.
    """

    def add(f):
        TESTS.append((f, kinds, mock, real))
        return f

    return add
