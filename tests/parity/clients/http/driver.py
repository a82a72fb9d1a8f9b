"""curl, wget and aria2, whichever are here: what a plain call to the Hub carries."""
import os
import re
import subprocess
import sys

import common
import wire

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import scenarios as s  # noqa: E402

URL = "https://huggingface.co/o/m/resolve/main/x"


class Shared:
    """One server for all clients of this driver, started when first asked for."""

    def __init__(self):
        self.wire = None

    def get(self):
        if self.wire is None:
            self.wire = wire.Wire().__enter__()
        return self.wire


class Http(common.Client):
    """A program that is run once; its first credential counts."""

    def __init__(self, name, version, shared, command, edges, pieces=None, path=None, env=None, fatal=()):
        self.name, self.package, self.version, self.shared, self.command = name, name, version, shared, command
        self.edges, self.pieces, self.path, self.more, self.fatal = edges, pieces, path, env or {}, fatal

    def prepare(self):
        self.needs_version()

    def scenarios(self, rng, count):
        make = (lambda r: s.some(r, self.path, self.pieces)) if self.pieces else (lambda r: None)
        return self.edges() + s.random_files(rng, count, make)

    def run(self, sc, sbx):
        net = self.shared.get()
        tag = os.path.basename(sbx.root)
        env = sbx.env(sc, {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", **net.env(tag), **self.more})
        code, out, err = common.run([a.replace("<CA>", net.ca) for a in self.command], sbx, env)
        return net.take(tag), code, out + err

    def ask(self, sc, sbx):
        requests, code, said = self.run(sc, sbx)
        for r in requests:
            for value in r.authorization[:1]:
                credential = wire.decode(value.strip(b" \t"))[1]
                if credential:
                    return common.token(credential)
        if not requests or code in self.fatal:
            return common.error("fatal")
        return common.anonymous()


def version_of(command, pattern):
    try:
        said = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout.decode(errors="replace")
    except OSError:
        return None
    found = re.search(pattern, said)
    return found.group(1) if found else None


def clients(opts):
    shared = Shared()
    q = s.B
    return [
        Http("curl", version_of(["curl", "--version"], r"curl (\S+)"), shared, ["curl", "-sS", URL], s.curl,
             ['header = "%s"\n' % q, "netrc\n", "user = u:%s\n" % s.A, "oauth2-bearer = %s\n" % s.P, "header = %s\n" % q, "netrc-optional\n", "# c\n", 'header = "Authorization:"\n', "foo\n"], "<HOME>/.curlrc"),
        Http("wget", version_of(["wget", "--version"], r"Wget (\S+)"), shared, ["wget", "-nv", "-O", "-", "--tries=1", "--ca-certificate=<CA>", URL], s.wget,
             ["header = %s\n" % q, "http_user = u\n", "http_password = %s\n" % s.A, "header =\n", "netrc = off\n", "auth_no_challenge = on\n", "# c\n", "user = v\n", "password = %s\n" % s.P], "<HOME>/.wgetrc", fatal=(1, 2)),
        Http("aria2", version_of(["aria2c", "--version"], r"aria2 version (\S+)"), shared, ["aria2c", "-q", "--max-tries=1", "--allow-overwrite", "--ca-certificate=<CA>", URL], s.aria2,
             ["header=%s\n" % q, "http-user=u\n", "http-passwd=%s\n" % s.A, "no-netrc=true\n", "http-auth-challenge=true\n", "# c\n", "netrc-path=<HOME>/n\n"], "<HOME>/.aria2/aria2.conf"),
    ]
