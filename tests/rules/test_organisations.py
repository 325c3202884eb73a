"""States of organisations, ends of accreditations, letters, and who may leave."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.organisations.rules import (
    OWNER,
    REMIND_DAYS,
    REPRESENTATIVE,
    Accreditation,
    CertificateFault,
    LetterFault,
    State,
    accreditation,
    certificate_fault,
    is_home,
    letter_fault,
    may_go,
    reminder_window,
    state,
)

TODAY = date(2026, 11, 23)
THEN = datetime(2026, 11, 23, tzinfo=UTC)
days = st.integers(-2000, 2000).map(lambda days: TODAY + timedelta(days=days))


def test_states():
    assert state(None, None) is State.WAITING
    assert state(None, THEN) is State.REFUSED
    assert state(THEN, None) is State.VERIFIED
    assert state(THEN, THEN) is State.VERIFIED


def test_an_accreditation_holds_on_its_last_day():
    assert accreditation(None, TODAY) is Accreditation.NONE
    assert accreditation(TODAY, TODAY) is Accreditation.VALID
    assert accreditation(TODAY - timedelta(days=1), TODAY) is Accreditation.EXPIRED


@given(until=days)
def test_whoever_is_reminded_is_still_accredited(until):
    first, last = reminder_window(TODAY)
    if first <= until <= last:
        assert accreditation(until, TODAY) is Accreditation.VALID
        assert until - TODAY <= timedelta(days=REMIND_DAYS)


@given(on=days, age=st.integers(1, 800))
def test_a_letter_is_neither_of_tomorrow_nor_older_than_the_rules_allow(on, age):
    fault = letter_fault(on, TODAY, age)
    assert (fault is LetterFault.FUTURE) == (on > TODAY)
    assert (fault is LetterFault.OLD) == ((TODAY - on).days > age)


@given(on=days, until=days)
def test_a_certificate_that_is_entered_is_in_force(on, until):
    fault = certificate_fault(on, until, TODAY, TODAY + timedelta(days=100))
    if fault is None:
        assert on <= TODAY < until <= TODAY + timedelta(days=100)
        assert accreditation(until, TODAY) is Accreditation.VALID
    else:
        assert fault in set(CertificateFault)


@pytest.mark.parametrize(
    ("role", "others", "may"),
    [
        (OWNER, [], False),
        (OWNER, [REPRESENTATIVE, REPRESENTATIVE], False),
        (OWNER, [REPRESENTATIVE, OWNER], True),
        (REPRESENTATIVE, [OWNER], True),
    ],
)
def test_the_last_owner_stays(role, others, may):
    assert may_go(role, others) is may


def test_homes_are_cities_and_regions():
    assert [is_home(rung) for rung in ("city", "region", "nation", "")] == [True, True, False, False]
