"""Everything that is installed is pinned with hashes, and an audit that could ask nobody does not say that all is well."""

import re
import sys

import pytest

from tests.conftest import ROOT
from tools import audit

LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-tools.txt")
PINNED = re.compile(r"([a-z0-9][a-z0-9.-]*)(\[[a-z0-9,]+\])?==([^ ]+)( ; .+)? \\")


def pins(name):
    """Package by package what is pinned, and how many hashes follow."""
    lines = [line for line in (ROOT / name).read_text().splitlines() if line and not line.startswith("#")]
    heads = [place for place, line in enumerate(lines) if not line.startswith("    --hash=sha256:")]
    ends = [*heads[1:], len(lines)]
    return {lines[head]: end - head - 1 for head, end in zip(heads, ends, strict=True)}


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_is_pinned_with_hashes(name):
    found = pins(name)
    assert len(found) > 20
    assert [line for line, hashes in found.items() if not hashes or not PINNED.fullmatch(line)] == []


@pytest.mark.parametrize("name", ["requirements", "requirements-dev", "requirements-tools"])
def test_what_was_chosen_by_hand_is_what_is_pinned(name):
    text = (ROOT / f"{name}.in").read_text().lower()
    chosen = set(re.findall(r"^([a-z0-9._-]+)(?:\[[a-z0-9,]+\])?==(\S+)", text, re.MULTILINE))
    locked = {PINNED.fullmatch(line).group(1, 3) for line in pins(f"{name}.txt")}
    assert chosen and {(package.replace("_", "-"), version) for package, version in chosen} <= locked


def test_the_makefile_installs_nothing_without_a_hash():
    text = (ROOT / "Makefile").read_text()
    installs = [line for line in text.splitlines() if "pip install" in line]
    assert installs and all("--require-hashes" in line for line in installs)


def spoken(text, code):
    """A program that says so and ends with that code."""
    return (sys.executable, "-c", f"import sys; print({text!r}); sys.exit({code})")


@pytest.mark.parametrize(
    ("said", "ends", "code", "words"),
    [
        ("No known vulnerabilities found", 0, 0, "No known"),
        ("Found 1 known vulnerability in 1 package", 1, 1, "Found 1"),
        ("requests.exceptions.ConnectionError: refused", 1, 2, "cannot be reached"),
        ("flask Dependency not found on PyPI and could not be audited\nNo known vulnerabilities found", 0, 2, "judged"),
    ],
)
def test_an_audit_that_could_ask_nobody_says_so(capsys, said, ends, code, words):
    assert audit.main(spoken(said, ends), ROOT) == code
    assert words in capsys.readouterr().out
