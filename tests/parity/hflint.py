"""Runs `hflint status` on a scenario, under the conditions under which the client ran."""
import hashlib
import json
import os
import re
import subprocess

import mounts
import sandbox

# Seconds, for one that hangs: a debug build that is asked for 205 releases of a token of 100,000 characters takes four on
# an idle machine, and more than ten beside other steps.
TIME_LIMIT = 120


class Trouble(Exception):
    """hflint did not answer as its contract says."""


def private_passwd(path):
    """In this process alone, /etc/passwd is the file at `path`: hflint reads the real password
    database, unlike the clients, whose interpreter can be told otherwise. Needs root or user namespaces."""
    mounts.own()
    mounts.bind(path, b"/etc/passwd")


def can_have_private_passwd():
    """None, or why not."""
    pid = os.fork()
    if pid == 0:
        try:
            private_passwd(b"/etc/passwd")
            os._exit(0)
        except OSError as e:
            os._exit(e.errno)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return os.strerror(code) if code else None


def secrets(scenario):
    """Every text in a scenario that is shaped like a token, unfolded."""
    text = json.dumps(scenario, ensure_ascii=False)
    text = re.sub(r"<(\d+)\*(.)>", lambda m: int(m.group(1)) * m.group(2), text)
    return set(re.findall(r"(?:hf|api_org)_[A-Za-z0-9]{20,}", text))


def ask(binary, base, scenario, releases):
    """{release: {"outcome", "fingerprint", "error"}} from one process, in a fresh sandbox."""
    command = [binary, "status", "--format", "json", "--fingerprint"]
    for v in releases:
        command += ["--client", "huggingface_hub@" + v]
    with sandbox.Sandbox(base, scenario) as sbx:
        before = None
        if sbx.private_passwd():
            database = sbx.root + b"/passwd"
            with open(database, "w") as h:
                h.writelines("%s:x:%d:%d::%s:/bin/sh\n" % (name, uid, uid, home) for name, uid, home in sbx.passwd())

            def prepare():
                private_passwd(database)
                sbx.enter_and_lock()
        else:
            prepare = sbx.enter_and_lock
        before = sbx.snapshot()
        p = subprocess.Popen(command, env=sbx.environment(), preexec_fn=prepare,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            out, err = p.communicate(timeout=TIME_LIMIT)
        except subprocess.TimeoutExpired:
            p.kill()
            p.communicate()
            raise Trouble("no answer within %d s" % TIME_LIMIT)
        for secret in secrets(scenario):
            if secret.encode() in out + err:
                raise Trouble("a token stands in the output")
        if p.returncode != 0:
            raise Trouble("exit status %d: %s" % (p.returncode, sandbox.fold(err)[-400:]))
        after = sbx.changes(before)
        if after:
            raise Trouble("it changed files: " + ", ".join(after))
    try:
        clients = json.loads(out)["clients"]
    except (ValueError, KeyError) as e:
        raise Trouble("not the JSON that was promised: %s" % e)
    if [(c["client"], c["client_version"]) for c in clients] != [("huggingface_hub", v) for v in releases]:
        raise Trouble("answers for other clients than were asked for")
    return {c["client_version"]: {k: c.get(k) for k in ("outcome", "fingerprint", "error")} for c in clients}


def expected(answer):
    """What `status` must say where the client's own code gave this answer (see probe.py)."""
    if "token" in answer:
        digest = hashlib.sha256(bytes.fromhex(answer["token"])).hexdigest()[:16]
        return {"outcome": "token", "fingerprint": digest, "error": None}
    if "error" in answer:
        return {"outcome": "error", "fingerprint": None, "error": answer["error"]}
    return {"outcome": "unknown" if "unknown" in answer else "anonymous", "fingerprint": None, "error": None}
