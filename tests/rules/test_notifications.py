"""When the weekly mail is made, how a text is cut, and what the table of who is told promises."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.kernel.clock import LOCAL_ZONE
from webapp.kernel.text import shortened
from webapp.notifications.rules import DIGEST_TIME, TOLD, UNDOABLE, day_began, digest_moment

MOMENTS = st.datetimes(datetime(2024, 4, 1), datetime(2035, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))


@given(MOMENTS)
def test_the_weekly_mail_is_of_the_last_monday_at_nine(now):
    moment = digest_moment(now, LOCAL_ZONE)
    assert moment.weekday() == 0 and moment.timetz().replace(tzinfo=None) == DIGEST_TIME
    assert timedelta(0) <= now - moment < timedelta(days=7)


@pytest.mark.parametrize(
    ("now", "monday"),
    [
        (datetime(2026, 11, 23, 4, 0, tzinfo=UTC), 23),  # nine o'clock in Almaty
        (datetime(2026, 11, 23, 3, 59, 59, tzinfo=UTC), 16),
        (datetime(2026, 11, 22, 20, 0, tzinfo=UTC), 16),  # Monday already in Almaty, and not nine yet
        (datetime(2026, 11, 29, 23, 0, tzinfo=UTC), 23),
    ],
)
def test_a_week_begins_when_it_does_in_almaty(now, monday):
    assert digest_moment(now, LOCAL_ZONE).day == monday


@given(MOMENTS)
def test_a_day_begins_at_midnight_in_almaty(now):
    began = day_began(now, LOCAL_ZONE)
    assert (began.hour, began.minute) == (0, 0) and timedelta(0) <= now - began < timedelta(days=1)


@given(st.text(max_size=300), st.integers(min_value=3, max_value=200))
def test_a_text_is_cut_to_what_fits(text, limit):
    text = text.encode(errors="ignore").decode()
    cut = shortened(text, limit)
    assert len(cut.encode()) <= limit
    assert cut == text or (cut.endswith("…") and text.startswith(cut[:-1]))
    assert cut == text or len(text.encode()) > limit


def test_a_text_is_cut_between_words():
    assert shortened("Көшеге жарық керек", 100) == "Көшеге жарық керек"
    assert shortened("Көшеге жарық керек", 30) == "Көшеге жарық…"


def test_what_can_be_taken_back_is_told_at_all():
    assert set(TOLD) >= UNDOABLE
    assert all(told.author or told.staff or told.followers for told in TOLD.values())
