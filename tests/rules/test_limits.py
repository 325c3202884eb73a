"""Numbers that a person meets and may ask about, each from both sides where a function holds it."""

from datetime import UTC, datetime, time, timedelta

import pytest

from webapp.flagging import rules as flagging_rules
from webapp.flagging.rules import Fault, Reason, report_fault
from webapp.journal import rules as journal_rules
from webapp.journal.rules import cell
from webapp.kernel.clock import LOCAL_ZONE
from webapp.moderation import rules as moderation_rules
from webapp.notifications import rules as notifications_rules
from webapp.notifications.rules import Audience, begins_term
from webapp.photos import rules as photos_rules
from webapp.photos.rules import PhotoFault, fault_of, scans
from webapp.proposals import rules as proposals_rules
from webapp.proposals.rules import asked_number, talon_number
from webapp.strategies import rules as strategies_rules
from webapp.teamwork import rules as teamwork_rules
from webapp.verification import rules as verification_rules
from webapp.voting.rules import Part, part_of, wish_moment

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "number", "means"),
    [
        ("moderation.UNDO", moderation_rules.UNDO, timedelta(minutes=1)),
        ("notifications.UNDO_TIME", notifications_rules.UNDO_TIME, timedelta(minutes=1)),
        ("notifications.MARGIN", notifications_rules.MARGIN, timedelta(minutes=0.5)),
        ("notifications.AT_ONCE_A_DAY", notifications_rules.AT_ONCE_A_DAY, 10),
        ("notifications.DIGEST_LINES", notifications_rules.DIGEST_LINES, 20),
        ("notifications.DIGEST_TIME", notifications_rules.DIGEST_TIME, time(9, 0)),
        ("notifications.TEXT_BYTES", notifications_rules.TEXT_BYTES, 3_000),
        ("notifications.QUOTE_BYTES", notifications_rules.QUOTE_BYTES, 500),
        ("notifications.REASON_BYTES", notifications_rules.REASON_BYTES, 1_100),
        ("notifications.TITLE_BYTES", notifications_rules.TITLE_BYTES, 120),
        ("teamwork.READING", teamwork_rules.READING, timedelta(minutes=10)),
        ("teamwork.LOOK_MAX", teamwork_rules.LOOK_MAX, timedelta(hours=0.5)),
        ("teamwork.NOTE_MAX", teamwork_rules.NOTE_MAX, 4_000),
        ("teamwork.VIEWS_MAX", teamwork_rules.VIEWS_MAX, 20),
        ("flagging.NOTE_MAX", flagging_rules.NOTE_MAX, 1_000),
        ("flagging.STRANGERS_PER_DAY", flagging_rules.STRANGERS_PER_DAY, 20),
        ("photos.SENT_MAX", photos_rules.SENT_MAX, 3_145_728),
        ("photos.ALT_MAX", photos_rules.ALT_MAX, 300),
        ("photos.PER_DAY", photos_rules.PER_DAY, 10),
        ("proposals.TITLE_MAX", proposals_rules.TITLE_MAX, 80),
        ("proposals.TEXT_MAX", proposals_rules.TEXT_MAX, 10_000),
        ("proposals.PLACE_MAX", proposals_rules.PLACE_MAX, 200),
        ("proposals.DRAFT_DAYS", proposals_rules.DRAFT_DAYS, 30),
        ("verification.TERM", verification_rules.TERM, timedelta(minutes=10)),
        ("verification.CHOICE_TERM", verification_rules.CHOICE_TERM, timedelta(hours=0.5)),
        ("verification.BEGINNINGS", verification_rules.BEGINNINGS, 12),
        ("verification.CODE_TRIES", verification_rules.CODE_TRIES, 5),
        ("verification.CODES_A_DAY", verification_rules.CODES_A_DAY, 3),
        ("strategies.FIRST_YEAR", strategies_rules.FIRST_YEAR, 1991),
        ("strategies.LAST_YEAR", strategies_rules.LAST_YEAR, 2100),
        ("journal.SMALLEST_CELL", journal_rules.SMALLEST_CELL, 10),
        ("journal.PRESENT", journal_rules.PRESENT, 2),
    ],
)
def test_a_number_that_somebody_is_told(name, number, means):
    assert number == means, name


def test_ten_characters_are_a_word_about_a_report():
    assert report_fault(Reason.OTHER, " " * 5 + "x" * 9) is Fault.NOTE
    assert report_fault(Reason.OTHER, "x" * 10) is None
    assert report_fault(Reason.INSULT, "") is None
    faults = {count: flagging_rules.hiding_faults("text", "text", "insult", "x" * count) for count in (9, 10, 500, 501)}
    assert faults == {9: ["sentence"], 10: [], 500: [], 501: ["sentence"]}
    assert [flagging_rules.tone(days, is_late=False) for days in (-1, 0, 1, 2)] == ["soon", "soon", "soon", "ok"]
    assert flagging_rules.tone(5, is_late=True) == "late"


def test_fewer_than_ten_people_are_published_as_fewer_than_ten():
    assert [cell("votes", number) for number in (0, 9)] == [{"votes_below": 10}] * 2
    assert cell("votes", 10) == {"votes": 10}
    assert journal_rules.GENESIS == "0000000000000000" * 4


def jpeg(*markers, end=True):
    """The first picture of a JPEG with these parts, each four bytes long behind its marker."""
    parts = b"".join(bytes((0xFF, marker, 0, 4, 7, 7)) for marker in markers)
    return b"\xff\xd8" + parts + (b"\xff\xd9" if end else b"")


def test_scans_are_counted_up_to_the_end_of_the_first_picture():
    assert scans(jpeg(), 65) == 0
    assert scans(b"\xff\xd8\xff\xe1\x00\x06\xff\xda\x00\x02\xff\xd9", 65) == 0  # within a part nothing is a scan
    assert scans(jpeg(0xE0, 0xDA, 0xDB, 0xDA), 65) == 2
    assert scans(jpeg(0xDA) + jpeg(0xDA, 0xDA), 65) == 1
    assert scans(jpeg(0xDA, 0xDA, 0xDA, end=False), 65) == 3
    assert scans(jpeg(*[0xDA] * 9), 5) == 5
    assert scans(b"\xff\xd8\xff\xda\x01\x02" + b"\xff\xda\x00\x04" * 64 + b"\xff\xda\x00\x02\xff\xd9", 65) == 2


def test_a_photo_has_sixty_four_scans_and_two_thousand_parts_at_most():
    assert fault_of(jpeg(*[0xDA] * 64)) is None
    assert fault_of(jpeg(*[0xDA] * 65)) is PhotoFault.TOO_MUCH_WORK
    assert fault_of(jpeg(*[0xE1] * 2000)) is None
    assert fault_of(jpeg(*[0xE1] * 2001)) is PhotoFault.TOO_MUCH_WORK
    assert fault_of(b"") is PhotoFault.EMPTY
    assert fault_of(b"GIF89a") is PhotoFault.NO_PHOTO
    assert fault_of(b"RIFF".ljust(3_145_728)) is None
    assert fault_of(b"RIFF".ljust(3_145_729)) is PhotoFault.TOO_HEAVY


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("344", (344, "344")),
        ("№ 344", (344, "344")),
        ("# 3 44", (344, "344")),
        ("999999999", (999_999_999, "999999999")),
        ("1000000000", (None, "1000000000")),
        ("№ 6110-2026-00041", (None, "6110-2026-00041")),
        ("x" * 30, (None, "X" * 24)),
        ("٣٤٤", (None, "٣٤٤")),
        ("", (None, "")),
    ],
)
def test_what_somebody_means_who_looks_for_a_number(word, meant):
    assert asked_number(word) == meant


def test_the_number_on_a_talon():
    assert talon_number("611010000", 2026, 41) == "6110-2026-00041"
    assert talon_number("611010000", 2026, 1_234_567) == "6110-2026-1234567"


def test_a_wish_is_counted_between_ten_minutes_and_twelve_hours_after_publication():
    assert wish_moment(NOW, 0) == wish_moment(NOW, 10_007) == NOW + timedelta(minutes=10)
    assert wish_moment(NOW, 5_003) < NOW + timedelta(hours=6, minutes=5) < wish_moment(NOW, 5_004)
    assert timedelta(hours=11, minutes=59) < wish_moment(NOW, 10_006) - NOW < timedelta(hours=12)


@pytest.mark.parametrize(
    ("home", "choice", "is_aside", "part"),
    [
        (None, None, False, Part.UNKNOWN),
        (None, "support", False, Part.KEPT),
        (None, None, True, Part.UNKNOWN),
        ({1, 2}, None, False, Part.LIFT),
        ({1, 2}, None, True, Part.LIFT),
        ({1, 2}, "support", False, Part.GATHER),
        ({1, 2}, "oppose", False, Part.AGAINST),
        ({1, 2}, "support", True, Part.KEPT),
        ({1, 3}, "support", False, Part.ELSEWHERE),
        ({1, 3}, None, False, Part.ELSEWHERE),
        ({1, 3}, "oppose", True, Part.KEPT),
    ],
)
def test_what_one_person_can_do_about_a_bar(home, choice, is_aside, part):
    assert part_of(home, 2, choice, is_aside) is part


def test_a_term_begins_for_its_author_and_for_every_officer_and_for_no_other_reader():
    assert begins_term("proposal:returned", Audience.AUTHOR) and not begins_term("proposal:published", Audience.AUTHOR)
    assert begins_term("proposal:climbed", Audience.OFFICER)
    assert not begins_term("proposal:submitted", Audience.MODERATOR)
    assert not begins_term("proposal:returned", Audience.FOLLOWER)


def test_the_weekly_mail_is_that_of_monday_at_nine_and_a_second_before_it_that_of_last_week():
    monday = datetime(2026, 11, 23, 9, tzinfo=LOCAL_ZONE)
    assert notifications_rules.digest_moment(monday, LOCAL_ZONE) == monday
    assert notifications_rules.digest_moment(monday - timedelta(seconds=1), LOCAL_ZONE) == monday - timedelta(days=7)
    assert notifications_rules.digest_moment(monday + timedelta(days=6), LOCAL_ZONE) == monday
