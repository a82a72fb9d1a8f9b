"""Which variables each release of tqdm takes, and what hflint says of them.

    tqdm_releases.py --versions-dir DIR --binary hflint

Installs into DIR a release of tqdm on each side of every change of behaviour, and the newest. Every parameter of its bar
is given every value by its variable, once in a fresh import of tqdm and once in a virtual environment that hflint looks
at, where that release stands beside huggingface_hub.
"""
import argparse
import inspect
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import versions

TQDM = ["4.65.2", "4.66.0", "4.66.1", "4.70.1"]
HUB = "2.4.0"
VALUES = ["x", "", "0", "-1", "1.5", "1,5", "nan", "1e3", "0x10", "1_000", " 7 ", "True", "None", "٣", "1\udcff"]
# Beside the parameters as they stand in the signature, none of which may be missing in one of the releases.
MORE = ["POSITION", "Position", "no_such", ""]


def took(given):
    """What became of an import of tqdm with these variables, in a fork: None, or the class of its error."""
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        error = ""
        for name, value in given.items():
            os.environ[name] = value
        try:
            import tqdm.auto  # noqa: F401
        except BaseException as e:
            error = type(e).__name__
        os.write(w, error.encode())
        os._exit(0)
    os.close(w)
    with os.fdopen(r) as h:
        error = h.read()
    os.waitpid(pid, 0)
    return error or None


def parameters():
    """The names of the bar's parameters, asked in a fork, which forgets the import."""
    r, w = os.pipe()
    if os.fork() == 0:
        import tqdm
        os.write(w, "\n".join(inspect.signature(tqdm.tqdm.__init__).parameters).encode())
        os._exit(0)
    os.close(w)
    with os.fdopen(r) as h:
        names = h.read().split("\n")
    os.wait()
    return [n for n in names if n not in ("self", "kwargs")]


def client(place):
    """The answers of the tqdm in `place`, one per line of standard output: this process is that client."""
    sys.path.insert(0, place)
    import warnings
    warnings.simplefilter("ignore")
    out = []
    for name in parameters() + MORE:
        for value in VALUES:
            out.append([{"TQDM_" + name: value}, took({"TQDM_" + name: value})])
    # Of two spellings of one parameter the later one in the environment counts.
    for given in ({"TQDM_position": "x", "TQDM_POSITION": "1"}, {"TQDM_position": "1", "TQDM_POSITION": "x"}):
        out.append([given, took(given)])
    json.dump(out, sys.stdout)


def environment(root, versions_dir, place):
    """A virtual environment in which huggingface_hub stands beside that tqdm."""
    packages = os.path.join(root, ".venv", "lib", "python3.11", "site-packages")
    os.makedirs(packages)
    os.makedirs(os.path.join(root, ".venv", "bin"))
    os.symlink(sys.executable, os.path.join(root, ".venv", "bin", "python3"))
    with open(os.path.join(root, ".venv", "pyvenv.cfg"), "w") as h:
        h.write("home = /usr/bin\nversion = 3.11.7\n")
    for source in (os.path.join(versions_dir, HUB), place):
        for entry in os.listdir(source):
            if not os.path.lexists(os.path.join(packages, entry)):
                os.symlink(os.path.join(source, entry), os.path.join(packages, entry))
    return os.path.join(root, ".venv")


def ask(binary, root, given):
    env = {"HOME": root, "PATH": os.path.join(root, ".venv", "bin"), "VIRTUAL_ENV": os.path.join(root, ".venv"), **given}
    run = subprocess.run([binary, "status", "--format", "json"], env=env, cwd=root, capture_output=True, check=True)
    error, = [c["error"] for c in json.loads(run.stdout)["clients"] if c["client_version"] == HUB]
    return error


def main():
    if sys.argv[1:2] == ["client"]:
        return client(sys.argv[2])
    args = argparse.ArgumentParser()
    args.add_argument("--versions-dir", required=True)
    args.add_argument("--binary", required=True)
    args = args.parse_args()
    versions_dir, binary = os.path.abspath(args.versions_dir), os.path.abspath(args.binary)
    versions.install(versions_dir, [HUB])
    asked = wrong = refused = 0
    for release in TQDM:
        place = os.path.join(versions_dir, "_tqdm-" + release)
        versions.place(place, "--no-deps", "tqdm==" + release)
        run = subprocess.run([sys.executable, __file__, "client", place], capture_output=True, check=True)
        answers = json.loads(run.stdout)
        with tempfile.TemporaryDirectory() as root, ThreadPoolExecutor(2) as pool:
            environment(root, versions_dir, place)
            said = pool.map(lambda a: ask(binary, root, a[0]), answers)
            for (given, real), ours in zip(answers, said):
                asked += 1
                refused += real is not None
                if ours != real:
                    wrong += 1
                    print("tqdm %s, %s: %s, and hflint says %s" % (release, given, real or "is imported", ours or "is imported"))
    print("tqdm: %d releases, %d answers, %d of them an error, %d disagree" % (len(TQDM), asked, refused, wrong))
    return wrong > 0 or refused == 0


if __name__ == "__main__":
    sys.exit(main())
