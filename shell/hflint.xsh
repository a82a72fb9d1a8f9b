# hflint's hook for xonsh 0.18.2 and later, as `hflint init xonsh` prints it; docs/shells.md says how it works.
# Plain Python, so that the guard is `stat` in this very process; nothing here starts one while nothing changed.
# Everything is inside one function, so that the person's own names stay theirs.
def __hflint_load():
    import os
    import re
    import stat
    import subprocess
    import sys

    from xonsh.built_ins import XSH
    from xonsh.events import events
    from xonsh.tools import uncapturable, unthreadable

    BINARY = 'hflint'
    NAMES = 'HF_TOKEN HUGGING_FACE_HUB_TOKEN HF_ACCESS_TOKEN HF_API_KEY HF_API_TOKEN HF_AUTH_TOKEN HF_HUB_TOKEN HUGGINGFACEHUB_API_KEY HUGGINGFACEHUB_API_TOKEN HUGGINGFACE_ACCESS_TOKEN HUGGINGFACE_API_KEY HUGGINGFACE_API_TOKEN HUGGINGFACE_HUB_TOKEN HUGGINGFACE_TOKEN HUGGING_FACE_LLM_API_KEY HUGGING_FACE_TOKEN USER_MANAGED_HF_API_KEY HF_TOKEN_PATH HF_HOME HF_ENDPOINT HF_HUB_CACHE HUGGINGFACE_HUB_CACHE HF_HUB_OFFLINE HF_HUB_DISABLE_IMPLICIT_TOKEN HF_HUB_ETAG_TIMEOUT HF_HUB_DOWNLOAD_TIMEOUT HF_OIDC_RESOURCE XDG_CACHE_HOME HOME NETRC VIRTUAL_ENV CONDA_PREFIX'.split()
    SCRIPT = '2'
    MAY = {
        '-': 'HF_TOKEN HUGGING_FACE_HUB_TOKEN HF_ENDPOINT HF_TOKEN_PATH HF_HOME HF_HUB_CACHE HUGGINGFACE_HUB_CACHE HFLINT_PROJECT'.split(),
        '+': 'HF_TOKEN_PATH HF_HOME HF_HUB_CACHE HUGGINGFACE_HUB_CACHE HFLINT_PROJECT'.split(),
        'f': ['HF_TOKEN'],
        't': ['HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN'],
    }
    MAY['x'] = MAY['-']

    env = XSH.env
    # Loaded before: found by its handler, since start-up files and the prompt do not share their names.
    before = next((h.hflint for h in events.on_pre_prompt_format if hasattr(h, 'hflint')), None)
    # Not loaded for another user's home (`sudo -s`), where it would leave root-owned state behind.
    try:
        own = os.stat(os.path.expanduser('~')).st_uid == os.getuid()
    except OSError:
        own = False
    if not env.get('XONSH_INTERACTIVE') or not own:
        return
    if not hasattr(XSH.aliases, 'return_command'):
        print('hflint: the hook needs xonsh 0.18.2 or later', file=sys.stderr)
        return
    if before is not None:
        before.off()

    class Hook:
        def __init__(self):
            # What the last run left. Kept when the file is loaded again, or leaving a project could not put back
            # what was there.
            self.applied = before.applied if before else []  # [name, old value or None, applied value or None]
            self.taken = before.taken if before else []  # by a fix: [name, id, old value, what stands there now]
            self.said = before.said if before else []
            self.segment = ''
            self.told = []
            self.later = []
            self.every = False
            self.down = False
            self.seen = None  # the directory and the values of the last look; None: look again
            self.kept = None  # the same, while a message waits
            self.files = []  # (path, change time)
            self.absent = []

        # -- the guard

        def state(self):
            try:
                here = os.getcwd()
            except OSError:
                here = None
            # As text: a list of paths is a new object each time.
            return here, [str(env[n]) if n in env else None for n in NAMES], env.get('HFLINT'), env.get('HFLINT_PROJECT')

        def same(self):
            if self.seen is None or self.state() != self.seen:
                return False
            try:
                for path, changed in self.files:
                    if os.stat(path).st_ctime_ns != changed:
                        return False
            except (OSError, ValueError):
                return False
            return not any(map(os.path.exists, self.absent))

        def prompt(self):
            try:
                if not self.same():
                    self.look(False)
                elif self.every:
                    for text in self.told:
                        self.say(False, text)
            except KeyboardInterrupt:
                self.give_up()
            except Exception as e:
                self.fail(False, 'hflint: the hook failed: %s' % type(e).__name__)

        # In `cd project; python train.py` no prompt comes between. It applies, and keeps what there is to say for
        # the prompt: here it would stand amid the person's own output.
        def chdir(self):
            try:
                if not self.same():
                    self.look(True)
            except KeyboardInterrupt:
                self.give_up()
            except Exception as e:
                self.fail(True, 'hflint: the hook failed: %s' % type(e).__name__)

        # Ended by an interrupt: a program that hangs is not started again before something else changes.
        def give_up(self):
            self.every, self.down = False, True
            self.learn([], [], False)

        # -- asking

        def look(self, hush):
            if not hush and self.later:
                for text in self.later:
                    self.say(False, text)
                self.later = []
                if self.kept is not None:
                    self.seen, self.kept = self.kept, None
                    if self.same():
                        return
            if str(env.get('HFLINT')) == '0':
                self.draw('')
                self.every = self.down = False
                self.learn([], [], False)
                return
            program = self.find()
            code, records = 127, None
            # Nobody would see a message under Midnight Commander's own prompt.
            words = ['hook', 'xonsh', 'ctime', SCRIPT] + (['quiet'] if 'MC_SID' in env else [])
            if program:
                try:
                    done = subprocess.run(
                        [program] + words, env=env.detype(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
                    )
                    # As other shells count a signal.
                    code = done.returncode if done.returncode >= 0 else 128 - done.returncode
                    records = self.split(done.stdout)
                except OSError:
                    code = 127 if not os.access(program, os.X_OK) else 126
            if code == 0 and records is not None:
                self.down = False
                self.apply('hook', hush, records)
            else:
                # Said once, and not tried again before something else changes.
                self.every, self.down = False, True
                program = program or BINARY
                if code == 127 and not os.access(program, os.X_OK):
                    text = 'hflint: %s not found; the hook rests in this shell' % program
                elif code == 0:
                    text = "hflint: %s is of another version than this shell's hook; start a new shell" % program
                elif code == 142:
                    text = 'hflint: looking around took too long and was given up here'
                else:
                    text = 'hflint: %s hook failed with status %d' % (program, code)
                self.fail(hush, text)
                self.learn([], [], False)

        # An absolute path as it is, a bare name along PATH, never by a relative entry.
        def find(self):
            if BINARY.startswith('/'):
                return BINARY if os.path.isfile(BINARY) and os.access(BINARY, os.X_OK) else None
            for d in env.detype().get('PATH', '').split(os.pathsep):
                path = os.path.join(d, BINARY)
                if d.startswith('/') and os.path.isfile(path) and os.access(path, os.X_OK):
                    return path

        def learn(self, files, absent, racy):
            self.files, self.absent = files, absent
            self.seen, self.kept = self.state(), None
            # Look again at the next prompt: a racy file, or a message that waits.
            if racy:
                self.seen = None
            elif self.later:
                self.kept, self.seen = self.seen, None

        # -- talking

        def say(self, hush, text):
            # Whatever could steer a terminal is taken out here as well as in the binary.
            text = re.sub('[\x00-\x1f\x7f-\x9f]', '?', text).encode('utf-8', 'replace').decode('utf-8')
            if hush:
                self.later.append(text)
            elif 'MC_SID' not in env:
                print(text, file=sys.stderr, flush=True)

        def fail(self, hush, text):
            if text not in self.said:
                self.said.append(text)
                self.say(hush, text)
            self.draw('')

        # `{hflint}` in $PROMPT. Every variable of xonsh is exported, so HFLINT_PROMPT is kept only for those who
        # asked for it, by exporting it before the hook is loaded.
        def draw(self, text):
            self.segment = text
            if 'HFLINT_PROMPT' in env:
                env['HFLINT_PROMPT'] = text

        # -- directives: three lines each, unusual bytes written %XX. Nothing that the binary printed is evaluated, and
        # no name outside MAY is assigned to.

        def split(self, out):
            lines = out.split(b'\n')
            if b'hflint1' not in lines:
                return None
            lines = lines[lines.index(b'hflint1') + 1 :]
            records = []
            for i in range(0, len(lines) - 3, 3):
                op, a, b = lines[i : i + 3]
                a, b = (
                    '' if x == b'-' else os.fsdecode(re.sub(b'%([0-9A-Fa-f]{2})', lambda m: bytes([int(m[1], 16)]), x))
                    for x in (a, b)
                )
                records.append((op.decode('ascii', 'replace'), a, b))
            return records

        def apply(self, mode, hush, records):
            files, absent, messages = [], [], []
            racy = every = False
            good = True
            for op, a, b in records:
                if op == 'w' and a.startswith('/'):
                    m = re.fullmatch('([0-9]+)[.]([0-9]{9})', b)
                    if m:
                        files.append((a, int(m[1]) * 10**9 + int(m[2])))
                elif op == 'a' and a.startswith('/'):
                    absent.append(a)
                elif op == 'r':
                    racy = True
                elif op == 'p' and mode == 'hook':
                    # A fixed alphabet: the text stands in prompts that may be expanded again.
                    self.draw(a if re.fullmatch('[A-Za-z0-9:._ -]*', a) else '')
                elif op == 'm':
                    if a:
                        messages.append(a)
                    every = every or b == 'always'
                elif op == 'u':
                    self.undo(b)
                elif op == 'b':
                    good = self.back(hush, a, b) and good
                elif op in MAY:
                    good = self.set(mode, hush, op, a, b) and good
            if mode == 'hook':
                self.every = every
                if every and hush:
                    self.told = messages  # the prompt says it
                elif every or messages != self.told:
                    self.told = messages
                    for text in messages:
                        self.say(hush, text)
                self.learn(files, absent, racy)
            return good

        # xonsh makes a list of what ends in PATH; compared and put back is the text.
        def text(self, name):
            return env.detype().get(name) if name in env else None

        def put(self, name, value):
            if value is not None:
                env[name] = value
            elif name in env:
                del env[name]

        def set(self, mode, hush, op, name, value):
            if name not in MAY[op]:
                return False
            if op in 'ft':
                # The first line of a plain file of the person's own; a token has no blank in it.
                path, value = value, ''
                try:
                    s = os.stat(path)
                    if stat.S_ISREG(s.st_mode) and s.st_uid == os.getuid():
                        with open(path, 'rb') as f:
                            value = os.fsdecode(f.readline(65536)).strip()
                except (OSError, ValueError):
                    pass
                if not re.fullmatch('[^\\s\x00-\x1f\x7f-\x9f]+', value):
                    self.say(hush, 'hflint: no token to export in %s' % path)
                    return False
            now = self.text(name)
            if op == 'x':
                if now is not None:
                    self.taken.append([name, value, now, None])
                    self.put(name, None)
                return True
            if op == 't':
                # Right after `x`, whose entry learns what stands there now, so that `b` knows it again.
                if self.taken and self.taken[-1][0] == name:
                    self.taken[-1][3] = value
                self.put(name, value)
                return True
            entry = next((e for e in self.applied if e[0] == name), None)
            if entry is None:
                entry = [name, now, None]
                self.applied.append(entry)
            elif mode == 'hook' and now != entry[2]:
                return True  # the person changed it since: theirs until they leave
            self.put(name, None if op == '-' else value)
            entry[2] = self.text(name)
            return True

        # Leaving a project. drop: what to unset where the old values are not known, because the variables came from a
        # parent shell: a shell without a token is safe, one with the wrong token is not.
        def undo(self, drop):
            if not self.applied:
                for name in MAY['-']:
                    if name in ('HF_TOKEN_PATH', 'HFLINT_PROJECT') or name != 'HF_ENDPOINT' and name in drop.split(','):
                        self.put(name, None)
            while self.applied:
                name, old, applied = self.applied.pop()
                # changed by the person since: left alone
                if self.text(name) == applied:
                    self.put(name, old)

        # `hflint undo` of a variable that a fix unset in this shell: name, id of the fix
        def back(self, hush, name, number):
            for entry in reversed(self.taken):
                if entry[0] == name and number in ('', entry[1]):
                    if self.text(name) not in (None, entry[3]):
                        self.say(hush, 'hflint: %s was set again since and is left alone' % name)
                        return False
                    self.put(name, entry[2])
                    self.taken.remove(entry)
                    return True
            self.say(hush, 'hflint: this shell does not hold the old value of %s' % name)
            return False

        # -- the command. Only `fix` and `undo` need this shell; all else goes straight to the binary. Their directives
        # come on a descriptor of their own; stdout stays the caller's.

        def changes(self, args):
            skip = False
            for a in args:
                if skip:
                    skip = False
                elif a in ('--format', '--color', '--config'):
                    skip = True
                elif not a.startswith('-'):
                    return a in ('fix', 'undo')
            return False

        # xonsh:VERSION:STATE, and the last trouble where there was any, for `hflint status -v`
        def health(self):
            word = 'off' if str(env.get('HFLINT')) == '0' else 'failed' if self.down else 'on'
            if self.handlers[0][1] not in events.on_pre_prompt_format:
                word = 'lost'
            return ':'.join(['xonsh', SCRIPT, word] + self.said[-1:])

        # A function that runs in the shell's own process can't be part of a pipeline (before 0.18.2 the shell hangs). So
        # xonsh is given words to run instead. It expands them once more: what would change by that stays here.
        def words(self, args):
            program = self.find()
            line = ['/usr/bin/env', 'HFLINT_STATE=' + self.health(), program] + list(args)
            if program and not self.changes(args) and os.access(line[0], os.X_OK) and all(XSH.expand_path(w) == w for w in line):
                return line
            self.given = list(args)
            return ['__hflint_command']

        def command(self, args, stdin=None, stdout=None, stderr=None):
            args = list(args)
            program = self.find()
            if program is None:
                print('hflint: command not found: %s' % BINARY, file=stderr or sys.stderr)
                return 127
            given = dict(env.detype(), HFLINT_STATE=self.health())
            streams = {}
            for name, stream in (('stdin', stdin), ('stdout', stdout), ('stderr', stderr)):
                try:
                    if name != 'stdin':
                        stream.flush()
                    streams[name] = stream.fileno()
                except (AttributeError, OSError, ValueError):
                    pass  # the shell's own
            if not self.changes(args):
                return self.wait(subprocess.Popen([program] + args, env=given, **streams))
            ours, theirs = os.pipe()
            try:
                given['HFLINT_FD'] = str(theirs)
                child = subprocess.Popen([program] + args, env=given, pass_fds=[theirs], **streams)
            finally:
                os.close(theirs)
            with open(ours, 'rb') as f:
                out = f.read()
            code = self.wait(child)
            records = self.split(out)
            if records is not None and not self.apply('fix', False, records) and code == 0:
                code = 1
            self.seen = None  # look again at the next prompt
            return code

        def wait(self, child):
            while True:
                try:
                    code = child.wait()
                    return code if code >= 0 else 128 - code
                except KeyboardInterrupt:
                    pass  # the child got it too, and decides

        # -- loading

        # Not on_pre_prompt, which comes when `{hflint}` is already drawn. Plain functions: an event marks its handlers.
        def on(self):
            def prompt(**_):
                self.prompt()

            prompt.hflint = self

            def chdir(**_):
                self.chdir()

            @uncapturable
            @unthreadable
            def given(_, stdin=None, stdout=None, stderr=None):
                return self.command(self.given, stdin, stdout, stderr)

            def words(args, **_):
                return self.words(args)

            self.handlers = [(events.on_pre_prompt_format, prompt), (events.on_chdir, chdir)]
            for event, handler in self.handlers:
                event(handler)
            XSH.aliases['hflint'] = XSH.aliases.return_command(words)
            XSH.aliases['__hflint_command'] = given
            env['PROMPT_FIELDS']['hflint'] = lambda: self.segment or None
            self.draw('')

        def off(self):
            for event, handler in self.handlers:
                event.discard(handler)
            for name in ('hflint', '__hflint_command'):
                XSH.aliases.pop(name, None)
            env['PROMPT_FIELDS'].pop('hflint', None)

        # Takes everything back: `hflint init xonsh --remove` calls it.
        def remove(self):
            if self.applied:
                self.undo('')
            self.off()

    Hook().on()


__hflint_load()
del __hflint_load
