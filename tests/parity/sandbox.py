"""A scenario's throw-away home, and the notation in which scenarios are written.

A scenario is a JSON object:

    id, note   free text
    env        {NAME: VALUE}; null means "not set". HOME is <HOME> unless named.
    files      [{path, content | hex, mode, type}]; type is file (default), dir,
               symlink (content = target) or socket; modes are set when all is made
    cwd        "gone": the current directory is deleted before the client starts
    passwd     "none": the password database has no entry for this user

Placeholders, in names, values, paths and contents:

    <HOME> <CWD> <SBX> <PW>  home, working directory, their parent, and the home that
                             the password database names
    <LONG>                   the home by a path of 4,086 to 4,093 bytes: one more file name
                             of usual length passes the system's limit
    <NOW+n> <NOW-n>          unix time
    <34*A>                   34 times A, so that no text shaped like a token stands in a file
    <xff>                    one raw byte
"""
import ctypes
import os
import re
import shutil
import stat
import tempfile
import time

PLACEHOLDER = re.compile(r"<(?:(HOME|CWD|SBX|PW|LONG)|NOW([+-]\d+)|(\d+)\*(.)|x([0-9a-f]{2}))>", re.S)
OTHER_USER = "hfother"  # the second user of the private password database: ~hfother is <PW>


def tok(letter):
    """A fake token of the usual shape, folded: it never stands in full in this repository.
    A second letter marks its end, where one alphabet is not enough."""
    return "hf_<%d*%s>%s" % (35 - len(letter), letter[0], letter[1:])


def fold(raw):
    """Bytes as text in the notation above, so that they can be printed and stored."""
    text = raw.decode("utf-8", "surrogateescape")
    text = re.sub(r"([^\udc80-\udcff])\1{7,}", lambda m: "<%d*%s>" % (len(m.group()), m.group(1)), text, flags=re.S)
    return re.sub(r"[\udc80-\udcff]", lambda m: "<x%02x>" % (ord(m.group()) - 0xDC00), text)


def unfold(text):
    """The bytes that `fold` has folded."""
    def part(m):
        _, _, count, char, byte = m.groups()
        return int(count) * char if count else chr(0xDC00 + int(byte, 16)) if byte else m.group()

    return PLACEHOLDER.sub(part, text).encode("utf-8", "surrogateescape")


class Sandbox:
    """One directory tree (home/, cwd/, pw/) with the scenario's files.

    The order is fill, then enter, then lock: a client may be started in a directory that
    its own user can no longer read, so modes are set last, by the process that starts it.
    """

    def __init__(self, base, scenario):
        self.scenario = scenario
        self.root = os.fsencode(tempfile.mkdtemp(prefix="hfp", dir=base))
        self.now = int(time.time())
        self.names = {"SBX": self.root}
        for name in ("HOME", "CWD", "PW"):
            self.names[name] = self.root + b"/" + name.lower().encode()
            os.mkdir(self.names[name])
        home = self.names["HOME"]
        self.names["LONG"] = home + (4093 - len(home)) // 8 * b"/../home"
        self.late = []
        self.fill()

    def expand(self, value):
        """The bytes of a value: text with placeholders, or {"hex": ...}."""
        if isinstance(value, dict):
            return bytes.fromhex(value["hex"])
        out, at = [], 0
        for m in PLACEHOLDER.finditer(value):
            out.append(value[at:m.start()].encode())
            name, delta, count, char, byte = m.groups()
            if name:
                out.append(self.names[name])
            elif delta:
                out.append(str(self.now + int(delta)).encode())
            elif count:
                out.append(int(count) * char.encode())
            else:
                out.append(bytes.fromhex(byte))
            at = m.end()
        out.append(value[at:].encode())
        return b"".join(out)

    def hide(self, text):
        """The sandbox's own paths back as placeholders."""
        for name in ("HOME", "CWD", "PW", "SBX"):
            text = text.replace(os.fsdecode(self.names[name]), "<%s>" % name)
        return text

    def environment(self):
        env = {"HOME": "<HOME>"}
        env.update(self.scenario.get("env", {}))
        return {self.expand(k): self.expand(v) for k, v in env.items() if v is not None}

    def fill(self):
        for f in self.scenario.get("files", []):
            path = os.path.join(self.names["CWD"], self.expand(f["path"]))
            if not os.path.normpath(path).startswith(self.root + b"/"):
                raise ValueError("scenario file outside the sandbox: " + f["path"])
            kind = f.get("type", "file")
            try:
                os.makedirs(os.path.dirname(path), exist_ok=True)
                if kind == "dir":
                    os.makedirs(path, exist_ok=True)
                elif kind == "symlink":
                    os.symlink(self.expand(f["content"]), path)
                elif kind == "socket":
                    os.mknod(path, stat.S_IFSOCK | 0o600)
                else:
                    data = bytes.fromhex(f["hex"]) if "hex" in f else self.expand(f.get("content", ""))
                    with open(path, "wb") as h:
                        h.write(data)
            except OSError:
                continue  # two files of one scenario cannot both exist: the first one stays
            if "mode" in f:
                # by descriptor: once a parent is locked, no path leads here
                fd = os.open(path, os.O_PATH)
                self.late.append((fd, int(f["mode"], 8), stat.S_IMODE(os.fstat(fd).st_mode)))

    def enter_and_lock(self):
        """Run in the process that becomes the client."""
        os.umask(0o022)
        os.chdir(self.names["CWD"])
        if self.scenario.get("cwd") == "gone":
            gone = self.names["CWD"] + b"/gone"
            os.mkdir(gone)
            os.chdir(gone)
            os.rmdir(gone)
        for fd, mode, _ in reversed(self.late):
            os.chmod("/proc/self/fd/%d" % fd, mode)

    @staticmethod
    def private_passwd_of(scenario):
        """Does the answer depend on the password database?"""
        return scenario.get("env", {}).get("HOME", "") is None or "passwd" in scenario

    def private_passwd(self):
        return self.private_passwd_of(self.scenario)

    def passwd(self):
        """The lines of the password database of this scenario: (name, uid, home)."""
        pw = os.fsdecode(self.names["PW"])
        out = [(OTHER_USER, 54321, pw)]
        if self.scenario.get("passwd") != "none":
            out.insert(0, ("hfme", os.getuid(), pw))
        return out

    def snapshot(self):
        out = {}
        for top, dirs, files in os.walk(self.root):
            for name in dirs + files:
                path = os.path.join(top, name)
                try:
                    st = os.lstat(path)
                    body = b""
                    if stat.S_ISREG(st.st_mode):
                        with open(path, "rb") as h:
                            body = h.read()
                    out[path] = (st.st_mode, body)
                except OSError:
                    out[path] = None
        return out

    def changes(self, before):
        """What the client made or changed here. Unlocked first: who looks may lack the rights, and the locks are ours."""
        for fd, _, mode in self.late:
            os.chmod("/proc/self/fd/%d" % fd, mode)
        after, out = self.snapshot(), []
        for path in sorted(set(before) | set(after)):
            name = self.hide(os.fsdecode(path))
            if path not in before:
                out.append("+ %s %s" % (name, oct(after[path][0] & 0o7777) if after[path] else "?"))
            elif path not in after:
                out.append("- " + name)
            elif before[path] != after[path]:
                out.append("~ " + name)
        return out

    def close(self):
        for fd, *_ in self.late:
            os.close(fd)
        for top, dirs, _ in os.walk(self.root):
            for name in dirs:
                path = os.path.join(top, name)
                try:
                    if not os.path.islink(path):
                        os.chmod(path, 0o700)
                except OSError:
                    pass
        shutil.rmtree(self.root, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()


def drop_caps():
    """Root reads every file; without these two capabilities the mode bits count for root too.

    Taken from the bounding set: it holds for every program started from here on, while this
    process can still clean up.
    """
    lib = ctypes.CDLL(None)
    for cap in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        lib.prctl(24, cap, 0, 0, 0)  # PR_CAPBSET_DROP; fails for an ordinary user, who has neither
