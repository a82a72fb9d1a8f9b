#!/usr/bin/env python3
"""Real releases of huggingface_hub and stale caches: each state made for real, named, healed, and undone.

    tests/hub/caches.py --binary target/…/hflint --versions-dir DIR [--transformers DIR] [RELEASE ...]

For each state: the client fails as said, `hflint check --deep` names the rule, `hflint fix --clear --yes` heals it, the
client succeeds, and in a copy of the healed home `hflint undo` brings everything back byte for byte. Then what does no
harm, and caches in order: nothing above info. With --transformers (a directory of `pip install --target`) its AutoConfig
is a client as well. Nothing leaves this machine: the hub listens on loopback, and dies with this program.
"""

import argparse
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from fakehub import FakeHub, fake_token  # noqa: E402

ALICE, BOB, REVOKED = fake_token("a"), fake_token("b"), fake_token("r")
TAG = "%d.%d" % sys.version_info[:2]
OPEN, GATED = "acme/open", "acme/gated"

CLIENT = """
import hashlib, os, sys
import huggingface_hub as h
what, repo, *rest = sys.argv[1:]
try:
    if what == "snapshot":
        path = h.snapshot_download(repo, **dict(r.split("=", 1) for r in rest))
    elif what == "offline":
        path = h.snapshot_download(repo, local_files_only=True)
    elif what == "transformers":
        from transformers import AutoConfig
        print("config", AutoConfig.from_pretrained(repo).model_type)
        sys.exit()
    elif what == "listed":
        found = [r for r in h.scan_cache_dir().repos if r.repo_id == repo]
        print("listed" if found else "failed: not listed")
        sys.exit()
    else:
        path = h.hf_hub_download(repo, what, **dict(r.split("=", 1) for r in rest))
    if os.path.isdir(path):
        names = sorted(n for _, _, ns in os.walk(path) for n in ns)
        good = [n for n in names if n in ("config.json", "model.safetensors", "README.md")]
        text = b"".join(open(os.path.join(d, n), "rb").read() for d, _, ns in sorted(os.walk(path)) for n in sorted(ns) if n in good and os.path.exists(os.path.join(d, n)))
        print("folder", os.path.basename(path.rstrip("/"))[:9], len(names), hashlib.sha256(text).hexdigest()[:12] if names else "empty")
    else:
        print("file", hashlib.sha256(open(path, "rb").read()).hexdigest()[:12])
except Exception as e:
    print("failed", type(e).__name__)
"""


class Person:
    def __init__(self, base, packages, deps, release):
        self.home = os.path.join(base, "home")
        self.release = tuple(int(n) for n in release.split(".")[:2])
        site = f"{self.home}/.venv/lib/python{TAG}/site-packages"
        os.makedirs(site)
        with open(f"{self.home}/.venv/pyvenv.cfg", "w", encoding="utf-8") as f:
            f.write("home = /usr/bin\nversion = %s.0\n" % TAG)
        for name in os.listdir(packages):
            os.symlink(os.path.join(packages, name), os.path.join(site, name))
        self.path = site + ":" + deps
        self.hub = f"{self.home}/.cache/huggingface/hub"

    def env(self, **more):
        base = {"HOME": self.home, "PATH": "/usr/bin:/bin", "VIRTUAL_ENV": f"{self.home}/.venv"}
        return {**base, "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_TELEMETRY": "1", **more}

    def start(self, hub, *args, token=ALICE):
        env = self.env(HF_ENDPOINT=hub.endpoint, PYTHONPATH=self.path, PYTHONDONTWRITEBYTECODE="1", HF_TOKEN=token)
        if args[0] == "offline" or "offline" in args[2:]:
            env["HF_HUB_OFFLINE"] = "1"
            args = [a for a in args[:1]] + [a for a in args[1:] if a != "offline"]
        return subprocess.Popen([sys.executable, "-c", CLIENT, *args], env=env, cwd=self.home,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def ask(self, hub, *args, token=ALICE):
        out, err = self.start(hub, *args, token=token).communicate(timeout=120)
        assert out.strip(), err
        return out.strip().splitlines()[-1]

    def hflint(self, binary, *args, home=None):
        env = self.env()
        env["HOME"] = home or self.home
        env["VIRTUAL_ENV"] = f"{env['HOME']}/.venv"
        done = subprocess.run([binary, *args], env=env, cwd=env["HOME"], capture_output=True, text=True, timeout=60)
        assert "hf_" + "a" * 8 not in done.stdout + done.stderr
        return done

    def found(self, binary, home=None):
        done = self.hflint(binary, "check", "--deep", "--format", "json", home=home)
        return [(f["code"], f["severity"]) for f in json.loads(done.stdout)["findings"] if f["code"].startswith("HF4")]

    def one(self, pattern, repo=OPEN):
        found = sorted(glob.glob(f"{self.hub}/models--{repo.replace('/', '--')}/{pattern}", include_hidden=True))
        assert found, pattern
        return found[0]

    def files(self, home=None):
        out = {}
        root = (home or self.home) + "/.cache"
        for at, dirs, names in os.walk(root):
            for name in dirs + names:
                path = os.path.join(at, name)
                if os.path.islink(path):
                    out[os.path.relpath(path, root)] = os.readlink(path)
                elif os.path.isfile(path):
                    with open(path, "rb") as f:
                        out[os.path.relpath(path, root)] = (f.read(), os.lstat(path).st_mode)
                else:
                    out[os.path.relpath(path, root)] = "directory"
        return out


STATES = []


def state(rule, before, after, bad, releases=lambda r: True, client="huggingface_hub", words=()):
    """`before` and `after`: what is asked; `bad`: whether an answer is the fault; `words`: what `fix --clear` is told."""

    def add(make):
        STATES.append((make.__name__, rule, before, after, bad, releases, client, words, make))
        return make

    return add


def failed(answer):
    return answer.startswith("failed")


def empty(answer):
    return answer.startswith("folder") and answer.endswith(" 0 empty")


@state("HF401", ("offline", GATED), ("offline", GATED), failed)
def s2_the_repository_moved_and_bob_is_refused(p, hub):
    p.ask(hub, "snapshot", GATED)
    hub.patch({"repos": {GATED: {"head": "B"}}})
    assert failed(p.ask(hub, "snapshot", GATED, token=BOB))


@state("HF401", ("offline", OPEN), ("offline", OPEN), failed)
def s3c_an_optional_file_was_asked_for_after_the_move(p, hub):
    p.ask(hub, "snapshot", OPEN)
    hub.patch({"repos": {OPEN: {"head": "B"}}})
    assert failed(p.ask(hub, "adapter_config.json", OPEN))


def kill(p, hub):
    """Kills the client while the server keeps the body of the large file back."""
    hub.patch({"faults": [{"match": "GET /_cdn/", "times": 1, "cut": 1000, "stall": 30}]})
    process = p.start(hub, "model.safetensors", OPEN)
    # A busy machine takes long to import the client.
    for _ in range(600):
        time.sleep(0.1)
        if glob.glob(f"{p.hub}/models--acme--open/blobs/*.incomplete"):
            break
    time.sleep(0.3)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    hub.patch({"faults": []})


@state("HF403", ("offline", OPEN), ("snapshot", OPEN), empty)
def s6_killed_before_the_first_file(p, hub):
    kill(p, hub)
    # 0.23 and 0.36 make the folder of the snapshot before the download, 2.4 with the first file.
    commit = open(p.one("refs/main"), encoding="utf-8").read()
    os.makedirs(f"{p.hub}/models--acme--open/snapshots/{commit}", exist_ok=True)


@state("HF401", ("model.safetensors", OPEN, "offline"), ("model.safetensors", OPEN, "offline"), failed)
def s2_the_repository_moved_twice_and_a_part_of_one_is_here(p, hub):
    """The newer snapshot has one file of two: the whole one is what was lost."""
    p.ask(hub, "snapshot", OPEN)
    hub.patch({"repos": {OPEN: {"head": "B"}}})
    p.ask(hub, "config.json", OPEN)
    hub.patch({"repos": {OPEN: {"head": "C", "gated": "manual", "commits": {"C": {"config.json": "{}"}}}}})
    assert failed(p.ask(hub, "snapshot", OPEN, token=BOB))
    assert len(glob.glob(f"{p.hub}/models--acme--open/snapshots/*/config.json")) == 2


def looked_into(folder):
    """What file managers leave."""
    for name in (".DS_Store", "Thumbs.db", "desktop.ini"):
        with open(os.path.join(folder, name), "wb") as f:
            f.write(b"\0\1\2\3")


@state("HF403", ("offline", OPEN), ("snapshot", OPEN), lambda a: a.startswith("folder") and " 3 " in a)
def s6_somebody_looked_into_the_empty_folder(p, hub):
    """Clients take for the model what a file manager left."""
    s6_killed_before_the_first_file(p, hub)
    looked_into(p.one("snapshots/*"))


def a_wrong_404(p, hub):
    hub.patch({"faults": [{"match": "HEAD .*config.json", "times": 1, "status": 404, "headers": {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": hub.sha(OPEN, "A")}}]})
    p.ask(hub, "config.json", OPEN)
    hub.patch({"faults": []})
    p.ask(hub, "snapshot", OPEN)
    assert glob.glob(f"{p.hub}/models--acme--open/.no_exist/*/config.json"), "no marker"


@state("HF404", None, None, None)
def s3d_a_wrong_404(p, hub):
    """huggingface_hub itself gets over it; transformers does not, below."""
    a_wrong_404(p, hub)


@state("HF404", ("transformers", OPEN), ("transformers", OPEN), failed, client="transformers")
def s3d_a_wrong_404_and_transformers(p, hub):
    a_wrong_404(p, hub)


@state("HF404", ("transformers", OPEN, "offline"), ("transformers", OPEN, "offline"), failed, client="transformers")
def s3d_a_wrong_404_and_transformers_offline(p, hub):
    a_wrong_404(p, hub)


@state("HF401", ("transformers", GATED, "offline"), ("transformers", GATED, "offline"), failed, client="transformers")
def s2_the_repository_moved_and_transformers(p, hub):
    p.ask(hub, "snapshot", GATED)
    hub.patch({"repos": {GATED: {"head": "B"}}})
    assert failed(p.ask(hub, "snapshot", GATED, token=BOB))


OLD = ((0, 19), (1, 18))


def resumes(release):
    return OLD[0] <= release < OLD[1]


GOOD = {}


def foreign(p, hub, length):
    p.ask(hub, "model.safetensors", OPEN)
    blob = os.path.realpath(p.one("snapshots/*/model.safetensors"))
    GOOD["model"] = p.ask(hub, "model.safetensors", OPEN)
    etag = os.path.basename(blob)
    shutil.rmtree(f"{p.hub}/models--acme--open")
    os.makedirs(f"{p.hub}/models--acme--open/blobs")
    with open(f"{p.hub}/models--acme--open/blobs/{etag}.incomplete", "wb") as f:
        f.write(b"x" * length)


def wrong(answer):
    return answer != GOOD["model"]


@state("HF405", ("model.safetensors", OPEN), ("model.safetensors", OPEN), wrong, releases=resumes)
def s4b_foreign_bytes_at_the_beginning(p, hub):
    foreign(p, hub, 1000)


@state("HF405", ("model.safetensors", OPEN), ("model.safetensors", OPEN), wrong, releases=resumes)
def s4c_as_many_bytes_as_the_file_has(p, hub):
    """0.36 takes them for the file; 0.23 gets a 416 for ever."""
    foreign(p, hub, 200000)


@state("HF405", ("model.safetensors", OPEN), ("model.safetensors", OPEN), wrong, releases=resumes)
def s4d_more_bytes_than_the_file_has(p, hub):
    foreign(p, hub, 300000)


@state("HF407", ("listed", OPEN), ("listed", OPEN), failed)
def s7_a_blob_was_deleted(p, hub):
    """The whole repository vanishes from the lists of the official tools."""
    p.ask(hub, "snapshot", OPEN)
    os.remove(os.path.realpath(p.one("snapshots/*/model.safetensors")))


@state("HF409", ("snapshot", OPEN), ("snapshot", OPEN), lambda a: a != GOOD["folder"], releases=lambda r: r >= (1, 22))
def s8_a_blob_was_cut_off(p, hub):
    GOOD["folder"] = p.ask(hub, "snapshot", OPEN)
    with open(os.path.realpath(p.one("snapshots/*/model.safetensors")), "r+b") as f:
        f.truncate(10)


@state("HF409", ("snapshot", OPEN), ("snapshot", OPEN), lambda a: a != GOOD["folder"], releases=lambda r: r >= (1, 22))
def s8_a_copy_of_the_cache_broke_off(p, hub):
    """Clients find the name of the blob, and make a link to what there is of it."""
    GOOD["folder"] = p.ask(hub, "snapshot", OPEN)
    with open(os.path.realpath(p.one("snapshots/*/model.safetensors")), "r+b") as f:
        f.truncate(10)
    shutil.rmtree(f"{p.hub}/models--acme--open/snapshots")


@state("HF402", ("offline", OPEN), ("offline", OPEN), failed)
def s9_a_ref_with_a_line_break(p, hub):
    p.ask(hub, "snapshot", OPEN)
    with open(p.one("refs/main"), "a", encoding="utf-8") as f:
        f.write("\n")


@state("HF402", ("offline", OPEN), ("offline", OPEN), lambda a: failed(a) or a.startswith("folder snapshots"))
def s9_an_empty_ref(p, hub):
    p.ask(hub, "snapshot", OPEN)
    open(p.one("refs/main"), "w", encoding="utf-8").close()


@state("HF402", ("offline", OPEN), ("offline", OPEN), failed)
def s9_a_directory_in_the_place_of_main(p, hub):
    """0.23.5 and 0.36.2 raise IsADirectoryError online, too."""
    p.ask(hub, "snapshot", OPEN)
    commit = open(p.one("refs/main"), encoding="utf-8").read()
    os.remove(p.one("refs/main"))
    os.mkdir(f"{p.hub}/models--acme--open/refs/main")
    with open(f"{p.hub}/models--acme--open/refs/main/x", "w", encoding="utf-8") as f:
        f.write(commit)


@state("HF402", ("listed", OPEN), ("listed", OPEN), lambda a: a != "listed")
def s9_a_link_to_nothing(p, hub):
    """scan_cache_dir fails for the whole cache."""
    p.ask(hub, "snapshot", OPEN)
    os.remove(p.one("refs/main"))
    os.symlink("gone", f"{p.hub}/models--acme--open/refs/main")


@state("HF401", ("offline", OPEN), ("offline", OPEN), failed)
def s10_the_refs_were_deleted(p, hub):
    p.ask(hub, "snapshot", OPEN)
    os.remove(p.one("refs/main"))


@state("HF401", ("config.json", OPEN, "offline"), ("config.json", OPEN, "offline"), failed, words=["HF401"])
def s10_the_folder_of_the_refs_is_gone(p, hub):
    """As after a download by the commit alone: healed where the rule is named."""
    p.ask(hub, "snapshot", OPEN)
    shutil.rmtree(f"{p.hub}/models--acme--open/refs")


def replaced_by_a_file(p, part):
    shutil.rmtree(f"{p.hub}/models--acme--open/{part}")
    with open(f"{p.hub}/models--acme--open/{part}", "w", encoding="utf-8") as f:
        f.write("x")


@state("HF411", ("snapshot", OPEN), ("snapshot", OPEN), failed)
def s11_a_file_where_the_snapshots_should_be(p, hub):
    p.ask(hub, "snapshot", OPEN)
    replaced_by_a_file(p, "snapshots")


@state("HF411", ("snapshot", OPEN, "revision=main"), ("snapshot", OPEN, "revision=main"), failed)
def s11_a_file_where_the_blobs_should_be(p, hub):
    """Once the links that lead nowhere are followed, the download fails with FileExistsError."""
    p.ask(hub, "snapshot", OPEN)
    replaced_by_a_file(p, "blobs")


@state("HF411", ("snapshot", OPEN), ("snapshot", OPEN), failed)
def s11_a_file_where_the_repository_should_be(p, hub):
    os.makedirs(p.hub)
    with open(f"{p.hub}/models--acme--open", "w", encoding="utf-8") as f:
        f.write("x")


@state("HF411", ("snapshot", OPEN), ("snapshot", OPEN), failed)
def s11_a_file_where_a_snapshot_should_be(p, hub):
    p.ask(hub, "snapshot", OPEN)
    replaced_by_a_file(p, f"snapshots/{hub.sha(OPEN, 'A')}")


@state("HF411", ("snapshot", OPEN), ("snapshot", OPEN), failed)
def s11_a_file_where_the_locks_of_a_repository_should_be(p, hub):
    os.makedirs(f"{p.hub}/.locks")
    with open(f"{p.hub}/.locks/models--acme--open", "w", encoding="utf-8") as f:
        f.write("x")


def a_folder_instead(path):
    """As a container leaves it that was given a file which was not there."""
    if os.path.lexists(path):
        os.remove(path)
    os.makedirs(path)


@state("HF411", ("model.safetensors", OPEN), ("model.safetensors", OPEN), lambda a: not a.startswith("file"))
def s12_a_folder_where_a_blob_should_be(p, hub):
    """Clients find the name, and give the folder for the file, online as well."""
    p.ask(hub, "snapshot", OPEN)
    a_folder_instead(os.path.realpath(p.one("snapshots/*/model.safetensors")))


@state("HF411", ("model.safetensors", OPEN), ("model.safetensors", OPEN), failed)
def s12_a_folder_where_a_lock_should_be(p, hub):
    p.ask(hub, "model.safetensors", OPEN)
    etag = os.path.basename(os.path.realpath(p.one("snapshots/*/model.safetensors")))
    shutil.rmtree(f"{p.hub}/models--acme--open")
    os.makedirs(f"{p.hub}/models--acme--open")
    a_folder_instead(f"{p.hub}/.locks/models--acme--open/{etag}.lock")


@state("HF411", ("snapshot", OPEN), ("snapshot", OPEN), lambda a: a != GOOD["folder"], releases=lambda r: r >= (1, 22))
def s12_a_folder_where_a_file_should_be(p, hub):
    GOOD["folder"] = p.ask(hub, "snapshot", OPEN)
    a_folder_instead(p.one("snapshots/*/model.safetensors"))


def judge(binary, packages, deps, release, state):
    _, rule, before, after, bad, _, _, words, make = state
    with FakeHub(max_seconds=300) as hub, tempfile.TemporaryDirectory(prefix="hflint-caches-") as base:
        p = Person(base, packages, deps, release)
        make(p, hub)
        told = []
        # What is asked changes the cache: of a copy.
        shutil.copytree(p.home, base + "/before", symlinks=True)
        if bad:
            answer = p.ask(hub, *before)
            assert bad(answer), f"the client does not fail: {answer}"
            told.append(answer)
        shutil.rmtree(p.home)
        shutil.copytree(base + "/before", p.home, symlinks=True)
        files = p.files()
        found = p.found(binary)
        assert rule in [code for code, _ in found], f"{rule} is not among {found}"
        done = p.hflint(binary, "fix", "--clear", *words, "--yes")
        assert done.returncode == 0, done
        assert rule not in [code for code, _ in p.found(binary)], f"{rule} is still there"
        shutil.copytree(p.home, base + "/healed", symlinks=True)
        if after:
            answer = p.ask(hub, *after)
            assert not failed(answer) and not empty(answer), f"after the fix: {answer}; {done.stdout}"
            assert not bad or not bad(answer), f"after the fix: {answer}"
            told.append(answer)
        shutil.rmtree(p.home)
        shutil.copytree(base + "/healed", p.home, symlinks=True)
        done = p.hflint(binary, "undo")
        assert done.returncode == 0, done
        now = p.files()
        assert now == files, {k: (files.get(k), now.get(k)) for k in files.keys() | now.keys() if files.get(k) != now.get(k)}
    return f"{rule}: {' -> '.join(told)}"


HARMLESS = []


def harmless(make):
    """What a refusal or a kill leaves behind without a harm: the client goes on as if nothing were there."""
    HARMLESS.append(make)
    return make


@harmless
def s1_refused_with_an_empty_cache(p, hub):
    assert failed(p.ask(hub, "config.json", GATED, token=BOB))
    return ("config.json", GATED)


@harmless
def s1b_refused_as_a_whole(p, hub):
    assert failed(p.ask(hub, "snapshot", GATED, token=BOB))
    return ("snapshot", GATED)


@harmless
def s2b_served_from_the_cache_with_a_dead_token(p, hub):
    p.ask(hub, "snapshot", OPEN)
    hub.patch({"repos": {OPEN: {"head": "B"}}})
    p.ask(hub, "config.json", OPEN, token=REVOKED)
    return ("snapshot", OPEN)


@harmless
def s3_an_optional_file_is_not_there(p, hub):
    p.ask(hub, "snapshot", OPEN)
    assert failed(p.ask(hub, "adapter_config.json", OPEN))
    return ("offline", OPEN)


@harmless
def s5_locks_with_something_in_them(p, hub):
    p.ask(hub, "snapshot", OPEN)
    locks = glob.glob(f"{p.hub}/.locks/models--acme--open/*.lock")
    assert locks, "no locks"
    for lock in locks:
        with open(lock, "w", encoding="utf-8") as f:
            f.write("4711")
    return ("snapshot", OPEN)


@harmless
def s17_a_pinned_revision(p, hub):
    p.ask(hub, "snapshot", OPEN, "revision=" + hub.sha(OPEN, "A"))
    hub.patch({"repos": {OPEN: {"head": "B"}}})
    p.ask(hub, "snapshot", OPEN, "revision=" + hub.sha(OPEN, "A"), token=REVOKED)
    return ("snapshot", OPEN)


@harmless
def a_local_folder_of_two_people(p, hub):
    p.ask(hub, "snapshot", GATED, f"local_dir={p.home}/local")
    p.ask(hub, "config.json", GATED, f"local_dir={p.home}/local", token=BOB)
    return ("snapshot", GATED)


@harmless
def file_managers_looked_into_everything(p, hub):
    p.ask(hub, "snapshot", OPEN)
    assert failed(p.ask(hub, "adapter_config.json", OPEN))
    for at, _, _ in list(os.walk(p.hub)):
        looked_into(at)
    return ("offline", OPEN)


@harmless
def a_folder_was_asked_for_as_a_file(p, hub):
    hub.patch({"repos": {OPEN: {"commits": {"A": {"onnx/config.json": "{}"}}}}})
    assert failed(p.ask(hub, "onnx", OPEN))
    p.ask(hub, "snapshot", OPEN)
    return ("offline", OPEN)


def does_no_harm(binary, packages, deps, release, make):
    with FakeHub(max_seconds=300) as hub, tempfile.TemporaryDirectory(prefix="hflint-caches-") as base:
        p = Person(base, packages, deps, release)
        asked = make(p, hub)
        bad = [f for f in p.found(binary) if f[1] != "info"]
        assert not bad, bad
        answer = p.ask(hub, *asked)
        assert not failed(answer) and not empty(answer), answer
    return f"nothing above info; {answer}"


def healthy(binary, packages, deps, release):
    """Everything that people do: several revisions, a pinned commit, a local folder, cut off and gone on."""
    with FakeHub(max_seconds=300) as hub, tempfile.TemporaryDirectory(prefix="hflint-caches-") as base:
        p = Person(base, packages, deps, release)
        p.ask(hub, "snapshot", OPEN)
        p.ask(hub, "snapshot", GATED)
        p.ask(hub, "adapter_config.json", OPEN)
        if p.release >= (0, 23):
            p.ask(hub, "snapshot", OPEN, f"local_dir={p.home}/local")
        hub.patch({"repos": {OPEN: {"head": "B"}}})
        p.ask(hub, "snapshot", OPEN)
        p.ask(hub, "snapshot", OPEN, "revision=" + hub.sha(OPEN, "A"))
        shutil.rmtree(f"{p.hub}/models--acme--gated")
        p.ask(hub, "config.json", GATED)
        kill(p, hub)
        p.ask(hub, "snapshot", OPEN)
        assert failed(p.ask(hub, "snapshot", "alice/private", token=BOB))
        bad = [f for f in p.found(binary) if f[1] != "info"]
        assert not bad, bad
    return "nothing above info"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("--versions-dir", required=True)
    parser.add_argument("--transformers", metavar="DIR")
    parser.add_argument("--only", default="")
    parser.add_argument("releases", nargs="*", default=["0.23.5", "0.36.2", "2.4.0"])
    options = parser.parse_args()
    binary, versions = os.path.abspath(options.binary), os.path.abspath(options.versions_dir)
    wrongs = count = 0
    clients = [("huggingface_hub", r, os.path.join(versions, r), os.path.join(versions, f"_deps-{TAG}")) for r in options.releases]
    if options.transformers:
        packages = os.path.abspath(options.transformers)
        found = glob.glob(f"{packages}/huggingface_hub-*.dist-info")
        if not found or not os.path.isdir(f"{packages}/transformers"):
            sys.exit(f"{packages} has no transformers: pip install --target {packages} transformers")
        clients.append(("transformers", os.path.basename(found[0]).split("-")[1].removesuffix(".dist"), packages, packages))
    for client, release, packages, deps in clients:
        if not os.path.isdir(packages):
            sys.exit(f"{versions} has no {release}: tests/parity/versions.py installs it")
        number = tuple(int(n) for n in release.split(".")[:2])
        here = (binary, packages, deps, release)
        work = [(s[0], lambda s=s: judge(*here, s)) for s in STATES if s[5](number) and s[6] == client]
        if client == "huggingface_hub":
            work += [(make.__name__, lambda make=make: does_no_harm(*here, make)) for make in HARMLESS]
            work.append(("caches_in_order", lambda: healthy(*here)))
        for name, do in work:
            if options.only not in name:
                continue
            count += 1
            try:
                print(f"ok   {release:8} {name}: {do()}", flush=True)
            except AssertionError as e:
                wrongs += 1
                print(f"FAIL {release:8} {name}: {e}", flush=True)
    print(f"{count - wrongs} of {count} states as they should be: named, healed and brought back, or left in peace")
    sys.exit(1 if wrongs else 0)


if __name__ == "__main__":
    main()
