#!/usr/bin/env python3
"""Does hflint say what every huggingface_hub release would send?

    parity.py golden                              every scenario of golden.json, every release; no Python client needed
    parity.py live --versions-dir DIR [--count N] [--seed S]
                                                  edge cases and N random scenarios, through the releases in DIR and hflint
    parity.py live ... --only ID                  one scenario, as printed by a disagreement
    parity.py record --versions-dir DIR --versions A,B   write golden.json anew, from these releases

One disagreement is one too many: exit status 1. Each is printed as the smallest scenario that still
shows it (--no-shrink: as found).
"""
import argparse
import json
import multiprocessing
import os
import random
import sys
import tempfile
import time

import edges
import hflint
import mounts
import oracle
import randoms
import sandbox
import versions

HERE = os.path.dirname(os.path.abspath(__file__))
GOLDEN = os.path.join(HERE, "golden.json")

# An interpreter of its own for each of these scenarios and releases costs as much as forty others:
# without --all, one release of each way to read a file is enough for them.
INTERPRETER_RELEASES = ["0.11.1", "0.16.4", "0.19.4", "1.20.0", "2.4.0"]

CFG = None  # for the processes that run hflint


def find_binary():
    if os.environ.get("HFLINT_BIN"):
        return os.environ["HFLINT_BIN"]
    root = os.path.dirname(os.path.dirname(HERE))
    target = os.environ.get("CARGO_TARGET_DIR") or os.path.join(root, "target")
    found = [os.path.join(target, p, "hflint") for p in ("release", "debug")]
    for host in sorted(os.listdir(target)) if os.path.isdir(target) else []:
        found += [os.path.join(target, host, p, "hflint") for p in ("release", "debug")]
    found = [p for p in found if os.path.isfile(p)]
    if not found:
        raise SystemExit("no hflint in %s: build it first, or name it with --hflint" % target)
    return max(found, key=os.path.getmtime)


def ask_hflint(job):
    scenario, releases = job
    try:
        return hflint.ask(CFG.hflint, CFG.tmp, scenario, releases)
    except hflint.Trouble as e:
        return {v: {"outcome": "trouble", "fingerprint": None, "error": str(e)} for v in releases}


def ask_hflint_all(jobs):
    """In processes of one thread each: what runs between fork and exec must not meet another thread's locks."""
    with multiprocessing.get_context("fork").Pool(CFG.jobs) as pool:
        return pool.map(ask_hflint, jobs, chunksize=8)


def runs_here(scenario):
    """Some answers depend on the interpreter's own patch level."""
    return tuple(scenario.get("python", (0,))) <= CFG.python_version


def say(*text):
    print(*text, flush=True)


def progress(text):
    if sys.stderr.isatty():
        print("\r" + text, end="\n" if text.endswith(".") else "", file=sys.stderr, flush=True)


# --------------------------------------------------------------------------- reports

def describe(x):
    if x["outcome"] == "token":
        return "token, fingerprint " + str(x["fingerprint"])
    return x["outcome"] + (" " + x["error"] if x["error"] else "")


def sent(answer):
    return sandbox.fold(bytes.fromhex(answer["token"])) if "token" in answer else None


def runs_of(releases, order):
    """Neighbours in `order` as FIRST..LAST."""
    out, start, last = [], None, None
    chosen = set(releases)
    for v in order + [None]:
        if v in chosen:
            start, last = start or v, v
        elif start:
            out.append(start if start == last else "%s..%s" % (start, last))
            start = None
    return ", ".join(out)


def report(scenario, wrong, order):
    """wrong: {release: (answer of the client, expected, got)}"""
    say("\nDISAGREEMENT  %s  %s" % (scenario["id"], scenario.get("note", "")))
    say("  scenario  " + json.dumps({k: v for k, v in scenario.items() if k not in ("id", "note")}, ensure_ascii=True))
    kinds = {}
    for v, (answer, want, got) in wrong.items():
        kinds.setdefault((describe(want), sent(answer), describe(got)), []).append(v)
    for (want, value, got), members in kinds.items():
        say("  releases  " + runs_of(members, order))
        say("  client    " + want + ("" if value is None else "  " + json.dumps(value[:200])))
        say("  hflint    " + got)


# --------------------------------------------------------------------------- golden

def unfold_golden(value):
    """A recorded answer as probe.py gives it."""
    return {"token": sandbox.unfold(value["token"]).hex()} if "token" in value else value


def cmd_golden():
    with open(GOLDEN) as h:
        golden = json.load(h)
    releases = versions.released()
    scenarios = [s for s in golden["scenarios"] if possible(s)]
    left_out = len(golden["scenarios"]) - len(scenarios)
    got = ask_hflint_all([(s, releases) for s in scenarios])
    bad = 0
    for s, mine in zip(scenarios, got):
        wrong = {}
        steps = [(versions.key(since), unfold_golden(answer)) for since, answer in s["expected"]]
        for v in releases:
            answer = [a for since, a in steps if since <= versions.key(v)][-1]
            want = hflint.expected(answer)
            if mine[v] != want:
                wrong[v] = (answer, want, mine[v])
        if wrong:
            bad += 1
            if bad <= CFG.show:
                report({k: v for k, v in s.items() if k != "expected"}, wrong, releases)
    say("\nparity golden: %d scenarios x %d releases, %d scenarios disagree%s" % (
        len(scenarios), len(releases), bad, ", %d left out" % left_out if left_out else ""))
    return bad


# --------------------------------------------------------------------------- live

NO_PASSWD = None


def possible(scenario):
    """Scenarios about the password database need a private one."""
    return not (NO_PASSWD and sandbox.Sandbox.private_passwd_of(scenario))


def chosen():
    """The installed releases that are asked."""
    there = versions.installed(CFG)
    if CFG.versions or CFG.releases == "installed":
        return there
    wanted = versions.BOUNDARIES if CFG.releases == "boundaries" else versions.released()
    missing = [v for v in wanted if v not in there]
    if missing:
        raise SystemExit("not installed in %s: %s" % (CFG.versions_dir, " ".join(missing)))
    return wanted


def cmd_live():
    releases = chosen()
    scenarios = edges.edges() + randoms.generate(CFG.seed, CFG.count)
    if CFG.only:
        scenarios = [s for s in scenarios if s["id"] in CFG.only.split(",")]
    scenarios = [s for s in scenarios if runs_here(s) and possible(s)]
    say("parity live: %d releases, %d scenarios (%d edges, %d random), seed %s" % (
        len(releases), len(scenarios), sum(s["id"][0] == "e" for s in scenarios), sum(s["id"][0] == "r" for s in scenarios), CFG.seed))

    def asked(v):
        if CFG.all or v in INTERPRETER_RELEASES or CFG.only:
            return scenarios
        return [s for s in scenarios if set(oracle.interpreter_env(s)) <= {"EAGER_IMPORT"}]

    started = time.time()
    mine = ask_hflint_all([(s, releases) for s in scenarios])
    mine = {s["id"]: m for s, m in zip(scenarios, mine)}
    took = time.time() - started
    done = []

    def each(v):
        done.append(v)
        progress("%d of %d releases asked%s" % (len(done), len(releases), "." if len(done) == len(releases) else ""))

    started = time.time()
    theirs = oracle.ask_all(CFG, releases, asked, each=each)
    wrong, pairs, spent = {}, 0, time.time() - started
    for v in releases:
        for s, result in zip(asked(v), theirs[v]):
            pairs += 1
            answer = result["answer"]
            if str(answer.get("error", "")).startswith("oracle:"):
                raise SystemExit("the oracle failed on %s with %s: %s\n%s" % (s["id"], v, answer["error"], json.dumps(s)))
            want, got = hflint.expected(answer), mine[s["id"]][v]
            if want != got:
                wrong.setdefault(s["id"], {})[v] = (answer, want, got)
    doubted = confirm(scenarios, wrong)
    for i, s in enumerate([s for s in scenarios if s["id"] in wrong][:CFG.show]):
        found = wrong[s["id"]]
        if CFG.shrink and i < 10:
            s, found = shrink(s, found, releases)
        report(s, found, releases)
    say("\nparity live: %d releases, %d scenarios, %d answers compared, %d scenarios disagree (hflint %.0f s, clients %.0f s; seed %s)" % (
        len(releases), len(scenarios), pairs, len(wrong), took, spent, CFG.seed))
    return len(wrong) + doubted


def confirm(scenarios, wrong, most=30):
    """Asks a fresh interpreter about each disagreement, once a scenario: the quick way may be wrong too."""
    by_id = {s["id"]: s for s in scenarios}
    doubted = 0
    for name in list(wrong)[:most]:
        v = list(wrong[name])[0]
        answer, want, _ = wrong[name][v]
        slow = oracle.ask_once(CFG, v, by_id[name])["answer"]
        if hflint.expected(slow) != want:
            doubted += 1
            say("\nTHE ORACLE DISAGREES WITH ITSELF  %s with %s: at once %s, in a fresh interpreter %s\n  %s" % (
                name, v, answer, slow, json.dumps(by_id[name])))
    return doubted


# --------------------------------------------------------------------------- the smallest scenario that disagrees

def smaller(s):
    """Scenarios with one thing less."""
    for k in list(s["env"]):
        if s["env"][k] is not None or k != "HOME":
            yield dict(s, env={n: v for n, v in s["env"].items() if n != k})
    for i in range(len(s["files"])):
        yield dict(s, files=s["files"][:i] + s["files"][i + 1:])
    for k in ("cwd", "passwd"):
        if k in s:
            yield {n: v for n, v in s.items() if n != k}
    for i, f in enumerate(s["files"]):
        less = []
        if "mode" in f:
            less.append({n: v for n, v in f.items() if n != "mode"})
        text = f.get("content", "") if f.get("type", "file") == "file" else ""
        less += [dict(f, content=t) for t in shorter(text)]
        for g in less:
            yield dict(s, files=s["files"][:i] + [g] + s["files"][i + 1:])
    for k, v in s["env"].items():
        for t in shorter(v or ""):
            yield dict(s, env=dict(s["env"], **{k: t}))


def shorter(text):
    """The text without one of its parts; placeholders are one part."""
    parts, at = [], 0
    for m in sandbox.PLACEHOLDER.finditer(text):
        parts += list(text[at:m.start()]) + [m.group()]
        at = m.end()
    parts += list(text[at:])
    half = len(parts) // 2
    if half > 4:
        yield "".join(parts[:half])
        yield "".join(parts[half:])
    if len(parts) <= 60:
        for i in range(len(parts)):
            yield "".join(parts[:i] + parts[i + 1:])


def shrink(s, found, releases, limit=400):
    v = sorted(found, key=versions.key)[-1]
    s = dict(s, note="(shrunk) " + s.get("note", ""))
    s.setdefault("files", [])

    def differs(candidate):
        with_env = oracle.interpreter_env(candidate)
        if with_env != env:
            return None
        answer = worker.ask([candidate])[0]["answer"]
        want, got = hflint.expected(answer), ask_hflint((candidate, [v]))[v]
        return (answer, want, got) if want != got else None

    env = oracle.interpreter_env(s)
    best = found
    with oracle.Worker(CFG, v, env) as worker:
        again = True
        while again and limit > 0:
            again = False
            for candidate in smaller(s):
                limit -= 1
                if limit <= 0:
                    break
                hit = differs(candidate)
                if hit:
                    s, best, again = candidate, {v: hit}, True
                    break
    if len(found) > 1 and best is not found:  # which releases share the smallest form
        best = {}
        mine = ask_hflint((s, list(found)))
        for r, results in oracle.ask_all(CFG, list(found), [s]).items():
            want = hflint.expected(results[0]["answer"])
            if want != mine[r]:
                best[r] = (results[0]["answer"], want, mine[r])
    return s, best


# --------------------------------------------------------------------------- record

def cmd_record():
    releases = versions.installed(CFG)
    scenarios = edges.edges() + randoms.generate("golden", CFG.count)
    theirs = oracle.ask_all(CFG, releases, scenarios, each=lambda v: progress("asked " + v))
    with open(GOLDEN, "w") as h:
        note = ("What each huggingface_hub release sends in each scenario (notation: sandbox.py, answers: probe.py), recorded from its own code by "
                "`parity.py record`. An answer holds from the release named until the next one.")
        h.write('{"note": %s,\n"python": "%d.%d on Linux, UTF-8",\n"scenarios": [\n' % ((json.dumps(note),) + CFG.python_version[:2]))
        lines = []
        for i, s in enumerate(scenarios):
            expected = []
            for v in releases:
                answer = theirs[v][i]["answer"]
                if "token" in answer:
                    answer = {"token": sandbox.fold(bytes.fromhex(answer["token"]))}
                if not expected or expected[-1][1] != answer:
                    expected.append([v, answer])
            lines.append(json.dumps(dict(s, expected=expected)))
        h.write(",\n".join(lines) + "\n]}\n")
    say("recorded %d scenarios from %d releases" % (len(scenarios), len(releases)))


def main():
    global CFG, NO_PASSWD
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    sub = ap.add_subparsers(dest="cmd", required=True)
    for name in ("golden", "live", "record"):
        p = sub.add_parser(name)
        p.add_argument("--hflint", help="the binary (default: the newest build)")
        p.add_argument("--show", type=int, default=20, help="disagreements to print")
        if name == "golden":
            p.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
            continue
        oracle.options(p)
        p.add_argument("--count", type=int, default={"live": 200, "record": 500}[name], help="random scenarios")
        if name == "live":
            p.add_argument("--seed", default=None, help="repeat a run; default: a new one, printed")
            p.add_argument("--releases", choices=("installed", "boundaries", "all"), default="installed", help="all: every one in released.txt, candidates left out")
            p.add_argument("--all", action="store_true", help="scenarios about the interpreter on every release too")
            p.add_argument("--only", default="", help="ids of scenarios, comma-separated")
            p.add_argument("--no-shrink", dest="shrink", action="store_false")
    CFG = ap.parse_args()
    places = [HERE]
    if CFG.cmd != "record":
        CFG.hflint = os.path.abspath(CFG.hflint or find_binary())
        places.append(CFG.hflint)
    if CFG.cmd != "golden":
        places += [CFG.versions_dir, CFG.python]
    mounts.clean_root(*places)
    if CFG.cmd == "golden":
        sandbox.drop_caps()
        os.umask(0o022)
        CFG.python_version = sys.version_info[:3]
    else:
        oracle.prepare(CFG)
    if CFG.cmd != "record":
        NO_PASSWD = hflint.can_have_private_passwd()
        if NO_PASSWD:
            say("parity: no private password database here (%s): scenarios that need one are left out; run as root to include them" % NO_PASSWD)
    if CFG.cmd == "live" and CFG.seed is None:
        CFG.seed = str(random.SystemRandom().randrange(10**8))
    # memory-backed where there is such a place: a scenario is a dozen small files, made a million times
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK | os.X_OK) and "TMPDIR" not in os.environ else None
    with tempfile.TemporaryDirectory(prefix="hfparity", dir=base) as CFG.tmp:
        bad = {"golden": cmd_golden, "live": cmd_live, "record": cmd_record}[CFG.cmd]()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
