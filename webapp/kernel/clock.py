"""The only place that reads the clock; everywhere else time is an argument."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

# Python prefers the files of the machine, and an old machine still knows Almaty as UTC+6: every term would end an hour
# early. From here on this process reads the pinned package `tzdata`, whoever asks for a zone.
zoneinfo.reset_tzpath(to=())
ZoneInfo.clear_cache()

#: One zone for the country since 1 March 2024 (UTC+5).
LOCAL_ZONE = ZoneInfo("Asia/Almaty")
#: No document of this country is older: its independence, 16 December 1991.
EARLIEST = date(1991, 12, 16)
OFFSET = timedelta(hours=5)


def is_the_countrys(zone: ZoneInfo) -> bool:
    """Whether a zone is that of Kazakhstan by the law: UTC+5 since 1 March 2024, in winter and in summer."""
    days = (datetime(2024, 3, 1, 12, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC))
    return all(day.astimezone(zone).utcoffset() == OFFSET for day in days)


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
