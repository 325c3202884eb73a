"""What the documents promise about security names tests that exist, and leaves out no requirement of level 1."""

import ast
import csv
import re
from functools import cache

import pytest

from tests.conftest import ROOT

STATES = {"tested", "not applicable", "operator", "open"}
#: Requirements of level 1 that the program does not meet yet. Take a number out when its row names a test.
OPEN: set[str] = set()
ID = re.compile(r"tests/[\w/]+\.py::\w+")
#: How many requirements of level 1 each chapter of ASVS 5.0 has.
LEVEL_ONE = {
    1: 8,
    2: 4,
    3: 8,
    4: 2,
    5: 4,
    6: 13,
    7: 6,
    8: 4,
    9: 4,
    10: 5,
    11: 3,
    12: 3,
    13: 1,
    14: 2,
    15: 3,
    16: 0,
    17: 0,
}


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def names_in(path):
    """The names of the tests in a file."""
    if not (ROOT / path).is_file():
        return frozenset()
    functions = [
        node for node in ast.walk(ast.parse(read(path))) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return frozenset(node.name for node in functions if node.name.startswith("test"))


def missing(ids):
    """Those of the ids that no test has."""
    return [one for one in ids if one.partition("::")[2] not in names_in(one.partition("::")[0])]


def rows():
    return list(csv.DictReader(read("docs/asvs.csv").splitlines()))


def threats(text):
    """The lines of the tables of threats."""
    return [line for line in text.splitlines() if re.search(r"\| [ABC] \|", line)]


def test_every_test_that_is_named_exists():
    named = ID.findall(read("docs/security.md")) + [one for row in rows() for one in row["tests"].split()]
    assert len(named) > 150
    assert missing(named) == []


def test_a_test_that_does_not_exist_would_be_seen():
    own = "tests/house/test_security_documents.py::test_a_test_that_does_not_exist_would_be_seen"
    assert missing([own, own + "_not", "tests/nothing.py::test_x"]) == [own + "_not", "tests/nothing.py::test_x"]


def test_every_threat_has_a_test():
    found = threats(read("docs/security.md"))
    assert len(found) >= 40
    assert [line for line in found if not ID.search(line)] == []


def test_all_of_level_one_is_there():
    numbers = [row["requirement"] for row in rows() if row["level"] == "1"]
    assert len(numbers) == len(set(numbers)) == 70
    counted = {chapter: sum(number.split(".")[0] == str(chapter) for number in numbers) for chapter in LEVEL_ONE}
    assert counted == LEVEL_ONE


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["requirement"])
def test_a_line_says_what_stands_behind_it(row):
    assert row["state"] in STATES and row["level"] in {"1", "2", "3"} and row["in our words"]
    if row["state"] == "tested":
        assert row["tests"].split() and all(ID.fullmatch(one) for one in row["tests"].split())
    else:
        assert not row["tests"] and len(row["remark"]) > 15, "a reason"


def test_what_is_open_is_known():
    assert {row["requirement"] for row in rows() if row["state"] == "open"} == OPEN


def test_the_policy_names_its_terms():
    """Within how many days a hole is mended, here and in a library."""
    text = read("SECURITY.md")
    assert re.search(r"within \d+ (working )?days", text)
    for word in ("critical", "library", "30 days", "pip-audit", "docs/security.md", "docs/asvs.csv"):
        assert word in text, word
