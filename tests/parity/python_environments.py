#!/usr/bin/env python3
"""Build random Python environments and ask the real Python which huggingface_hub it imports, for
tests/integration/python_environments.rs.

    python_environments.py SEED COUNT DIRECTORY

Each environment is built below DIRECTORY, and stays there: virtualenvs (links or copies, with or without the system's
packages; active by VIRTUAL_ENV, by PATH, or lying upward as .venv), a Python on PATH, user packages, PYTHONPATH, with
one or more stand-ins for huggingface_hub installed in the ways of the last ten years. Prints one JSON object a line:
the environment, the current directory, and what Python says.
"""
import json
import os
import random
import subprocess
import sys
import venv

sys.dont_write_bytecode = True

ASK = """
import json, os, sys
sys.path = [p for p in sys.path if p != ""]  # the current directory is in front for -c alone
try:
    import huggingface_hub as m
except ImportError:
    print("null")
else:
    at = os.path.dirname(os.path.dirname(m.__file__))
    print(json.dumps({"version": m.__version__, "at": os.path.realpath(at)}))
"""


def write(path, text=""):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)


def install(rng, site, where):
    """One stand-in, or an upgrade that left the old metadata behind."""
    version = rng.choice(["0.0.1", "0.16.4", "0.36.2", "1.0.0rc3", "2.4.0", "0.37.0.dev0", "1.2.0.post1"])
    module = "import os\n\n__version__ = %s\n" % (rng.choice(["'%s'", '"%s"']) % version)
    metadata = "Metadata-Version: 2.1\nName: huggingface-hub\nVersion: %s\n\nVersion: 9\n" % version
    kinds = ["dist-info", "dist-info", "egg-info", "egg-info-file", "bare-egg-info", "left-over"]
    if where == "site":
        kinds.append("develop")
    if where == "PYTHONPATH":
        kinds += ["source", "source"]
    kind = rng.choice(kinds)
    tag = "py%d.%d" % sys.version_info[:2]
    name = rng.choice(["huggingface_hub", "huggingface-hub", "Huggingface_Hub"])
    if kind == "develop":
        source = site.rstrip("/") + "-source"
        write(os.path.join(source, "huggingface_hub/__init__.py"), module)
        write(os.path.join(source, "huggingface_hub.egg-info/PKG-INFO"), metadata)
        write(os.path.join(site, "huggingface-hub.egg-link"), source + "\n.")
        write(os.path.join(site, "easy-install.pth"), source + "\n")
        return
    write(os.path.join(site, "huggingface_hub/__init__.py"), module)
    if kind == "dist-info":
        write(os.path.join(site, "%s-%s.dist-info/METADATA" % (name, version)), metadata)
    elif kind == "left-over":
        write(os.path.join(site, "%s-%s.dist-info/METADATA" % (name, version)), metadata)
        write(os.path.join(site, "huggingface_hub-0.9.1.dist-info/METADATA"), metadata.replace(version, "0.9.1"))
    elif kind == "egg-info":
        write(os.path.join(site, "%s-%s-%s.egg-info/PKG-INFO" % (name, version, tag)), metadata)
    elif kind == "egg-info-file":
        write(os.path.join(site, "%s-%s-%s.egg-info" % (name, version, tag)), metadata)
    elif kind == "bare-egg-info":
        write(os.path.join(site, "huggingface_hub.egg-info/PKG-INFO"), metadata)
    # What looks alike and is not it.
    if rng.random() < 0.5:
        write(os.path.join(site, "huggingface_hub_extra-7.0.0.dist-info/METADATA"), "Version: 7.0.0\n")
        write(os.path.join(site, "~uggingface_hub-0.1.0.dist-info/METADATA"), "Version: 0.1.0\n")


def scenario(rng, root):
    # Two links away from the base, as on many machines.
    base = os.path.realpath(sys.executable)
    home = os.path.join(root, "home")
    cwd = os.path.join(home, "work/deep/er")
    os.makedirs(cwd)
    tools = os.path.join(root, "bin")
    os.makedirs(tools)
    os.symlink(base, os.path.join(tools, "python3"))
    env = {"HOME": home, "PATH": tools}
    library = "python%d.%d" % sys.version_info[:2]

    kind = rng.choice(["active", "path", "upward", "stale", "none"])
    python = os.path.join(tools, "python3")
    if kind in ("active", "path", "upward"):
        prefix = os.path.join(home, "work/.venv" if kind == "upward" else "envs/one")
        system = rng.random() < 0.5
        venv.EnvBuilder(system_site_packages=system, symlinks=rng.random() < 0.7, with_pip=False).create(prefix)
        if rng.random() < 0.2:
            # As uv and virtualenv write it.
            config = os.path.join(prefix, "pyvenv.cfg")
            with open(config) as f:
                text = f.read().replace("version = ", "version_info = ").replace("include", "Include")
            write(config, text)
        python = os.path.join(prefix, "bin/python3")
        if kind == "active":
            env["VIRTUAL_ENV"] = prefix
        if kind == "path" or (kind == "active" and rng.random() < 0.8):
            env["PATH"] = os.path.join(prefix, "bin") + ":" + env["PATH"]
        if rng.random() < 0.6:
            install(rng, os.path.join(prefix, "lib", library, "site-packages"), "site")
    elif kind == "stale":
        env["VIRTUAL_ENV"] = os.path.join(home, "envs/gone")
    if rng.random() < 0.2:
        env["PATH"] = os.path.join(root, "nothing") + "::" + env["PATH"]

    user = os.path.join(home, ".local")
    if rng.random() < 0.2:
        user = os.path.join(root, "base")
        env["PYTHONUSERBASE"] = user
    if rng.random() < 0.5:
        install(rng, os.path.join(user, "lib", library, "site-packages"), "user")
    if rng.random() < 0.2:
        env["PYTHONNOUSERSITE"] = rng.choice(["1", "0", "", "yes", "-1", " 0"])
    if rng.random() < 0.3:
        first, second = os.path.join(cwd, "src"), os.path.join(root, "vendor")
        env["PYTHONPATH"] = rng.choice(["src:" + second, first, second + ":/nowhere", ""])
        if rng.random() < 0.5:
            install(rng, first, "PYTHONPATH")
        if rng.random() < 0.5:
            install(rng, second, "PYTHONPATH")

    said = subprocess.run([python, "-B", "-c", ASK], cwd=cwd, env=env, capture_output=True, text=True, timeout=60)
    assert said.returncode == 0, said.stderr
    return {"kind": kind, "env": env, "cwd": cwd, "says": json.loads(said.stdout)}


def main():
    seed, count, directory = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    rng = random.Random(seed)
    for number in range(count):
        print(json.dumps(scenario(rng, os.path.join(directory, str(number)))), flush=True)


if __name__ == "__main__":
    main()
