"""From how many on something is a suspicion, and how grave: each threshold from both sides, with the numbers worked out by hand."""

from datetime import UTC, datetime, timedelta
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.fraud.rules import Account, Ballot, Hot, Kind, Severity, all_findings, digest, hot_stretches

MIDNIGHT = datetime(2026, 11, 2, tzinfo=UTC)
HOUR = 3600.0
FLOOR = 20


def made(moments, network="net-work"):
    """Accounts at so many seconds after midnight; letters alone, so that their names do not count on."""
    word = [chr(97 + n // 26) + chr(97 + n % 26) + "q@mail.kz" for n in range(len(moments))]
    rows = enumerate(moments)
    return [Account(n, word[n], MIDNIGHT + timedelta(seconds=at), network) for n, at in rows]


def test_a_new_network_is_looked_at_from_its_floor_on():
    own = [100.0 * n for n in range(FLOOR)]
    assert hot_stretches(own, own, HOUR, FLOOR) == [Hot(0, 19, 20, 20.0)]
    assert hot_stretches(own[1:], own[1:], HOUR, FLOOR) == []


def test_what_is_an_hour_older_is_not_within_the_hour():
    own = [100.0 * n for n in range(FLOOR - 1)]
    for last, found in ((3599.0, [Hot(0, 19, 20, 20.0)]), (3600.0, [])):
        assert hot_stretches([*own, last], [*own, last], HOUR, FLOOR) == found


def test_what_a_network_usually_has_raises_its_threshold():
    """One an hour for a hundred hours: 20, twice 1, and four times the root of 1 are 26."""
    usual = [HOUR * n for n in range(100)]
    for count, found in ((26, [Hot(100, 125, 26, 26.0)]), (25, [])):
        own = usual + [100 * HOUR] * count
        assert hot_stretches(own, own, HOUR, FLOOR) == found


def test_what_the_country_does_at_the_same_time_raises_it_by_the_usual_share():
    """Fifty for two hundred of all others, a hundred of them now: 25 are expected, and 20 + 50 + 20 are 90."""
    usual = [HOUR * n for n in range(50)]
    others = [50 * HOUR] * 100 + [100 * HOUR] * 100
    for count, found in ((90, [Hot(50, 139, 90, 90.0)]), (89, [])):
        own = usual + [100 * HOUR] * count
        assert hot_stretches(own, sorted(own + others), HOUR, FLOOR) == found


def naive(own, everybody, span, floor):
    """The same by counting each window anew, and putting together those that overlap."""
    found = []
    others = len(everybody) - len(own)
    for last, end in enumerate(own):
        window = [n for n in range(last + 1) if own[n] > end - span]
        around = sum(end - span < at <= end for at in everybody) - len(window)
        rest = len(own) - len(window)
        usual = rest / max(1.0, (everybody[-1] - everybody[0]) / span)
        expected = max(usual, rest / others * around if others else 0)
        limit = floor + 2 * expected + 4 * sqrt(expected)
        if len(window) < max(floor, limit):
            continue
        if found and window[0] <= found[-1][1]:
            first, _last, windows = found.pop()
            found.append((first, last, [*windows, (len(window), limit)]))
        else:
            found.append((window[0], last, [(len(window), limit)]))
    return [Hot(first, last, *max(windows, key=lambda pair: pair[0] / pair[1])) for first, last, windows in found]


@given(
    st.lists(st.integers(0, 400), min_size=1, max_size=30).map(sorted),
    st.lists(st.integers(0, 400), max_size=20),
    st.sampled_from([10.0, 40.0]),
    st.integers(2, 5),
)
def test_stretches_are_the_same_counted_window_by_window(own, others, span, floor):
    everybody = sorted(own + others)
    assert hot_stretches(own, everybody, span, floor) == naive(own, everybody, span, floor)


def test_windows_that_overlap_are_one_stretch_with_its_fullest():
    """Forty, one each hundred seconds: 36 of them stand in an hour, four in the rest of the 39 hundred seconds."""
    own = [100.0 * n for n in range(40)]
    (found,) = hot_stretches(own, own, HOUR, FLOOR)
    expected = 4 / (3900 / 3600)
    assert found[:3] == (0, 39, 36)
    assert found.threshold == pytest.approx(20 + 2 * expected + 4 * sqrt(expected))


@pytest.mark.parametrize(
    ("count", "seconds", "kind", "severity"),
    [
        (19, 60, None, None),
        (20, 60, Kind.BURST, Severity.SUSPICIOUS),
        (59, 60, Kind.BURST, Severity.SUSPICIOUS),
        (60, 59, Kind.BURST, Severity.STRONG),
        (5, 1, None, None),
        (6, 1, Kind.SAME_MINUTE, Severity.SUSPICIOUS),
        (17, 1, Kind.SAME_MINUTE, Severity.SUSPICIOUS),
        (18, 1, Kind.SAME_MINUTE, Severity.STRONG),
    ],
)
def test_twenty_in_an_hour_six_in_a_minute_and_three_times_as_many_are_grave(count, seconds, kind, severity):
    found = all_findings(made([seconds * n for n in range(count)]), [])
    if kind is None:
        assert found == []
        return
    (finding,) = found
    assert (finding.kind, finding.severity) == (kind, severity)
    usual = 20 if kind is Kind.BURST else 6
    assert finding.numbers == {"accounts": count, "fullest": count, "usual": usual, "network": "net-"}
    assert finding.accounts == tuple(range(count)) and len(finding.key) == 12
    assert finding.by_hour == ((MIDNIGHT, count),)


def test_accounts_of_an_unknown_network_are_no_burst():
    assert all_findings(made([0] * 60, network=None), []) == []


@pytest.mark.parametrize(
    ("count", "severity"),
    [(1, None), (2, Severity.WATCH), (3, Severity.SUSPICIOUS), (9, Severity.SUSPICIOUS), (10, Severity.STRONG)],
)
def test_a_couple_may_share_a_mailbox_and_a_machine_fills_it(count, severity):
    rows = made([86_400 * n for n in range(count)], network=None)
    found = all_findings([row._replace(email=f"box+{n}@mail.kz") for n, row in enumerate(rows)], [])
    assert [(one.kind, one.severity) for one in found] == ([(Kind.MAILBOX, severity)] if severity else [])
    for one in found:
        assert one.numbers == {"accounts": count, "mailbox": "box@mail.kz"} and one.accounts == tuple(range(count))


def numbered(numbers, hours):
    """Accounts of these numbers at these hours after midnight."""
    rows = enumerate(zip(numbers, hours, strict=True))
    return [Account(n, f"ivan{number}@mail.kz", MIDNIGHT + timedelta(hours=at), None) for n, (number, at) in rows]


@pytest.mark.parametrize(
    ("numbers", "severity"),
    [
        (range(4), None),
        (range(5), Severity.WATCH),
        (range(7), Severity.WATCH),
        (range(8), Severity.SUSPICIOUS),
        (range(19), Severity.SUSPICIOUS),
        (range(20), Severity.STRONG),
        (range(1, 11, 2), Severity.WATCH),  # a gap of one number
        (range(1, 16, 3), None),  # a gap of two
        (["1", "01", "2", "3", "4"], None),  # four numbers, one of them twice
        (["1", "01", "2", "3", "4", "5"], Severity.WATCH),
        ([1, 2, 3, 4, 50, 60, 70], None),
        ([1, 2, 3, 4, 5, 50, 60], Severity.WATCH),
        ([*range(5), *range(20, 25)], Severity.SUSPICIOUS),  # two runs of one stem are one finding
    ],
)
def test_five_numbers_that_follow_each_other_are_watched(numbers, severity):
    found = all_findings(numbered(numbers, [0.1 * n for n in range(len(numbers))]), [])
    assert [(one.kind, one.severity) for one in found] == ([(Kind.NUMBERED, severity)] if severity else [])


def test_a_finding_names_the_first_and_the_last_number():
    (found,) = all_findings(numbered([7, 3, 4, 6, 5, 90], [1] * 6), [])
    assert found.numbers == {"accounts": 5, "stem": "ivan#@mail.kz", "first": 3, "last": 7}
    assert found.accounts == (0, 1, 2, 3, 4)


@pytest.mark.parametrize(
    ("hours", "count"),
    [
        ([0, 6, 11.9, 18, 23.9], 5),
        ([12, 18, 24, 30, 35.9], 5),  # midnight hides nothing
        ([0, 7, 14, 21, 24], 0),  # the last one is of another day
        ([11.9, 12, 18, 24, 30], 0),
        ([0, 1, 12, 13, 14, 24, 25], 7),  # two days that overlap
    ],
)
def test_numbers_count_on_within_a_day_and_days_overlap_by_half(hours, count):
    found = all_findings(numbered(range(len(hours)), hours), [])
    assert [len(one.accounts) for one in found] == ([count] if count else [])


@pytest.mark.parametrize(
    ("count", "against", "severity"),
    [
        (39, 0, None),
        (40, 0, Severity.SUSPICIOUS),
        (40, 2, Severity.SUSPICIOUS),  # 95 of 100 go one way
        (40, 3, Severity.WATCH),
        (119, 0, Severity.SUSPICIOUS),
        (120, 0, Severity.STRONG),
        (120, 6, Severity.STRONG),
        (120, 7, Severity.WATCH),
    ],
)
def test_forty_votes_in_an_hour_that_go_one_way(count, against, severity):
    rows = [
        Ballot(n, 7, -1 if n < against else 1, MIDNIGHT + timedelta(seconds=20 * n), "network") for n in range(count)
    ]
    found = all_findings([], rows)
    assert [(one.kind, one.severity) for one in found] == ([(Kind.VOTES, severity)] if severity else [])
    for one in found:
        percent = (count - against) * 100 // count
        numbers = {"votes": count, "fullest": count, "usual": 40, "proposal": 7, "percent": percent, "network": "netw"}
        assert one.numbers == numbers and one.accounts == tuple(range(count))
    assert all_findings([], [row._replace(network=None) for row in rows]) == []
    apart = [row._replace(proposal_id=row.voter_id % 3) for row in rows[:117]]
    assert all_findings([], apart) == []  # each proposal is looked at by itself


def test_the_gravest_and_the_largest_stand_first():
    pairs = [Account(n, f"pair{'x' * (n // 2)}+{n}@mail.kz", MIDNIGHT, None) for n in range(4)]
    three = [Account(10 + n, f"three+{n}@mail.kz", MIDNIGHT, None) for n in range(3)]
    ten = [Account(20 + n, f"ten+{n}@mail.kz", MIDNIGHT, None) for n in range(10)]
    nine = [Account(40 + n, f"nine+{n}@mail.kz", MIDNIGHT, None) for n in range(9)]
    found = all_findings([*pairs, *three, *nine, *ten], [])
    assert [len(one.accounts) for one in found] == [10, 9, 3, 2, 2]
    assert found[3].key < found[4].key


def test_what_is_shown_is_named_by_sixteen_signs():
    assert len(digest([1, 2])) == 16 and digest([1, 2]) == digest([2, 1, 1]) != digest([12])


def test_two_hours_far_apart_are_two_stretches():
    own = [0.0] * 21 + [2000 * HOUR] * 25
    assert [(hot.first, hot.last, hot.fullest) for hot in hot_stretches(own, own, HOUR, FLOOR)] == [
        (0, 20, 21),
        (21, 45, 25),
    ]
