"""The only place that reads the clock; everywhere else time is an argument."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

#: One zone for the country since 1 March 2024 (UTC+5).
LOCAL_ZONE = ZoneInfo("Asia/Almaty")
#: No document of this country is older: its independence, 16 December 1991.
EARLIEST = date(1991, 12, 16)


def now() -> datetime:
    """The present moment, in UTC and aware of it."""
    return datetime.now(UTC)


def local_date(moment: datetime) -> date:
    """The calendar date of a moment in Kazakhstan."""
    return moment.astimezone(LOCAL_ZONE).date()


def day_in_years(years: int, day: date) -> date:
    """The same day so many years later; the last of February after a leap day."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
