#!/usr/bin/env python3
"""Check the journal's chain with nothing but Python's standard library.

    curl -s https://HOST/journal.jsonl | python3 verify_journal.py

Each line is a fact. Public facts carry their content, which must fit their seal; others carry only
their seal, which must still stand at its place in the chain. Prints what it found; exits with 1
when a seal is broken or a fact is missing.
"""

import hashlib
import json
import sys

GENESIS = "0" * 64
FIELDS = (
    "id",
    "at",
    "verb",
    "actor_id",
    "acting_for_id",
    "subject_type",
    "subject_id",
    "proposal_id",
    "territory_id",
    "public",
    "facts",
)


def seal(previous, fact):
    """SHA-256 over the previous seal and the fact, written in one canonical way."""
    plain = {name: fact[name] for name in FIELDS}
    canonical = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256((previous + "\n" + canonical).encode()).hexdigest()


def main(lines):
    """Read facts in the order of the chain; return the number of problems."""
    previous, position, opened, problems = GENESIS, 0, 0, []
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
            if seal(fact["prev_hash"], fact) != fact["hash"]:
                problems.append("position %d was changed after it was sealed" % position)
        previous = fact["hash"]
    for problem in problems[:20]:
        print(problem)
    print("%d facts, %d of them public, %d problems; last seal %s" % (position, opened, len(problems), previous))
    return len(problems)


if __name__ == "__main__":
    sys.exit(1 if main(sys.stdin) else 0)
