"""The canaries sing: what looks for numbers of persons finds them, and what writes logs leaves them out."""

import logging
import subprocess
import sys

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from tests.canaries import canaries, digit, is_bin, is_iin, number
from tests.conftest import ROOT
from webapp.kernel.errors import init_logs
from webapp.kernel.redaction import INSTEAD, redacted
from webapp.people.rules import bin_fault, check_digit, iin_fault

IIN, BIN = number("90010140001"), "000140000121"


@given(st.from_regex(r"\A[0-9]{2}(0[1-9]|1[0-2])[0-6][0-9][0-9]{5}\Z"))
def test_the_check_is_that_of_the_program(eleven):
    assert digit(eleven) == check_digit(eleven)
    if digit(eleven) is not None:
        twelve = number(eleven)
        assert is_iin(twelve) == (iin_fault(twelve) is None)
        assert is_bin(twelve) == (bin_fault(twelve) is None)
        assert not (is_iin(twelve) and is_bin(twelve))


@pytest.mark.parametrize(
    "text", [IIN, f"/verify?iin={IIN}", f'{{"iin": "{IIN}"}}', f"ИИН: {IIN}.", f"<td>{IIN}</td>", f"a\n{IIN}\n"]
)
def test_a_number_of_a_person_is_found(text):
    assert canaries(text) == [IIN]


@pytest.mark.parametrize("text", [BIN, "900101400012", f"1{IIN}", f"{IIN}7", f"ab{IIN}cd", "2026-11-23", "6111"])
def test_what_is_no_number_of_a_person_is_left_alone(text):
    assert canaries(text) == []


@pytest.mark.parametrize(
    "text",
    [IIN, f"{IIN[:6]} {IIN[6:]}", f"{IIN[:4]}-{IIN[4:8]}-{IIN[8:]}", f"x={IIN}&", [IIN], {"a": {"b": IIN}}, int(IIN)],
)
def test_a_log_says_that_there_were_twelve_digits(text):
    assert INSTEAD in str(redacted(text)) and IIN not in str(redacted(text)).replace(" ", "").replace("-", "")


@pytest.mark.parametrize(
    "text", ["611000000", "2026-11-23T05:00:00+00:00", "1234567890123", "12 500 000 ₸", True, 7, None]
)
def test_a_log_keeps_what_is_no_number_of_a_person(text):
    assert redacted(text) == text


def test_no_line_of_a_log_holds_one_whoever_wrote_it(capfd, caplog):
    init_logs()
    init_logs()  # several applications in one process redact once
    structlog.get_logger("x").warning(f"of {IIN}", path=f"/{IIN}", more=[{"iin": IIN}])
    try:
        raise ValueError(f"bad {IIN}")
    except ValueError:
        structlog.get_logger("x").exception("failed")
        with caplog.at_level(logging.INFO):
            logging.getLogger("library").exception("also %s and 100 %%", IIN)
    said = capfd.readouterr().err + caplog.text
    assert said.count(INSTEAD) >= 6 and "100 %" in said
    assert IIN not in said


TALKATIVE = f"""
import sys
def test_talks():
    print("verified", {IIN!r}, file=sys.stderr)
def test_names_an_organisation():
    print("registered", {BIN!r})
"""


def test_a_test_during_which_a_number_is_printed_fails(tmp_path):
    """A test of the test: the check that looks after the whole run (`tests/conftest.py`)."""
    (tmp_path / "test_planted.py").write_text(TALKATIVE, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n",
        "0",
        "-p",
        "tests.watch",
        "-c",
        "/dev/null",
        "--rootdir",
        str(tmp_path),
        str(tmp_path),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "1 failed, 1 passed" in done.stdout, done.stdout + done.stderr
    assert "the number of a person was printed" in done.stdout
