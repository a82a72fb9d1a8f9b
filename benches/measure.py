"""One run of a command: how long it took, how much memory it had at most."""

import fcntl
import os
import time


def spawn(command, env, out):
    null = os.open(os.devnull, os.O_RDWR)
    actions = [(os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, out, 1), (os.POSIX_SPAWN_DUP2, null, 2)]
    pid = os.posix_spawn(command[0], command, env, file_actions=actions)
    os.close(null)
    return pid


def once(command, env):
    """Wall seconds of one run."""
    out = os.open(os.devnull, os.O_RDWR)
    start = time.perf_counter()
    os.waitpid(spawn(command, env, out), 0)
    took = time.perf_counter() - start
    os.close(out)
    return took


def peak(command, env):
    """Peak memory in KB, as the kernel says of the program when it writes (VmHWM).

    Not the rusage of a child, which is that of this Python before it became the program. The pipe is kept full, so that
    the program waits in each write until it was looked at.
    """
    read, write = os.pipe()
    size = fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, 4096)
    os.write(write, bytes(size))
    pid = spawn(command, env, write)
    os.close(write)
    high = 0
    while os.waitpid(pid, os.WNOHANG) == (0, 0):
        try:
            with open("/proc/%d/status" % pid) as handle:
                fields = dict(line.split(":", 1) for line in handle)
            with open("/proc/%d/wchan" % pid) as handle:
                waits = "pipe" in handle.read()
        except (OSError, ValueError):
            continue
        # Until it is the program, it is this Python.
        if os.path.basename(command[0])[:15] == fields["Name"].strip():
            high = max(high, int(fields.get("VmHWM", "0").split()[0]))
        if waits:
            os.read(read, size)
        else:
            time.sleep(0.0002)
    os.close(read)
    return high
