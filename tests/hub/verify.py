#!/usr/bin/env python3
"""`hflint verify` with the real `hf` and `huggingface-cli` of several releases against a fake hub.

    tests/hub/verify.py --binary target/…/hflint --versions-dir DIR [RELEASE ...]

DIR is that of tests/parity/versions.py. Alive, dead, expired, the hub gone, no tool, a token of a project's file, and
what the rule HF207 makes of the answer. Nothing leaves this machine: the hub listens on loopback.
"""

import argparse
import json
import os
import stat
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from fakehub import FakeHub, fake_token  # noqa: E402

ALICE, BOB, REVOKED, EXPIRED = (fake_token(c) for c in "abre")
TAG = "%d.%d" % sys.version_info[:2]
# The scripts that pip installs, by their entry points.
SCRIPTS = {
    "hf": "from huggingface_hub.cli.hf import main",
    "huggingface-cli": "from huggingface_hub.commands.huggingface_cli import main",
}


class Machine:
    def __init__(self, base, binary, versions, release, endpoint):
        self.home, self.binary = os.path.join(base, "home"), binary
        venv = os.path.join(self.home, ".venv")
        site = os.path.join(venv, f"lib/python{TAG}/site-packages")
        os.makedirs(site)
        self.write(".venv/pyvenv.cfg", f"home = /usr/bin\nversion = {TAG}.0\n")
        source = os.path.join(versions, release)
        for name in os.listdir(source):
            os.symlink(os.path.join(source, name), os.path.join(site, name))
        self.release = tuple(int(n) for n in release.split(".")[:2])
        self.script = "huggingface-cli" if self.release < (0, 34) else "hf"
        lines = f"#!{sys.executable}\nimport os, sys\n"
        # What a shell's variable would tell on: the tool is given the one token and no other.
        lines += "open(os.path.expanduser('~/seen'), 'a').write(os.environ.get('HF_TOKEN', '-')[-1] + ' ')\n"
        self.write(f".venv/bin/{self.script}", lines + SCRIPTS[self.script] + "\nsys.exit(main())\n", 0o755)
        self.env = {
            "HOME": self.home, "PATH": "/nonexistent", "HF_ENDPOINT": endpoint, "VIRTUAL_ENV": venv,
            "PYTHONPATH": site + ":" + os.path.join(versions, f"_deps-{TAG}"), "PYTHONDONTWRITEBYTECODE": "1",
        }

    def write(self, path, text, mode=0o600):
        path = os.path.join(self.home, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, mode)

    def run(self, *args):
        done = subprocess.run([self.binary, *args], env=self.env, cwd=self.home, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=180)
        for secret in (ALICE, BOB, REVOKED, EXPIRED):
            assert secret not in done.stdout + done.stderr, "a token was printed"
        return done

    def verify(self, *args):
        done = self.run("verify", "--yes", "--format", "json", *args)
        return done.returncode, json.loads(done.stdout)

    def rules(self):
        return [f["code"] for f in json.loads(self.run("check", "--format", "json").stdout)["findings"]]


def outcomes(said):
    return sorted((t["outcome"], t["user"], t["why"]) for t in said["tokens"])


def check(what, got, want):
    if got != want:
        raise SystemExit(f"{what}: {got!r}, wanted {want!r}")
    print(f"  ok  {what}")


def alive_dead_expired(machine, hub):
    machine.env["HF_TOKEN"] = REVOKED
    machine.write(".cache/huggingface/token", ALICE)
    machine.write(".cache/huggingface/stored_tokens", f"[gone]\nhf_token = {EXPIRED}\n")
    # Not asked without a yes, and the host and the tool are named.
    done = machine.run("verify")
    check("nothing is sent without a yes", (done.returncode, hub.requests()), (1, []))
    check("the host is named", hub.endpoint in done.stderr and machine.script in done.stderr, True)
    code, said = machine.verify()
    check("exit 1 where one is dead", code, 1)
    check("endpoint", said["endpoint"], hub.endpoint)
    # 2.4.0 puts words of its own in place of the hub's, the same for each token that is refused; 0.36.2 shows both.
    ended = "expired" if machine.release < (1, 0) else "refused"
    check("outcomes", outcomes(said), [("alive", "alice", None), ("dead", None, ended), ("dead", None, "refused")])
    asked = [r for r in hub.requests() if "whoami" in r["path"]]
    check("one request for each token", len(asked), 3)
    with open(os.path.join(machine.home, "seen"), encoding="utf-8") as f:
        check("each in an environment of its own", sorted(f.read().split()), ["a", "e", "r"])
    check("HF207 for the dead one in use", "HF207" in machine.rules(), True)
    state = os.path.join(machine.home, ".local/state/hflint/record")
    modes = {name: stat.S_IMODE(os.stat(os.path.join(state, name)).st_mode) for name in ("key", "verified.json")}
    check("modes of the record", modes, {"key": 0o600, "verified.json": 0o600})
    with open(os.path.join(state, "verified.json"), encoding="utf-8") as f:
        text = f.read()
    with open(os.path.join(state, "log.jsonl"), encoding="utf-8") as f:
        text += f.read()
    log = json.loads(machine.run("log", "--format", "json").stdout)["events"]
    told = sorted((e["event"], e["user"]) for e in log if e["event"] in ("verified", "rejected"))
    check("the record", told, [("rejected", None), ("rejected", None), ("verified", "alice")])
    check("no token in the record", [t for t in (ALICE, REVOKED, EXPIRED) if t in text], [])
    del machine.env["HF_TOKEN"]
    check("HF207 is silent for the living", "HF207" in machine.rules(), False)
    code, said = machine.verify(os.path.join(machine.home, ".cache/huggingface/token"))
    check("one that is named", (code, outcomes(said)), (0, [("alive", "alice", None)]))
    # It comes back to life: the newest answer counts.
    machine.env["HF_TOKEN"] = REVOKED
    hub.patch({"tokens": {REVOKED: {"user": "bob", "name": "back", "role": "read", "revoked": False}}})
    check("alive again", machine.verify("HF_TOKEN")[0], 0)
    check("and HF207 is gone", "HF207" in machine.rules(), False)
    machine.env["HF_ENDPOINT"] = hub.endpoint.replace("127.0.0.1", "localhost")
    check("another endpoint said nothing", "HF207" in machine.rules(), False)


def gone(machine):
    machine.env["HF_TOKEN"] = ALICE
    code, said = machine.verify()
    check("no hub: unknown", (code, [t["outcome"] for t in said["tokens"]]), (1, ["unknown"]))
    check("and nothing is remembered", os.path.exists(os.path.join(machine.home, ".local/state/hflint/record/verified.json")), False)
    machine.env["HF_HUB_OFFLINE"] = "1"
    check("offline mode: unknown", machine.verify()[1]["tokens"][0]["outcome"], "unknown")


def no_tool(machine):
    machine.env["HF_TOKEN"] = ALICE
    del machine.env["VIRTUAL_ENV"]
    # The .venv here is now the directory's, which anybody may have put there: its programs are not run.
    done = machine.run("verify", "--yes")
    check("no tool", (done.returncode, "huggingface-cli" in done.stderr), (2, True))


def of_a_project(machine, hub):
    machine.write(".env", f"HF_TOKEN={BOB}\n")
    done = machine.run("verify", "--yes")
    check("a project's token is left out", (done.returncode, ".env" in done.stderr, hub.requests()), (0, True, []))
    code, said = machine.verify(os.path.join(machine.home, ".env"))
    check("unless it is named", (code, outcomes(said)), (0, [("alive", "bob", None)]))
    check("a name that means nothing", machine.run("verify", "--yes", "nobody").returncode, 2)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--versions-dir", required=True)
    parser.add_argument("releases", nargs="*", default=["0.23.5", "0.36.2", "2.4.0"])
    args = parser.parse_args()
    binary, versions = os.path.abspath(args.binary), os.path.abspath(args.versions_dir)
    expired = {EXPIRED: {"user": "alice", "name": "old", "role": "read", "expires_at": 1}}
    for release in args.releases:
        print(f"huggingface_hub {release}")
        for part in (alive_dead_expired, of_a_project):
            with tempfile.TemporaryDirectory() as base, FakeHub({"tokens": expired}) as hub:
                part(Machine(base, binary, versions, release, hub.endpoint), hub)
        for part in (gone, no_tool):
            with tempfile.TemporaryDirectory() as base:
                # A port that nobody listens on.
                part(Machine(base, binary, versions, release, "http://127.0.0.1:9"))
    print("verify: all as it should be")


if __name__ == "__main__":
    main()
