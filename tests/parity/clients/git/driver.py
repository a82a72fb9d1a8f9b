"""git over https, through `git ls-remote`, and git-lfs, each against a stand-in for huggingface.co."""
import os
import re
import shutil
import subprocess
import sys

import common
import wire

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import edges  # noqa: E402
import generate  # noqa: E402

HUB = "https://huggingface.co"
# What git says when it has nothing (more) to send; any other end is a fault of the configuration.
REFUSED = re.compile(rb"terminal prompts disabled|Authentication failed|could not read (Username|Password)")


def answer(requests, code, stderr):
    """The first credential that the Hub would have seen; a user name without a password is nobody's credential."""
    for r in requests:
        if not re.match(r"https://huggingface\.co(:443)?$", r.origin, re.I):
            continue
        for value in r.authorization[:1]:
            credential = wire.decode(value.strip(b" \t"))[1]
            if credential:
                return common.token(credential)
    if code != 0 and not REFUSED.search(stderr):
        return common.error("fatal")
    return common.anonymous()


def remote_here(sbx, env):
    """Whether git has a remote of the Hub to talk to here; hflint then answers for that one."""
    p = subprocess.run(["git", "ls-remote", "--get-url"], env=env, cwd=sbx.cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return re.match(rb"(?i)https://([^/@]*@)?huggingface\.co(:\d+)?(/|$)", p.stdout) is not None


class Git(common.Client):
    name = "git"

    def __init__(self, program, version, shared):
        self.program, self.version, self.shared = program, version, shared

    package = "git"

    def prepare(self):
        self.needs_version()

    def scenarios(self, rng, count):
        return [self.closed(sc) for sc in edges.all_edges() + generate.random_scenarios(rng, count)]

    def closed(self, sc):
        """Keep this machine's own configuration out, and let git find its helpers."""
        env = {"PATH": os.path.dirname(self.program) + ":/usr/local/bin:/usr/bin:/bin", "GIT_CONFIG_NOSYSTEM": "1"}
        return dict(sc, env={**env, **sc["env"]})

    def ask(self, sc, sbx):
        net = self.shared.get()
        tag = os.path.basename(sbx.root)
        extra = {**net.env(tag), "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "", "LANG": "C"}
        env = sbx.env(sc, extra)
        # Without a remote no repository is meant, so no section that is limited to one can count.
        where = [] if remote_here(sbx, env) else [HUB + "/"]
        code, _, err = common.run([self.program, "ls-remote"] + where, sbx, env)
        return answer(net.take(tag), code, err)


class GitLfs(Git):
    """git-lfs asks for the locks of a remote, which every repository can be asked for without a large file in it."""

    name = "git-lfs"
    package = "git git-lfs"
    KINDS = ("netrc-", "header-", "url-", "instead-remote-", "helpers-", "username-")

    def scenarios(self, rng, count):
        out = [sc for sc in edges.all_edges() if sc["id"].startswith(self.KINDS)] + edges.lfs_edges()
        out += generate.random_scenarios(rng, count)
        # Of two that fit alike git-lfs takes another one each time: there is no answer to compare.
        out = [sc for sc in out if not self.is_tossed(sc)]
        return [self.closed(self.with_origin(sc, rng)) for sc in out]

    @staticmethod
    def is_tossed(sc):
        """Two bases for one prefix, or headers in two sections that differ in how they write one URL."""
        text = "".join(x.get("content", "") for x in sc["files"])
        prefixes = re.findall(r"(?i)insteadOf = (\S+)", text)
        written = set(re.findall(r'(?i)\[http "([^"]*)"\]\s+extraHeader', text))
        urls = [u.rstrip("/").removesuffix(":443") for u in written]
        return any(len(set(x)) < len(x) for x in (prefixes, urls))

    def with_origin(self, sc, rng):
        """In a repository with a remote `origin` on the Hub, where the scenario has none."""
        has = any("[remote \"origin\"]" in x.get("content", "") and "huggingface.co" in x["content"].lower() for x in sc["files"])
        if has and sc["note"] != "random":
            return sc
        keep = [x for x in sc["files"] if not x["path"].startswith(("<CWD>/.git/", "<SBX>/.git/"))]
        url = rng.choice([edges.url(user=None), edges.url(user=None), edges.url(user="u"), edges.url(edges.C)]) if sc["note"] == "random" else edges.url(user=None)
        return dict(sc, files=keep + edges.repo(edges.remote("origin", url)))

    def ask(self, sc, sbx):
        net = self.shared.get()
        tag = os.path.basename(sbx.root)
        env = sbx.env(sc, {**net.env(tag), "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "", "LANG": "C"})
        common.run([self.program, "lfs", "locks", "--remote=origin"], sbx, env)
        requests = net.take(tag)
        return answer(requests, 0, b"") if requests else common.error("fatal")


class Shared:
    """One server for all clients of this driver, started when first asked for."""

    def __init__(self):
        self.wire = None

    def get(self):
        if self.wire is None:
            self.wire = wire.Wire().__enter__()
        return self.wire


def programs():
    """Every git here, by its own version."""
    found = {}
    for path in ("/usr/bin/git", "/usr/local/bin/git", shutil.which("git")):
        if path and os.access(path, os.X_OK):
            said = subprocess.run([path, "--version"], stdout=subprocess.PIPE).stdout.decode()
            found.setdefault(said.split()[2], path)
    return found


def clients(opts):
    shared = Shared()
    out = [Git(path, version, shared) for version, path in sorted(programs().items())]
    try:
        lfs = subprocess.run(["git", "lfs", "version"], stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout.decode()
    except OSError:
        lfs = ""
    found = re.match(r"git-lfs/(\d+\.\d+\.\d+)", lfs)
    # The git that stands first in the PATH runs git-lfs, whichever git is asked.
    out.append(GitLfs(out[-1].program if out else None, found and found.group(1), shared))
    return out
