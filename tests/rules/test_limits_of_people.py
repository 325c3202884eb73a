"""Numbers that a person meets at the doors and behind them, each from both sides."""

from datetime import UTC, datetime, timedelta

import pytest

from webapp.people.rules import (
    CONFIRMATION,
    HALF_SIGNED_IN,
    PLACE_PAUSE,
    RECOVERY_CODES,
    SIGN_OF_LIFE,
    TRIES_COUNT,
    TRIES_OF_A_PLACE,
    WRONG_CODES,
    NumberFault,
    PasswordFault,
    bin_fault,
    browser_name,
    check_digit,
    iin_fault,
    is_name,
    level_of,
    name_in_mail,
    next_try,
    open_steps,
    password_fault,
    sign_in_is_over,
)

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def said(password, about=(), breached=False):
    return password_fault(password, about, lambda _word: breached)


@pytest.mark.parametrize(
    ("password", "about", "fault"),
    [
        ("abcdefghi", (), PasswordFault.SHORT),
        ("abcdefghij", (), None),
        ("abcdefghij" * 20, (), None),
        ("abcdefghij" * 20 + "k", (), PasswordFault.LONG),
        ("aaaaabbbbb", (), PasswordFault.BREACHED),  # two different signs
        ("aaaaabbbbc", (), None),
        ("aAaAaAaAbB", (), PasswordFault.BREACHED),  # capitals are no other signs
        ("danadana12", ("danada",), PasswordFault.ABOUT_YOU),
        ("danad12345", ("danad",), None),  # half of it is not more than half
        ("dana123456", ("dana",), None),
        ("DANADA1234", ("danada@mail.kz",), PasswordFault.ABOUT_YOU),
        ("danada1234", ("other", "Danada"), PasswordFault.ABOUT_YOU),
        ("xyz1234567", ("xyz",), None),
    ],
)
def test_a_password_is_long_and_is_not_about_its_owner(password, about, fault):
    assert said(password, about) is fault


def test_a_password_that_is_known_is_refused():
    assert said("abcdefghij", breached=True) is PasswordFault.BREACHED


@pytest.mark.parametrize(
    ("is_staff", "idle", "whole"),
    [
        (False, timedelta(days=14), timedelta(days=30)),
        (True, timedelta(minutes=30), timedelta(hours=12)),
    ],
)
def test_a_sign_in_is_over_after_its_terms(is_staff, idle, whole):
    assert not sign_in_is_over(NOW - whole + SECOND, NOW - idle + SECOND, is_staff, NOW)
    assert sign_in_is_over(NOW - idle, NOW - idle, is_staff, NOW)
    assert sign_in_is_over(NOW - whole, NOW, is_staff, NOW)


def test_a_sign_of_life_is_written_well_within_the_term_that_it_renews():
    assert {False: timedelta(hours=1), True: timedelta(minutes=1)} == SIGN_OF_LIFE


def test_five_wrong_codes_then_a_pause_of_five_minutes():
    tries, since = 0, None
    for number in range(1, 6):
        tries, since = next_try(tries, since, NOW)
        assert (tries, since) == (number, NOW)
    pause = timedelta(minutes=5)
    assert next_try(tries, since, NOW + pause - SECOND) is None
    assert next_try(tries, since, NOW + pause) == (1, NOW + pause)


@pytest.mark.parametrize(("failures", "level"), [(0, 0), (4, 0), (5, 1), (9, 1), (10, 2), (19, 2), (20, 3), (1000, 3)])
def test_the_work_at_the_door_grows_with_what_failed(failures, level):
    assert level_of(failures) == level


def test_pauses_and_counts_at_the_doors():
    assert (
        timedelta(minutes=5),
        timedelta(hours=1),
        timedelta(minutes=5),
        timedelta(minutes=10),
    ) == (PLACE_PAUSE, TRIES_COUNT, HALF_SIGNED_IN, CONFIRMATION)
    assert (TRIES_OF_A_PLACE, WRONG_CODES, RECOVERY_CODES) == (10, 20, 10)


def test_a_code_of_thirty_seconds_is_good_one_step_early_and_one_late():
    step = int(NOW.timestamp()) // 30
    assert open_steps(NOW, None) == (step - 1, step, step + 1)
    assert open_steps(NOW, step - 2) == (step - 1, step, step + 1)
    assert open_steps(NOW, step) == (step + 1,)
    assert open_steps(NOW, step + 1) == ()


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        ("12345678901", NumberFault.LENGTH),
        ("1234567890123", NumberFault.LENGTH),
        ("12345678901x", NumberFault.LENGTH),
        ("٠" * 12, NumberFault.LENGTH),
        ("900101000000", NumberFault.KIND),
        ("900101700000", NumberFault.KIND),
        ("901301300000", NumberFault.DATE),
        ("900230300000", NumberFault.DATE),
        ("000229100000", NumberFault.DATE),  # 1800 was no leap year
        ("000229300000", NumberFault.DATE),  # 1900 was none
    ],
)
def test_why_a_number_is_not_that_of_a_person(number, fault):
    assert iin_fault(number) is fault


@pytest.mark.parametrize(
    "start", ["80031514567", "80031524567", "80031534567", "80031544567", "00022954567", "00022965678"]
)
def test_a_person_of_each_century_has_a_number(start):
    digit = check_digit(start)
    assert iin_fault(f"{start}{digit}") is None
    assert iin_fault(f"{start}{(digit + 1) % 10}") is NumberFault.CHECKSUM


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        ("12345678901", NumberFault.LENGTH),
        ("200040000000", NumberFault.DATE),
        ("201340000000", NumberFault.DATE),
        ("201230000000", NumberFault.KIND),
        ("201270000000", NumberFault.KIND),
        ("201244000000", NumberFault.KIND),
    ],
)
def test_why_a_number_is_not_that_of_an_organisation(number, fault):
    assert bin_fault(number) is fault


@pytest.mark.parametrize("start", ["20014000001", "20125000002", "20016100003", "20124200004", "20124300005"])
def test_an_organisation_of_each_kind_has_a_number(start):
    digit = check_digit(start)
    assert bin_fault(f"{start}{digit}") is None
    assert bin_fault(f"{start}{(digit + 1) % 10}") is NumberFault.CHECKSUM


def test_a_name_has_sixty_signs_at_most_and_that_of_an_organisation_a_hundred_in_a_mail():
    assert is_name("а" * 60) and not is_name("а" * 61)
    assert is_name("А.") and is_name("А. Б") and not is_name("А.Б") and not is_name(" - ")
    assert name_in_mail("а" * 100) == "а" * 100
    assert name_in_mail("а" * 101) == "а" * 99 + "…"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Mozilla/5.0 (Linux; Android 14) Chrome/120 Mobile Safari/537", "Chrome, Android"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120 Safari/537 Edg/120", "Edge, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) Firefox/120", "Firefox, Linux"),
        ("curl/8 (Linux)", "Linux"),
        ("curl/8", ""),
    ],
)
def test_a_browser_is_called_as_its_owner_calls_it(header, name):
    assert browser_name(header) == name
