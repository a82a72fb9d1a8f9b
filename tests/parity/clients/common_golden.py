"""Recorded answers of clients that take long to build or install.

`run --all --record` writes what the real clients answered to their edge scenarios into `golden/`; `run` compares hflint
with these records, so the tables are tested on a machine without cargo registry, npm or node. A record holds
fingerprints, never a value, and the digest of the scenarios that it answers: once they change, it has to be made anew.
"""
import hashlib
import json
import os
import random
from concurrent.futures import ThreadPoolExecutor

import common

DIR = os.path.join(common.HERE, "golden")


def edges(client):
    """The scenarios that do not depend on a seed."""
    return client.scenarios(random.Random(0), 0)


def digest(scenarios):
    return hashlib.sha256(json.dumps(scenarios, sort_keys=True).encode()).hexdigest()[:16]


def text(answer):
    """An answer: a fingerprint, `anonymous` or `error:CLASS`, and what the wire makes of it where that was asked."""
    word = answer.fingerprint if answer.outcome == "token" else "error:" + str(answer.error) if answer.outcome == "error" else answer.outcome
    return word if answer.overridden is None else word + (" overridden" if answer.overridden else " plain")


def agrees(recorded, ours):
    """A client that was not asked about a header in the token's place says nothing about it."""
    return ours == recorded or (" " not in recorded and ours.split(" ")[0] == recorded)


def load(driver):
    """{label: (digest, {scenario id: text})}"""
    p = os.path.join(DIR, driver + ".json")
    if not os.path.exists(p):
        return {}
    return {label: (g["scenarios"], g["answers"]) for g in json.load(open(p)) for label in g["clients"]}


def save(driver, records):
    """Clients with equal answers share one group: most releases differ in nothing."""
    groups = []
    for label, (sha, answers) in sorted(records.items()):
        for g in groups:
            if g["scenarios"] == sha and g["answers"] == answers:
                g["clients"].append(label)
                break
        else:
            groups.append({"clients": [label], "scenarios": sha, "answers": answers})
    os.makedirs(DIR, exist_ok=True)
    with open(os.path.join(DIR, driver + ".json"), "w") as h:
        json.dump(groups, h, indent=0)
        h.write("\n")


def record(clients, jobs):
    """Ask the real clients and write their answers; the number of clients."""
    for c in clients:
        c.prepare()

        def ask(sc, c=c):
            with common.Sandbox() as sbx:
                sbx.setup(sc)
                return text(c.ask(sc, sbx))

        scs = edges(c)
        with ThreadPoolExecutor(jobs) as ex:
            answers = dict(zip([s["id"] for s in scs], ex.map(ask, scs)))
        # At once: the next one may take an hour, or fail.
        save(c.driver, {**load(c.driver), c.label(): (digest(scs), answers)})
        print("%-32s %5d answers recorded" % (c.label(), len(answers)), flush=True)
    return len(clients)


def check(clients, binary, jobs, show=20):
    """Compare hflint with the records of `clients`; (comparisons, disagreements)."""
    bare = [c for c in clients if c.label() not in load(c.driver)]
    if bare:
        print("only with --all: " + " ".join(c.label() for c in bare))
    clients = [c for c in clients if c not in bare]
    todo = {}  # scenario text -> [(client, expected)]: one run of hflint answers for all clients that share a scenario
    total = 0
    for c in clients:
        records = load(c.driver)
        scs = edges(c)
        if records[c.label()][0] != digest(scs):
            raise common.Unavailable("the record of %s is of other scenarios: run --all --record --client %s" % (c.label(), c.label()))
        for sc in scs:
            todo.setdefault(json.dumps(sc, sort_keys=True), []).append((c, records[c.label()][1][sc["id"]]))
            total += 1

    def work(item):
        sc, wanted = json.loads(item[0]), item[1]
        with common.Sandbox() as sbx:
            sbx.setup(sc)
            try:
                rows = common.hflint_statuses(binary, [c.label() for c, _ in wanted], sbx, sbx.env(sc))
            except (RuntimeError, ValueError) as e:
                return [(sc, wanted[0][0], "an answer", str(e))]
        return [(sc, c, want, got) for (c, want), got in zip(wanted, [text(a) for a in rows]) if not agrees(want, got)]

    bad = 0
    with ThreadPoolExecutor(jobs) as ex:
        for faults in ex.map(work, todo.items()):
            for sc, c, want, got in faults:
                bad += 1
                if bad <= show:
                    print("DISAGREE %s %s %s\n   client (recorded) %s\n   hflint            %s" % (c.label(), sc["id"], sc.get("note", ""), want, got))
                    print("   %s" % common.fold(json.dumps({"env": sc.get("env", {}), "files": sc.get("files", [])})))
    print("%d recorded clients, %d scenarios in %d states, %d disagreements" % (len(clients), total, len(todo), bad), flush=True)
    return total, bad
