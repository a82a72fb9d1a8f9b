"""Which huggingface_hub releases there are, where their behaviour changes, and how to install them.

    versions.py install DIR                  the boundary releases
    versions.py install DIR all              every release in released.txt
    versions.py install DIR 0.36.2 2.4.0     these
    versions.py refresh                      rewrite released.txt from the package index

Gives DIR/VERSION/huggingface_hub, and the shared dependencies in DIR/_deps-PYTHON. What is there
already is left alone, so it can be run again after a failure.
"""
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
RELEASED = os.path.join(HERE, "released.txt")

# One release on each side of every change of behaviour, and the oldest and newest.
BOUNDARIES = """
0.0.1 0.0.12 0.5.1 0.6.0 0.7.0 0.8.1 0.9.1 0.10.0 0.11.1 0.12.0 0.12.1 0.13.0 0.14.1 0.15.0 0.16.4
0.17.0 0.18.0 0.19.0 0.19.4 0.20.0 0.22.2 0.23.0 0.25.2 0.26.0 0.27.1 0.28.0 0.28.1 0.29.0 0.29.3
0.30.0 0.36.2 1.0.0 1.17.0 1.18.0 1.19.0 1.20.0 1.33.0 2.0.0 2.1.1 2.2.0 2.4.0
""".split()

# Three HTTP stacks: requests (before 1.0), httpx (1.x), httpx2 (2.x).
DEPS = ["requests", "filelock>=3.10", "tqdm", "pyyaml", "typing-extensions", "packaging", "fsspec",
        "ruamel.yaml==0.17.16", "importlib-metadata", "setuptools", "httpx<1", "httpx2<3", "click>=8.4.2,<9",
        "typer<0.26", "shellingham", "hf-xet"]


def key(version):
    """Order of releases; a pre-release (1.20.0rc0) comes before its release."""
    m = re.fullmatch(r"(\d+)\.(\d+)(?:\.(\d+))?(?:rc(\d+))?", version)
    if not m:
        raise ValueError("not a release: " + version)
    major, minor, patch, rc = m.groups()
    return int(major), int(minor), int(patch or 0), float("inf") if rc is None else int(rc)


def released(pre=False):
    with open(RELEASED) as h:
        out = [line.strip() for line in h if line.strip() and not line.startswith("#")]
    return [v for v in out if pre or "rc" not in v]


def installed(cfg):
    """The releases in cfg.versions_dir, oldest first; cfg.versions narrows them."""
    found = [d for d in os.listdir(cfg.versions_dir)
             if d[0].isdigit() and not d.endswith(".tmp") and os.path.isdir(os.path.join(cfg.versions_dir, d, "huggingface_hub"))]
    wanted = cfg.versions.split(",") if cfg.versions else found
    missing = sorted(set(wanted) - set(found))
    if missing:
        raise SystemExit("not installed in %s: %s" % (cfg.versions_dir, " ".join(missing)))
    return sorted(wanted, key=key)


def deps_dir(base, python_version):
    return os.path.join(os.path.abspath(base), "_deps-%d.%d" % tuple(python_version[:2]))


def pip(*args):
    subprocess.run([sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "--no-input", *args], check=True)


def place(target, *args):
    """pip install into `target`, which then exists whole or not at all."""
    if os.path.isdir(target):
        return
    shutil.rmtree(target + ".tmp", ignore_errors=True)
    pip("install", "--target", target + ".tmp", *args)
    os.rename(target + ".tmp", target)


def install(base, wanted):
    os.makedirs(base, exist_ok=True)
    place(deps_dir(base, sys.version_info), *DEPS)
    with ThreadPoolExecutor(2) as pool:
        for _ in pool.map(lambda v: place(os.path.join(base, v), "--no-deps", "huggingface_hub==" + v), wanted):
            pass


def refresh():
    text = subprocess.run([sys.executable, "-m", "pip", "--disable-pip-version-check", "index", "versions", "--pre", "huggingface_hub"],
                          check=True, capture_output=True, text=True).stdout
    found = re.search(r"^Available versions: (.*)$", text, re.M).group(1).split(", ")
    with open(RELEASED, "w") as h:
        h.write("# Every huggingface_hub on the package index, oldest first (versions.py refresh).\n")
        h.writelines(v + "\n" for v in sorted(found, key=key))


def main(args):
    if args[:1] == ["refresh"] and len(args) == 1:
        refresh()
    elif args[:1] == ["install"] and len(args) >= 2:
        wanted = args[2:] or BOUNDARIES
        install(args[1], released() if wanted == ["all"] else wanted)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
