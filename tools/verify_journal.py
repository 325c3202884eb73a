#!/usr/bin/env python3
"""Check the journal's chain with nothing but Python's standard library.

    python3 verify_journal.py https://HOST/journal.jsonl

The journal comes in pages of 5,000 facts; each names the next one, and this reads them all. Pages that were kept
can be given instead, one after the other: `cat page1 page2 | python3 verify_journal.py`.

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
import re
import sys
from urllib.request import urlopen

GENESIS = "0" * 64
PAGE = 5000
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


def pages(address):
    """The lines of all pages of a journal, from its address on."""
    while address:
        if not address.startswith(("https://", "http://")):
            raise ValueError("no address: " + address)
        with urlopen(address) as page:  # noqa: S310 (the line above asks)
            for line in page:
                yield line.decode()
            following = re.search('<([^>]*)>; rel="next"', page.headers.get("Link") or "")
        address = following and following.group(1)


def read(line):
    """A line as a fact; None for anything else."""
    try:
        fact = json.loads(line)
    except ValueError:
        return None
    needed = {"position", "prev_hash", "hash"}
    return fact if isinstance(fact, dict) and needed <= set(fact) and isinstance(fact["position"], int) else None


def main(lines, is_whole):
    """Read facts in the order of the chain; return the number of problems. `is_whole`: whether these are all pages."""
    previous, position, opened, withheld, newest, problems = GENESIS, 0, 0, 0, 1, []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        fact = read(line)
        if fact is None:
            problems.append("line %d is no fact" % number)
            continue
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
            newest = max(newest, fact.get("seal", 1)) if fact.get("seal", 1) in FIELDS else newest
        elif fact.get("withheld"):
            withheld += 1
        previous = fact["hash"]
    for problem in problems[:20]:
        print(problem)
    said = "%d facts, %d of them public" % (position, opened + withheld)
    if withheld:
        said += " (the content of %d is withheld)" % withheld
    print("%s, %d problems; last seal %s" % (said, len(problems), previous))
    if not is_whole and position and position % PAGE == 0:
        print("A page of the journal ends here, so there may be more: go on with ?after=%d." % position)
    return len(problems)


if __name__ == "__main__":
    has_address = len(sys.argv) > 1
    sys.exit(1 if main(pages(sys.argv[1]) if has_address else sys.stdin, has_address) else 0)
