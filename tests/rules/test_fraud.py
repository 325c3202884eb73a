"""Suspicions: addresses of one mailbox, names that count on, networks in a hurry; and a country to try them on."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.fraud import rules
from webapp.fraud.rules import Account, Ballot, Kind, Severity, all_findings, canonical_email, numbered_stem
from webapp.kernel.networks import network_key, network_prefix

START = datetime(2026, 11, 2, 5, 0, tzinfo=UTC)
LOCAL = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=12)
ACCOUNTS = st.lists(
    st.tuples(
        st.sampled_from(["a@gmail.com", "a+1@gmail.com", "ivan07@mail.kz", "ivan08@mail.kz", "x@y.kz", "A@GMAIL.com"]),
        st.integers(0, 100_000),
        st.sampled_from(["n1", "n2", None]),
    ),
    max_size=40,
).map(lambda rows: [Account(n, e, START + timedelta(seconds=s), net) for n, (e, s, net) in enumerate(rows, start=1)])


@pytest.mark.parametrize(
    "one, other",
    [
        ("Aigerim@Gmail.com", "aigerim@gmail.com"),
        ("ai.ge.rim@gmail.com", "aigerim@googlemail.com"),
        ("aigerim+votes@mail.kz", "aigerim@mail.kz"),
        ("aigerim.s@ya.ru", "aigerim-s@yandex.kz"),
        ("дана@пошта.қаз", "ДАНА@ПОШТА.ҚАЗ"),
        ("dana@xn--80a1acny.xn--80ao21a", "dana@пошта.қаз".replace("пошта", "почта")),
        ("ＡＩ@mail.kz", "ai@mail.kz"),
        ("a@mail.kz.", "a@mail.kz"),
    ],
)
def test_spellings_of_one_mailbox(one, other):
    assert canonical_email(one) == canonical_email(other)


@pytest.mark.parametrize(
    "one, other",
    [
        ("a.b@mail.kz", "ab@mail.kz"),
        ("a@mail.kz", "a@mail.ru"),
        ("+1@mail.kz", "+2@mail.kz"),
        ("a@gmail.com", "b@gmail.com"),
        ("not an address", "another"),
    ],
)
def test_different_mailboxes_stay_different(one, other):
    assert canonical_email(one) != canonical_email(other)


@given(st.text(max_size=60))
def test_any_text_is_taken_and_a_canonical_one_stays(text):
    once = canonical_email(text)
    assert canonical_email(once) == once


@given(LOCAL, LOCAL, st.sampled_from(["gmail.com", "mail.kz", "ya.ru"]))
def test_tags_and_case_never_make_another_mailbox(local, tag, domain):
    assert canonical_email(f"{local.upper()}+{tag}@{domain}") == canonical_email(f"{local}@{domain}")


def test_the_last_number_of_an_address_is_found():
    assert numbered_stem("ivan07@mail.kz") == ("ivan#@mail.kz", 7)
    assert numbered_stem("2b.or.not.12.b@mail.kz") == ("2b.or.not.#.b@mail.kz", 12)
    assert numbered_stem("dana@mail.kz") is None
    assert numbered_stem("user" + "9" * 40 + "@mail.kz")[1] < 10**9


def made(count, network, seconds, email="u{}x@mail.kz", first=1, start=START):
    """So many accounts, evenly over a time."""
    step = seconds / max(count, 1)
    return [Account(first + n, email.format(n), start + timedelta(seconds=step * n), network) for n in range(count)]


def kinds(found, least=Severity.SUSPICIOUS):
    return {finding.kind for finding in found if finding.severity >= least}


def test_a_new_network_in_a_hurry_is_a_burst_and_a_slow_one_is_not():
    letters = "word{}q@mail.kz"
    assert Kind.BURST in kinds(all_findings(made(rules.BURST_FLOOR, "n1", 3000, letters), []))
    assert kinds(all_findings(made(rules.BURST_FLOOR - 1, "n1", 3000, "w{0}.{0}@mail.kz"), [])) <= {Kind.NUMBERED}
    slow = [Account(n, f"{'abc'[n % 3] * (n + 1)}@mail.kz", START + timedelta(hours=n), "n1") for n in range(200)]
    assert all_findings(slow, []) == []


def test_a_flash_crowd_lifts_all_networks_and_none_is_listed():
    quiet = [
        Account(
            n, f"{'q' * (n % 50 + 1)}{chr(97 + n % 26)}.{n // 50}z@mail.kz", START + timedelta(minutes=n), f"n{n % 10}"
        )
        for n in range(10_000)
    ]
    crowd_at = START + timedelta(days=3)
    crowd = [
        Account(
            20_000 + n,
            f"c{chr(97 + n % 26)}{'z' * (n // 26)}@mail.kz",
            crowd_at + timedelta(seconds=n * 3),
            f"n{n % 10}",
        )
        for n in range(1000)
    ]
    assert Kind.BURST not in kinds(all_findings(quiet + crowd, []), Severity.WATCH)
    one = [account._replace(network="n3") for account in crowd[:400]]
    assert Kind.BURST in kinds(all_findings(quiet + one, []))


def test_accounts_of_one_minute():
    assert Kind.SAME_MINUTE in kinds(all_findings(made(rules.MINUTE_FLOOR, "n1", 30, "k{0}j@mail.kz"), []))
    assert Kind.SAME_MINUTE not in kinds(all_findings(made(rules.MINUTE_FLOOR - 1, "n1", 30), []), Severity.WATCH)


def test_two_addresses_of_a_mailbox_are_watched_and_three_suspicious():
    for count, severity in ((2, Severity.WATCH), (3, Severity.SUSPICIOUS), (10, Severity.STRONG)):
        rows = [Account(n, f"dana+{'x' * n}@mail.kz", START + timedelta(days=n), f"n{n}") for n in range(count)]
        (finding,) = all_findings(rows, [])
        assert (finding.kind, finding.severity, len(finding.accounts)) == (Kind.MAILBOX, severity, count)


def test_names_that_count_on_within_a_day():
    rows = made(40, None, 20_000, "ivan{:02}@mail.kz")
    (finding,) = all_findings(rows, [])
    assert (finding.kind, finding.severity) == (Kind.NUMBERED, Severity.STRONG)
    assert (finding.numbers["first"], finding.numbers["last"], len(finding.accounts)) == (0, 39, 40)
    over_a_year = [row._replace(created_at=START + timedelta(days=9 * n)) for n, row in enumerate(rows)]
    assert all_findings(over_a_year, []) == []
    midnight = START.replace(hour=0) + timedelta(days=1)
    around = [row._replace(created_at=midnight + timedelta(minutes=n - 4)) for n, row in enumerate(rows[:9])]
    assert len(all_findings(around, [])[0].accounts) == 9


def test_votes_of_one_network_that_go_one_way():
    base = [Ballot(n, 1, 1 if n % 3 else -1, START + timedelta(minutes=3 * n), f"n{n % 20}") for n in range(1, 1500)]
    hurry = [Ballot(5000 + n, 1, 1, START + timedelta(hours=30, seconds=10 * n), "n3") for n in range(90)]
    found = [f for f in all_findings([], base + hurry) if f.kind is Kind.VOTES]
    assert len(found) == 1 and found[0].severity >= Severity.SUSPICIOUS
    assert {b.voter_id for b in hurry} <= set(found[0].accounts)
    assert found[0].numbers["proposal"] == 1
    mixed = [b._replace(choice=1 if b.voter_id % 2 else -1) for b in hurry]
    assert [f.severity for f in all_findings([], base + mixed)] == [Severity.WATCH]
    assert all_findings([], base) == []


@given(ACCOUNTS, st.randoms())
def test_the_order_of_the_rows_does_not_matter(accounts, chance):
    shuffled = list(accounts)
    chance.shuffle(shuffled)
    assert all_findings(shuffled, []) == all_findings(accounts, [])


@given(ACCOUNTS)
def test_findings_speak_of_known_accounts_and_their_numbers_add_up(accounts):
    known = {account.id for account in accounts}
    found = all_findings(accounts, [])
    assert len({finding.key for finding in found}) == len(found)
    for finding in found:
        assert set(finding.accounts) <= known
        assert len(set(finding.accounts)) == len(finding.accounts) >= 2
        assert sum(number for _hour, number in finding.by_hour) == len(finding.accounts) == finding.numbers["accounts"]
        assert all(hour.minute == hour.second == 0 for hour, _number in finding.by_hour)


@given(st.lists(st.integers(1, 50)), st.randoms())
def test_a_digest_is_one_for_one_set(ids, chance):
    shuffled = [*ids, *ids]
    chance.shuffle(shuffled)
    assert rules.digest(ids) == rules.digest(shuffled)
    assert rules.digest(ids) != rules.digest([*ids, 51])


def test_a_finding_keeps_its_name_while_it_grows():
    rows = made(60, "n1", 3000, "w{}q@mail.kz")
    small, large = (next(f for f in all_findings(some, []) if f.kind is Kind.BURST) for some in (rows[:30], rows))
    assert small.key == large.key and len(small.accounts) < len(large.accounts)


@pytest.mark.parametrize(
    "address, prefix",
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2::9", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("nonsense", None),
        ("", None),
        (None, None),
    ],
)
def test_the_network_of_an_address(address, prefix):
    assert network_prefix(address) == prefix


def test_a_network_is_kept_as_a_keyed_hash():
    assert network_key("k", "203.0.113.77") == network_key("k", "203.0.113.1") != network_key("k", "203.0.114.1")
    assert network_key("k", "203.0.113.77") != network_key("another", "203.0.113.77")
    assert len(network_key("k", "203.0.113.77")) == 16 and network_key("k", "x") is None


#: Two hundred names, each with and without an initial: some names are common, and years of birth stand behind them.
NAMES = [
    a + b + c
    for a in ("ai", "da", "as", "nur", "ol", "ti", "er", "gul", "sa", "ma")
    for b in ("na", "lan", "gerim", "bek")
    for c in ("", "k", "s", "a", "t")
]
DOMAINS = ["gmail.com", "mail.ru", "mail.kz", "yandex.kz", "inbox.ru", "icloud.com"]


def honest_people(chance, count):
    """Three weeks of a country: mobile networks shared by many, homes, school classes, one crowded evening."""
    moments = []
    for _person in range(count):
        day = 12 if chance.random() < 0.2 else chance.randrange(21)  # the evening on which everybody shared it
        moments.append(
            START + timedelta(days=day, hours=min(16, max(0, chance.gauss(9, 3.5))), seconds=chance.randrange(3600))
        )
    rows, taken = [], set()
    for number, at in enumerate(moments):
        network = f"mobile{chance.randrange(60)}" if chance.random() < 0.6 else f"home{chance.randrange(9000)}"
        name, ending = chance.choice(NAMES), chance.random()
        if ending < 0.35:
            name += f"{chance.randrange(60, 110) % 100:02}"
        elif ending < 0.6:
            name += str(chance.randrange(1950, 2010))
        else:
            name += "." + "".join(chance.choices("bdfghjklmnprtvz", k=5))
        email = f"{name}@{chance.choice(DOMAINS)}"
        if email in taken:  # the mailbox is somebody's already: one takes another name
            email = f"{name}.{number:x}@mail.ru"
        taken.add(email)
        rows.append(Account(number, email, at, network))
    for group in range(40):  # a class signs up together, twelve in half an hour
        at = START + timedelta(days=chance.randrange(21), hours=5)
        for seat in range(12):
            place = group * 12 + seat
            rows[place] = rows[place]._replace(network=f"school{group}", created_at=at + timedelta(seconds=150 * seat))
    return rows


def robots(chance, first):
    """A thousand false accounts of five makers; the last one is careful, and no rule of this kind can see it."""
    rows = []

    def add(email, at, network):
        rows.append(Account(first + len(rows), email, at, network))

    def random_name():
        return "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=9)) + "@mail.ru"

    for n in range(300):  # counts on, three servers, one day
        add(f"support{n}@mail.kz", START + timedelta(days=5, minutes=4 * n), f"server{n % 3}")
    for n in range(300):  # random names behind mobile networks, sixty an hour each
        add(random_name(), START + timedelta(days=12, hours=9, minutes=n // 5), f"mobile{n % 5}")
    for n in range(200):  # one mailbox with dots and tags, from everywhere
        add(f"b.i.g+{n}@gmail.com", START + timedelta(hours=2 * n), f"home{chance.randrange(9000)}")
    for n in range(170):  # a script, ten a minute
        add(random_name(), START + timedelta(days=8, hours=n // 10, seconds=3 * (n % 10)), f"rented{n // 10}")
    for n in range(30):  # careful: other names, other networks, spread over three weeks
        add(random_name(), START + timedelta(hours=16 * n), f"home{chance.randrange(9000)}")
    return rows


@pytest.mark.parametrize("seed", [1, 2])
def test_a_thousand_robots_among_fifty_thousand_people(seed):
    """At least 95 of 100 robots are listed as suspicious, at most 5 of 1,000 people are beside them."""
    chance = random.Random(seed)
    people = honest_people(chance, 50_000)
    false = robots(chance, 50_000)
    found = all_findings(people + false, [])
    listed = {account for f in found if f.severity >= Severity.SUSPICIOUS for account in f.accounts}
    caught = len(listed & {account.id for account in false}) / len(false)
    wronged = len(listed & {account.id for account in people}) / len(people)
    assert len(false) == 1000
    assert caught >= 0.95, caught
    assert wronged <= 0.005, wronged
