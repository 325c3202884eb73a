#!/usr/bin/env python3
"""Check the journal's chain with nothing but Python's standard library.

    curl -s https://HOST/journal.jsonl | python3 verify_journal.py

Each line is a fact. Public facts carry their content, which must fit their seal; others carry only
their seal, which must still stand at its place in the chain. Prints what it found; exits with 1
when a seal is broken or a fact is missing.

There are two ways of sealing; the line says which ("seal"). Seal 1 covers the number of the account
that acted; where a person acted, such content is withheld, for the number could be found by trying
all of them. Seal 2 covers a commitment in its place, SHA-256 of "salt:actor:number"; where staff
acted, number and salt are in the line and must fit. After a line with seal 2 there is none with seal 1.
"""

import hashlib
import json
import sys

GENESIS = "0" * 64
COMMON = ("id", "at", "verb", "subject_type", "subject_id", "proposal_id", "territory_id", "public", "facts")
FIELDS = {1: (*COMMON, "actor_id", "acting_for_id"), 2: (*COMMON, "seal", "actor", "acting_for")}


def seal(previous, fact, version):
    """SHA-256 over the previous seal and the fact, written in one canonical way."""
    plain = {name: fact[name] for name in FIELDS[version]}
    canonical = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256((previous + "\n" + canonical).encode()).hexdigest()


def content_problem(fact, newest):
    """What is wrong with the content of a line, or None."""
    version = fact.get("seal", 1)
    if version not in FIELDS or version < newest:
        return "has a seal of a kind that cannot stand there"
    if any(name not in fact for name in FIELDS[version]):
        return "lacks a part of its content"
    if seal(fact["prev_hash"], fact, version) != fact["hash"]:
        return "was changed after it was sealed"
    if "actor_salt" in fact:
        opened = "%s:actor:%s" % (fact["actor_salt"], fact.get("actor_id"))
        if hashlib.sha256(opened.encode()).hexdigest() != fact["actor"]:
            return "names somebody who did not act"
    return None


def main(lines):
    """Read facts in the order of the chain; return the number of problems."""
    previous, position, opened, withheld, newest, problems = GENESIS, 0, 0, 0, 1, []
    for line in lines:
        if not line.strip():
            continue
        fact = json.loads(line)
        position += 1
        if fact["position"] != position:
            problems.append("position %d is missing" % position)
            position = fact["position"]
        if fact["prev_hash"] != previous:
            problems.append("position %d does not follow the one before it" % position)
        if "facts" in fact:
            opened += 1
            problem = content_problem(fact, newest)
            if problem:
                problems.append("position %d %s" % (position, problem))
            newest = max(newest, fact.get("seal", 1))
        elif fact.get("withheld"):
            withheld += 1
        previous = fact["hash"]
    for problem in problems[:20]:
        print(problem)
    said = "%d facts, %d of them public" % (position, opened + withheld)
    if withheld:
        said += " (the content of %d is withheld)" % withheld
    print("%s, %d problems; last seal %s" % (said, len(problems), previous))
    return len(problems)


if __name__ == "__main__":
    sys.exit(1 if main(sys.stdin) else 0)
