#!/usr/bin/env python3
"""Real releases of huggingface_hub against a fake hub: a refusal, the fix that hflint offers, and then it works.

    tests/hub/real.py --binary target/…/hflint --versions-dir DIR [RELEASE ...]

DIR is that of tests/parity/versions.py. Each state is made, the client asked (it must fail as said), the command of
the finding's `fix` run as it stands with --yes, the client asked again; then the fix is undone, and the client must
fail as before. Nothing leaves this machine: the hub listens on loopback. Where a finding names a line for the shell
instead of a fix, that line is run.

No state for these, since no refusal comes of what they find, or another test has it:
    HF103  the old name holds a token that is not sent from 0.19 on; before, it is HF102
    HF106  the token lies where no client looks any more; the fix takes it away and changes nothing that is sent
    HF113  a program that runs keeps its token; tests/integration/processes.rs cures what a tmux server hands on
    HF303  a file that git would commit: who is asked with that token is the same before and after
    HF304  git sends it, not huggingface_hub; tests/integration/fix_faults.rs has git take it out
    HF4xx  cached files: tests/hub/caches.py
    HF503  where files are kept, not what is sent
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

ALICE, BOB, REVOKED = fake_token("a"), fake_token("b"), fake_token("r")
TAG = "%d.%d" % sys.version_info[:2]

CLIENT = """
import sys
from huggingface_hub import HfApi
if sys.argv[2:] == ["dotenv"]:
    # What `load_dotenv()` of python-dotenv does: the environment comes first. Then huggingface_hub is asked.
    import os
    for line in open(".env"):
        os.environ.setdefault(*line.strip().split("=", 1))
api = HfApi()
try:
    if sys.argv[1] == "whoami":
        print(api.whoami()["name"])
    else:
        print(api.model_info(sys.argv[1]).modelId)
except Exception as e:
    # Old releases wrap the answer in an error of their own.
    cause = getattr(e, "__cause__", None)
    codes = [getattr(getattr(x, "response", None), "status_code", None) for x in (e, cause)]
    print(next((code for code in codes if code), type(e).__name__))
"""


class Person:
    def __init__(self, base, versions, release):
        self.home = os.path.join(base, "home")
        self.env = {"HOME": self.home, "PATH": "/usr/bin:/bin", "SHELL": "/bin/bash"}
        # 0.19 is the first release that reads the new name.
        old = tuple(int(n) for n in release.split(".")[:2]) < (0, 19)
        self.variable = "HUGGING_FACE_HUB_TOKEN" if old else "HF_TOKEN"
        site = f"{self.home}/.venv/lib/python{TAG}/site-packages"
        os.makedirs(site)
        self.write(".venv/pyvenv.cfg", "home = /usr/bin\nversion = %s.0\n" % TAG)
        source = os.path.join(versions, release)
        for name in os.listdir(source):
            os.symlink(os.path.join(source, name), os.path.join(site, name))
        self.env["VIRTUAL_ENV"] = f"{self.home}/.venv"
        self.site, self.own_endpoint = site, False
        self.path = site + ":" + os.path.join(versions, f"_deps-{TAG}")

    def default_endpoint(self, url):
        """The hub of a client that no variable leads elsewhere is this one, instead of huggingface.co."""
        package = os.path.join(self.site, "huggingface_hub")
        source = os.readlink(package)
        os.remove(package)
        os.mkdir(package)
        for name in os.listdir(source):
            if name != "__pycache__":
                os.symlink(os.path.join(source, name), os.path.join(package, name))
        constants = os.path.join(package, "constants.py")
        with open(constants, encoding="utf-8") as f:
            text = f.read()
        assert '"https://huggingface.co"' in text
        os.remove(constants)
        with open(constants, "w", encoding="utf-8") as f:
            f.write(text.replace('"https://huggingface.co"', repr(url)))
        self.own_endpoint = True

    def write(self, path, text):
        path = os.path.join(self.home, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, 0o600)

    def login(self, text):
        self.write(".cache/huggingface/token", text)

    def ask(self, hub, what):
        env = self.env if self.own_endpoint else dict(self.env, HF_ENDPOINT=hub.endpoint)
        env = dict(env, PYTHONPATH=self.path, PYTHONDONTWRITEBYTECODE="1")
        done = subprocess.run(
            [sys.executable, "-c", CLIENT, *what.split()], env=env, cwd=self.home, capture_output=True, text=True, timeout=120
        )
        assert done.stdout.strip(), done.stderr
        return done.stdout.strip().splitlines()[-1]

    def hflint(self, binary, *args, given=None):
        """As the shell's function calls it; the variables do what the directives say."""
        path = os.path.join(self.home, "..", "directives")
        with open(path, "w+b") as f:
            env = dict(self.env, HFLINT_FD=str(f.fileno()))
            done = subprocess.run(
                [binary, *args], env=env, cwd=self.home, capture_output=True, text=True, pass_fds=[f.fileno()], timeout=60, input=given
            )
            f.seek(0)
            records = f.read().decode().split("\n")[1:-1]
        for operation, name, value in zip(records[::3], records[1::3], records[2::3]):
            if operation == "x":
                self.kept = {**getattr(self, "kept", {}), name: self.env.pop(name)}
            elif operation == "t":
                with open(value, encoding="utf-8") as given_file:
                    self.env[name] = given_file.read()
            elif operation == "b":
                self.env[name] = self.kept.pop(name)
            else:
                raise AssertionError(operation)
        for secret in (ALICE, BOB, REVOKED):
            assert secret not in done.stdout + done.stderr, done
        return done

    def files(self):
        """What a fix may touch: what the client makes while it is asked is its own affair."""
        out = {}
        for root, dirs, names in os.walk(self.home):
            dirs[:] = [d for d in dirs if d not in (".venv", "hflint", "hub", "xet")]
            for name in names:
                path = os.path.join(root, name)
                info = os.lstat(path)
                with open(path, "rb") as f:
                    out[path] = (f.read(), stat.S_IMODE(info.st_mode), info.st_mtime_ns)
        return out


STATES = []


def state(rule, before, after, what="whoami", releases=None, fix=None, given=None, fresh=False):
    """`before` and `after` the fix the client says this; `fix`: not the one of the finding, or `LINE`: the line that it
    names; `given`: on its standard input; `fresh`: the client changes the machine when it is asked, so that the fix is
    for one that was not asked."""

    def add(make):
        STATES.append((make.__name__, rule, before, after, what, releases, fix, given, fresh, make))
        return make

    return add


OLD = ("0.",)
OLDEST = ("0.17",)
LINE = "line"
ANONYMOUS = ("401", "LocalTokenNotFoundError")


@state("HF101", "401", "alice")
def a_dead_variable_hides_a_good_login(p):
    p.env[p.variable] = REVOKED
    p.login(ALICE)


@state("HF101", "401", "alice")
def and_it_stands_in_a_start_up_file(p):
    p.env[p.variable] = REVOKED
    p.login(ALICE)
    p.write(".bashrc", f"alias l=ls\nexport HF_TOKEN={REVOKED}\n")


@state("HF203", "401", "alice")
def a_token_file_in_quotes(p):
    p.login(f'"{ALICE}"\n')


@state("HF109", "401", "alice", releases=OLD)
def a_netrc_entry_in_place_of_the_token(p):
    p.login(ALICE)
    p.write(".netrc", f"machine example.com login x password y\ndefault\n  login alice\n  password {REVOKED}\n")


@state("HF202", "401", "alice")
def a_placeholder_in_the_variable(p):
    p.env[p.variable] = "hf_your_token_here"
    p.login(ALICE)


@state("HF204", "401", "alice")
def a_token_of_an_organization(p):
    p.env[p.variable] = "api_org_" + "z" * 34
    p.login(ALICE)


@state("HF205", "401", "acme/open", what="acme/open")
def a_browser_login_that_has_ended(p):
    p.login(REVOKED)
    p.write(".cache/huggingface/stored_tokens", f"[oauth-alice]\nhf_token = {REVOKED}\nexpires_at = 1700000000\n")


@state("HF306", "401", "alice")
def a_token_of_whatever_directory(p):
    p.env["HF_HOME"] = ""
    p.write("token", REVOKED)
    p.login(ALICE)


@state("HF301", "IsADirectoryError", "acme/open", what="acme/open")
def a_directory_in_place_of_the_token(p):
    os.makedirs(os.path.join(p.home, ".cache/huggingface/token"))


@state("HF105", "401", "acme/open", what="acme/open", releases=OLDEST, fresh=True)
def a_file_of_the_oldest_releases_that_0_17_copies(p):
    p.write(".huggingface/token", REVOKED)


@state("HF102", "401", "alice", releases=OLDEST, fix=LINE)
def a_good_token_in_a_name_that_comes_too_late_for_0_17(p):
    p.env["HF_TOKEN"] = ALICE
    p.env["HUGGING_FACE_HUB_TOKEN"] = REVOKED


@state("HF111", "401", "alice", what="whoami dotenv")
def a_shell_that_defeats_the_dotenv(p):
    p.env[p.variable] = REVOKED
    p.write(".env", f"{p.variable}={ALICE}\n")


@state("HF201", ANONYMOUS, "alice", what="whoami dotenv")
def an_empty_variable_before_the_dotenv(p):
    p.env[p.variable] = ""
    p.write(".env", f"{p.variable}={ALICE}\n")


@state("HF502", ANONYMOUS, "alice")
def a_home_that_nobody_expands(p):
    p.env["HF_HOME"] = "$NOWHERE/huggingface"
    p.login(ALICE)


@state("HF305", "401", "alice")
def an_endpoint_that_does_not_know_the_token(p):
    p.default_endpoint(p.hub.endpoint)
    # The way to this machine, in a form that is none of the names of loopback.
    p.env["HF_ENDPOINT"] = p.other.endpoint.replace("127.0.0.1", "127.1")
    p.login(ALICE)


@state("HF508", ("MissingSchema", "UnsupportedProtocol", "ValueError", "RuntimeError"), "alice")
def an_endpoint_that_is_none(p):
    p.default_endpoint(p.hub.endpoint)
    p.env["HF_ENDPOINT"] = "$HUB_URL"
    p.login(ALICE)


@state("rotate", "401", "alice", fix="fix --rotate", given=ALICE)
def a_dead_token_that_is_rotated(p):
    p.env[p.variable] = REVOKED
    p.login(REVOKED)
    p.write(".cache/huggingface/stored_tokens", f"[work]\nhf_token = {REVOKED}\n[home]\nhf_token = {BOB}\n")
    p.write(".bashrc", f"export {p.variable}='{REVOKED}'\n")


@state("rotate", "401", "alice", fix="fix --rotate", given=ALICE)
def a_dead_login_of_the_browser_that_is_rotated(p):
    p.login(REVOKED)
    section = f"hf_token = {REVOKED}\nrefresh_token = {'x' * 40}\nexpires_at = 4000000000\n"
    p.write(".cache/huggingface/stored_tokens", f"[oauth-alice]\n{section}")


def run(binary, versions, release, hub, other, state):
    name, rule, before, after, what, _, fix, given, fresh, make = state
    with tempfile.TemporaryDirectory(prefix="hflint-hub-") as base:
        before = before if isinstance(before, tuple) else (before,)

        def made(place):
            p = Person(os.path.join(base, place), versions, release)
            p.hub, p.other = hub, other
            make(p)
            return p

        p = made("1")
        answer = p.ask(hub, what)
        assert answer in before, f"before: {answer}, not {before}"
        if fresh:
            p = made("2")
        files, env = p.files(), dict(p.env)
        found = json.loads(p.hflint(binary, "check", "--format", "json").stdout)["findings"]
        if fix == LINE:
            (line,) = {f["help"] for f in found if f["code"] == rule}
            shell = subprocess.run(["/bin/sh", "-c", f"{line}\nexec env -0"], env=p.env, capture_output=True, text=True, timeout=60)
            assert shell.returncode == 0, shell
            set_now = dict(pair.split("=", 1) for pair in shell.stdout.split("\0")[:-1])
            p.env = {name: value for name, value in set_now.items() if name not in ("PWD", "OLDPWD", "SHLVL", "_")}
            assert p.env != env, f"`{line}` changed nothing"
            answer = p.ask(hub, what)
            assert answer == after, f"after `{line}`: {answer}, not {after}"
            left = json.loads(p.hflint(binary, "check", "--format", "json").stdout)["findings"]
            assert rule not in [f["code"] for f in left], f"{rule} is still found"
            return f"{rule} {before[0]} -> {after} by `{line}`"
        fixes = [f["fix"]["command"] for f in found if f["code"] == rule and f["fix"]]
        fixes = [f"hflint {fix}"] if fix else fixes
        assert fixes, f"no fix for {rule} among {[f['code'] for f in found]}"
        done = p.hflint(binary, *fixes[0].split()[1:], "--yes", given=given)
        assert done.returncode == 0, done
        answer = p.ask(hub, what)
        assert answer == after, f"after `{fixes[0]}`: {answer}, not {after}; {done.stdout}{done.stderr}"
        done = p.hflint(binary, "undo")
        assert done.returncode == 0, done
        assert (p.files(), p.env) == (files, env), "not as it was"
        answer = p.ask(hub, what)
        assert answer in before, f"after undo: {answer}, not {before}"
    return f"{rule} {answer} -> {after} by `{fixes[0]}`"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("--versions-dir", required=True)
    parser.add_argument("releases", nargs="*", default=["0.17.3", "0.36.2", "2.4.0"])
    options = parser.parse_args()
    failed = count = 0
    with FakeHub(max_seconds=1800) as hub, FakeHub({"tokens": {ALICE: None}}, max_seconds=1800) as other:
        for release in options.releases:
            if not os.path.isdir(os.path.join(options.versions_dir, release)):
                sys.exit(f"{options.versions_dir} has no {release}: tests/parity/versions.py installs it")
            for state in STATES:
                only = state[5]
                if only and not release.startswith(only):
                    continue
                count += 1
                try:
                    said = run(os.path.abspath(options.binary), os.path.abspath(options.versions_dir), release, hub, other, state)
                    print(f"ok   {release:8} {state[0]}: {said}", flush=True)
                except AssertionError as e:
                    failed += 1
                    print(f"FAIL {release:8} {state[0]}: {e}", flush=True)
    print(f"{count - failed} of {count} states cured by the fix that hflint offers, and undone")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
