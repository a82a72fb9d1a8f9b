"""Mounts of a test's own: another password database, and a root directory without this machine's stray files.

`HF_HOME=/`, or no home at all, makes clients look for `/token`, `/.cache/huggingface/token` and kin. What lies there on
the machine of the one who runs the tests is no part of the scenario, and once was recorded as the client's answer.
Choosing other scenarios instead would leave `/` untested, which is a home in many containers.
"""
import ctypes
import os
import sys
import tempfile

_LIBC = ctypes.CDLL(None, use_errno=True)
NEWNS, NEWUSER = 0x20000, 0x10000000
RDONLY, REMOUNT, BIND, REC, UNBINDABLE, PRIVATE = 1, 32, 4096, 16384, 1 << 17, 1 << 18
DETACH = 2
# As the Filesystem Hierarchy Standard 3.0 has them, and the kernel's own.
USUAL = {"bin", "boot", "dev", "etc", "home", "lib", "lib32", "lib64", "libx32", "media", "mnt", "opt", "proc", "root", "run", "sbin", "srv", "sys", "tmp", "usr", "var"}


def call(name, *args):
    if getattr(_LIBC, name)(*args) != 0:
        number = ctypes.get_errno()
        raise OSError(number, "%s: %s" % (name, os.strerror(number)))


def own():
    """A mount namespace for this process, which must have one thread; as an ordinary user through a user namespace."""
    try:
        call("unshare", NEWNS)
    except OSError:
        uid, gid = os.getuid(), os.getgid()
        call("unshare", NEWNS | NEWUSER)
        for name, text in (("setgroups", "deny"), ("uid_map", "%d %d 1" % (uid, uid)), ("gid_map", "%d %d 1" % (gid, gid))):
            with open("/proc/self/" + name, "w") as h:
                h.write(text)
    call("mount", b"none", b"/", None, REC | PRIVATE, None)


def bind(what, where):
    """Put the file `what` in place of the file `where`, both as bytes; after `own`."""
    call("mount", what, where, None, BIND, None)


def kept(places):
    """The names in `/` that stay: the usual ones, and those that lead to `places`."""
    names = USUAL | {os.path.abspath(p).split("/")[1] for p in places}
    return sorted(names & set(os.listdir("/")))


def clean_root(*places):
    """From here on this process and its children see `/` with the usual directories alone, and what leads to `places`.

    False where there are no namespaces, as in most containers of an ordinary user; nothing is changed then.
    """
    places += (sys.executable, sys.prefix, sys.base_prefix, os.getcwd(), tempfile.gettempdir(), os.path.expanduser("~"))
    places += tuple(os.environ.get("PATH", "").split(":"))
    here = os.getcwd()
    try:
        own()
    except OSError:
        return False
    new = tempfile.mkdtemp(prefix="root-")
    call("mount", b"tmpfs", new.encode(), b"tmpfs", 0, b"mode=755,size=1m")
    call("mount", b"none", new.encode(), None, UNBINDABLE, None)  # or it would come along below its own /tmp
    for name in kept(places):
        old, at = "/" + name, os.path.join(new, name)
        if os.path.islink(old):
            os.symlink(os.readlink(old), at)
        elif os.path.isdir(old):
            os.mkdir(at)
            call("mount", old.encode(), at.encode(), None, BIND | REC, None)
    # Not chroot: the clients that need a password database of their own make namespaces again, which a process in a
    # chroot may not.
    os.chdir(new)
    call("pivot_root", b".", b".")
    call("umount2", b".", DETACH)
    call("mount", None, b"/", None, REMOUNT | RDONLY, None)  # no client leaves anything there for the next
    os.chdir(here)
    os.rmdir(new)
    return True
