"""Levels, homes, texts to sign and keys, as decisions."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.people.person_keys import IIN, Peppers
from webapp.verification import rules
from webapp.verification.rules import Home, Level, SignatureFault, SignedBy

NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)
DAY = timedelta(days=1)
PERSON = SignedBy("900101400019", "", "КИМ", "ТИМУР", "SIGN", ("INDIVIDUAL",), NOW - DAY, NOW + DAY)


def test_each_level_contains_the_one_before():
    assert [rules.level(*known) for known in ((False, False), (True, False), (True, True), (False, True))] == [
        *(Level.VISITOR, Level.EMAIL, Level.VERIFIED, Level.VERIFIED)
    ]


@given(*[st.sampled_from([None, "", "611000000", "750000000"])] * 4)
def test_the_home_that_counts_is_the_one_that_is_known_best(proven, established, registered, declared):
    found = rules.home(proven, established, registered, declared)
    best = proven or established or registered
    assert found == (Home(best, False) if best else Home(declared, True) if declared else None)


@given(st.integers(0, 400), st.integers(1, 400))
def test_a_declared_home_may_change_after_the_days_of_the_rules(days, pause):
    free = rules.next_declaration(NOW - days * DAY, pause, NOW)
    assert (free is None) == (days >= pause)
    if free is not None:
        assert free > NOW and rules.next_declaration(NOW - days * DAY, pause, free) is None
    assert rules.next_declaration(None, pause, NOW) is None


@given(*[st.integers(1, 3)] * 3)
def test_a_register_moves_people_only_with_something_new(before, after, present):
    assert rules.register_moves(before, after, present) == (before != after and after != present)
    assert rules.register_moves(None, after, present) == (after != present)


def test_the_text_is_written_in_one_way():
    text = rules.text_to_sign("https://saty.kz", "AAAA-BBBB", "0f" * 32, NOW)
    assert text == (
        b"Saty\npurpose: resident-verification\nsite: https://saty.kz\naccount: AAAA-BBBB\n"
        b"nonce: " + b"0f" * 32 + b"\nvalid until: 2026-11-23T05:00:00Z\n"
    )


@pytest.mark.parametrize(
    "change, fault",
    [
        ({}, None),
        ({"key_users": ("INDIVIDUAL", "IDENTIFICATION")}, None),
        ({"not_after": NOW}, None),
        ({"not_before": NOW}, None),
        ({"bin": "150240000016"}, SignatureFault.ORGANISATION),
        ({"key_users": ("CEO",)}, SignatureFault.ORGANISATION),
        ({"key_usage": "AUTH"}, SignatureFault.KEY),
        ({"key_usage": ""}, SignatureFault.KEY),
        ({"key_users": ()}, SignatureFault.KEY),
        ({"not_after": NOW - timedelta(seconds=1)}, SignatureFault.TIME),
        ({"not_before": NOW + timedelta(seconds=1)}, SignatureFault.TIME),
    ],
)
def test_only_a_persons_key_for_signatures_shows_who_somebody_is(change, fault):
    assert rules.signature_fault(PERSON._replace(**change), NOW) is fault


@settings(max_examples=30)
@given(
    st.permutations(["first", "second", "third"]),
    st.integers(1, 3),
    st.text("0123456789", max_size=12),
    st.integers(1, 3),
)
def test_a_key_that_is_brought_forward_is_the_key_that_is_computed(chain, length, value, version):
    peppers = Peppers(tuple(chain[:length]))
    keys = peppers.keys(IIN, value)
    assert len(keys) == len(set(keys)) == peppers.version
    if version <= peppers.version:
        assert peppers.onward(IIN, keys[version - 1], version) == keys[-1]
    assert Peppers(tuple(chain[:1])).keys(IIN, value) == keys[:1]  # what was written before this existed
    assert chain[0] not in repr(peppers)
