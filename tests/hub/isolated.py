#!/usr/bin/env python3
"""Two isolated projects and `hflint exec`, with real releases of huggingface_hub and git against a fake hub.

    tests/hub/isolated.py --binary target/…/hflint --versions-dir DIR [RELEASE ...]

DIR is that of tests/parity/versions.py. In a real bash with the hook: the real `hf auth login` inside each project,
then whoami tells two users, and outside both the global one. Then `exec`: the credential that was asked for, or none,
whatever else the machine holds (variables, login, netrc, git's store). Nothing leaves this machine.
"""

import argparse
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from fakehub import FakeHub, fake_token  # noqa: E402

ALICE, WRITE, BOB, REVOKED = (fake_token(c) for c in "awbr")
TAG = "%d.%d" % sys.version_info[:2]
CONFIG = {"users": {"carol": {"orgs": [], "gated": {}}},
          "tokens": {fake_token("c"): {"user": "carol", "name": "carol-read", "role": "read"}}}

CLIENT = """
import sys
from huggingface_hub import HfApi
for what in sys.argv[1:]:
    try:
        print(HfApi().whoami()["name"] if what == "whoami" else HfApi().model_info(what) and "ok")
    except Exception as e:
        print(getattr(getattr(e, "response", None), "status_code", None) or type(e).__name__)
"""
# `hf auth login --token`, by its own entry point; before 1.0 `huggingface-cli login`.
LOGIN = """
import sys
try:
    from huggingface_hub.cli.hf import main
    sys.argv = ["hf", "auth", "login", "--token", sys.argv[1]]
except ImportError:
    from huggingface_hub.commands.huggingface_cli import main
    sys.argv = ["huggingface-cli", "login", "--token", sys.argv[1]]
main()
"""


class Machine:
    def __init__(self, base, binary, versions, release, hub):
        self.home, self.binary, self.hub = os.path.join(base, "home"), binary, hub
        site = os.path.join(self.home, f".venv/lib/python{TAG}/site-packages")
        os.makedirs(site)
        self.write(".venv/pyvenv.cfg", f"home = /usr/bin\nversion = {TAG}.0\n")
        source = os.path.join(versions, release)
        for name in os.listdir(source):
            os.symlink(os.path.join(source, name), os.path.join(site, name))
        self.env = {
            "HOME": self.home, "PATH": "/usr/bin:/bin", "HF_ENDPOINT": hub.endpoint, "VIRTUAL_ENV": self.home + "/.venv",
            "PYTHONPATH": site + ":" + os.path.join(versions, f"_deps-{TAG}"), "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONWARNINGS": "ignore", "GIT_TERMINAL_PROMPT": "0", "HF_HUB_DISABLE_TELEMETRY": "1",
        }
        self.write("client.py", CLIENT)
        self.write("login.py", LOGIN)

    def write(self, path, text):
        path = os.path.join(self.home, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, 0o600)

    def run(self, *command, cwd=""):
        cwd = os.path.join(self.home, cwd)
        os.makedirs(cwd, exist_ok=True)
        done = subprocess.run(command, env=self.env, cwd=cwd, capture_output=True, text=True, timeout=180)
        for secret in (ALICE, WRITE, BOB, REVOKED):
            assert secret not in done.stdout + done.stderr, "a token was printed"
        return done

    def exec(self, selector, *command):
        return self.run(self.binary, "exec", *selector, "--", *command)

    def ask(self, selector, *what):
        done = self.exec(selector, sys.executable, os.path.join(self.home, "client.py"), *what)
        assert done.returncode == 0, done
        return done.stdout.split()

    def bash(self, lines):
        """A real bash with the hook; each line is a prompt of its own."""
        rc = f'eval "$({self.binary} init bash)"\nPS1=\n'
        self.write("rc", rc)
        text = "\n".join(lines) + "\n"
        command = ["bash", "--rcfile", self.home + "/rc", "-i"]
        done = subprocess.run(command, env=self.env, cwd=self.home, input=text, capture_output=True, text=True, timeout=300)
        return done.stdout.splitlines(), done.stderr


def two_projects(m):
    m.write(".cache/huggingface/token", fake_token("c"))
    py = sys.executable
    lines = []
    for project, token in (("one", ALICE), ("two", BOB)):
        lines += [
            f"mkdir -p ~/{project}; cd ~/{project}",
            "hflint fix --isolate --yes >/dev/null",
            f"{py} ~/login.py {token} >/dev/null 2>&1",
            ":",
        ]
    for where in ("one", "two", "", "one", "two"):
        lines += [f"cd ~/{where}", f'echo "{where or "home"} $({py} ~/client.py whoami)"']
    out, err = m.bash(lines)
    want = ["one alice", "two bob", "home carol", "one alice", "two bob"]
    assert out == want, f"{out}, not {want}\n{err[-2000:]}"
    # Another shell in the same place has it from its own first prompt; each can be rotated by itself.
    m.write("new", WRITE)
    lines = [f"cd ~/{where}" for where in ("two", "one")] + [":"]
    lines += [f'echo "one $({py} ~/client.py whoami)"', "hflint fix --rotate --yes < ~/new >/dev/null; echo $?"]
    lines += [f'echo "one $({py} ~/client.py whoami)"', "cd ~/two", f'echo "two $({py} ~/client.py whoami)"', "hflint undo >/dev/null"]
    out, err = m.bash(lines)
    assert out == ["one alice", "0", "one alice", "two bob"], f"{out}\n{err[-2000:]}"
    for token in (ALICE, BOB):
        held = [r for r, _, names in os.walk(m.home) for n in names if n == "token" and open(os.path.join(r, n)).read().strip() == token]
        assert len(held) == 1 and "/hflint/isolated/" in held[0], held
    return "two logins, two users, outside the global one"


def crowded(m):
    """Every place holds a dead token; only what `exec` gives can work."""
    m.write(".cache/huggingface/token", REVOKED)
    m.write(".cache/huggingface/stored_tokens", f"[work]\nhf_token = {WRITE}\n")
    host = m.hub.endpoint.split("//")[1]
    m.write(".netrc", f"machine {host.split(':')[0]} login x password {REVOKED}\n")
    m.write(".gitconfig", "[credential]\n\thelper = store\n")
    m.write(".git-credentials", f"http://u:{REVOKED}@{host.replace(':', '%3a')}\n")
    m.env.update(HF_TOKEN=REVOKED, HUGGING_FACE_HUB_TOKEN=REVOKED, HUGGINGFACEHUB_API_TOKEN=REVOKED)


def one_credential(m):
    crowded(m)
    m.hub.requests(clear=True)
    assert m.ask(["--profile", "work"], "whoami", "acme/open") == ["alice", "ok"]
    done = m.exec(["--profile", "work"], "git", "ls-remote", m.hub.endpoint + "/acme/open")
    assert done.returncode == 0, done
    seen = {r["token"] for r in m.hub.requests()}
    assert seen == {"alice-write"}, seen
    return "alice to huggingface_hub and git"


def none(m):
    crowded(m)
    m.hub.requests(clear=True)
    assert m.ask(["--anonymous"], "acme/open") == ["ok"]
    done = m.exec(["--anonymous"], "git", "ls-remote", m.hub.endpoint + "/acme/open")
    assert done.returncode == 0, done
    seen = {r["token"] for r in m.hub.requests()}
    assert seen == {"anonymous"}, seen
    m.write(".huggingface/token", REVOKED)
    assert m.ask(["--anonymous"], "acme/open") == ["ok"], "with a file of the oldest releases beside it"
    return "nobody to huggingface_hub and git"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("--versions-dir", required=True)
    parser.add_argument("releases", nargs="*", default=["0.13.4", "0.36.2", "2.4.0"])
    options = parser.parse_args()
    binary, versions = os.path.abspath(options.binary), os.path.abspath(options.versions_dir)
    failed = count = 0
    with FakeHub(CONFIG, max_seconds=1800) as hub:
        for release in options.releases:
            if not os.path.isdir(os.path.join(versions, release)):
                sys.exit(f"{versions} has no {release}: tests/parity/versions.py installs it")
            for test in (two_projects, one_credential, none):
                count += 1
                with tempfile.TemporaryDirectory(prefix="hflint-hub-") as base:
                    try:
                        said = test(Machine(base, binary, versions, release, hub))
                        print(f"ok   {release:8} {test.__name__}: {said}", flush=True)
                    except AssertionError as e:
                        failed += 1
                        print(f"FAIL {release:8} {test.__name__}: {e}", flush=True)
    print(f"{count - failed} of {count} as they should be")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
