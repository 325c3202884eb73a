"""What becomes of votes when proposals are joined and parted, as properties: nobody is lost, nobody counts twice, undoing is exact."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.conftest import MONDAY
from tests.factories import crowd, published
from tests.mergers import ballots, merged, parted, place_of, supporters, tallies, tried, voters
from tests.sizes import size
from webapp.fraud.returning import release, return_all
from webapp.fraud.services import set_aside
from webapp.kernel.database import db, locked, unit_of_work
from webapp.kernel.errors import Conflict, Invalid
from webapp.merging.services import preview
from webapp.people.models import Membership, Organisation, User
from webapp.proposals.models import Proposal
from webapp.territories.services import by_kato
from webapp.voting.models import PendingVote, Vote
from webapp.voting.services import cast_for_organisation, cast_vote, keep_vote, recount, withdraw_vote

both_databases = True
sensitive = (
    "test_a_check_that_ends_gives_copied_votes_back_too",
    "test_a_merger_is_the_union_and_undoing_it_is_exact",
    "test_kept_votes_come_along_and_count_where_they_belong",
    "test_no_order_of_mergers_makes_a_ring_or_loses_anybody",
)
LATER = MONDAY + timedelta(days=3)
HOMES = ("611000000", "612000000", "750000000")
CHOICES = st.sampled_from([None, "support", "support", "oppose"])
#: A resident: how they vote on the one and on the other, and whether their votes are set aside.
RESIDENTS = st.lists(st.tuples(CHOICES, CHOICES, st.booleans()), min_size=0, max_size=9)
ORGANISATIONS = st.lists(st.tuples(CHOICES, CHOICES), min_size=0, max_size=3)
KEPT = st.lists(st.tuples(CHOICES, CHOICES), min_size=0, max_size=3)
EXAMPLES = settings(max_examples=size(8, 60))


@pytest.fixture
def cast(app, world):
    """Two proposals of one city, voters of three places, organisations, people who are not verified yet; and staff."""
    from tests.suspects import make_operator

    operator = make_operator().id
    with unit_of_work():
        one, other = (published(world, MONDAY - timedelta(days=2), title=title) for title in ("Жарық", "Шам"))
        people = [user.id for home in HOMES for user in crowd(3, home, MONDAY - timedelta(days=9), "fellow")]
        fresh = crowd(3, HOMES[0], MONDAY - timedelta(days=9), "fresh")
        for user in fresh:
            user.verified_at = None
        firms = []
        for number in range(3):
            firm = Organisation(bin=f"00000000000{number}", kind="ngo", name=f"Ұйым {number}", verified_at=MONDAY)
            firm.home_id = by_kato(HOMES[number]).id
            db.session.add(firm)
            db.session.flush()
            db.session.add(Membership(organisation_id=firm.id, user_id=people[number], role="owner"))
            firms.append(firm.id)
        return {
            "one": one.id,
            "other": other.id,
            "people": people,
            "fresh": [user.id for user in fresh],
            "firms": firms,
            "moderator": world.moderator.id,
            "operator": operator,
        }


def vote_all(cast, residents, organisations, kept):
    """Everybody votes as drawn; then some are set aside."""
    for place, key in enumerate((cast["one"], cast["other"])):
        proposal = locked(Proposal, key)
        for who, choices in zip(cast["people"], residents, strict=False):
            if choices[place]:
                cast_vote(db.session.get_one(User, who), proposal, choices[place], MONDAY)
        for number, choices in enumerate(organisations):
            if choices[place]:
                firm = db.session.get_one(Organisation, cast["firms"][number])
                speaker = db.session.get_one(User, cast["people"][number])
                cast_for_organisation(speaker, firm, proposal, choices[place], MONDAY)
        for who, choices in zip(cast["fresh"], kept, strict=False):
            if choices[place]:
                keep_vote(db.session.get_one(User, who), proposal, choices[place], MONDAY)
    aside = [who for who, row in zip(cast["people"], residents, strict=False) if row[2]]
    if not aside:
        return None
    return set_aside(db.session.get_one(User, cast["operator"]), aside, ["one-mailbox"], "", MONDAY).id


@EXAMPLES
@given(residents=RESIDENTS, organisations=ORGANISATIONS, kept=KEPT)
def test_a_merger_is_the_union_and_undoing_it_is_exact(cast, residents, organisations, kept):
    one, other, moderator = cast["one"], cast["other"], cast["moderator"]
    with tried():
        vote_all(cast, residents, organisations, kept)
        before = {key: (ballots(key, marks=True), tallies(key), place_of(key)) for key in (one, other)}
        own, there, here = supporters(one), supporters(other), voters(other)
        against = supporters(one, -1), supporters(other, -1)
        said = preview(db.session.get_one(Proposal, one), db.session.get_one(Proposal, other))

        merger = merged(moderator, one, other, MONDAY)
        for kind in (0, 1):  # residents, organisations: who had voted there keeps that vote
            assert supporters(other)[kind] == there[kind] | (own[kind] - here[kind])
            assert supporters(other, -1)[kind] == against[1][kind] | (against[0][kind] - here[kind])
        union = ballots(one) | ballots(other)
        taken = {key: row for key, row in before[one][0].items() if key not in before[other][0]}
        taken = {key: row for key, row in taken.items() if not is_needless(key, cast, other)}
        assert ballots(other) == {k: row[:-1] for k, row in (taken | before[other][0]).items()}
        assert set(union) >= set(ballots(other))
        assert (said.own, said.there, said.union) == (len(own[0]), len(there[0]), len(supporters(other)[0]))
        assert said.union == said.own + said.there - said.both
        assert (ballots(one, marks=True), tallies(one)) == before[one][:2]  # its own votes stay as they were
        assert place_of(one)[0] == "merged" and place_of(one)[-1] == other
        assert recount(MONDAY) == []
        after = ballots(other), tallies(other)

        parted(moderator, merger, MONDAY)
        assert {key: (ballots(key, marks=True), tallies(key), place_of(key)) for key in (one, other)} == before
        assert recount(MONDAY) == []

        merged(moderator, one, other, MONDAY)
        assert (ballots(other), tallies(other)) == after


def is_needless(key, cast, other):
    """A vote that waits for a person who has voted there already; there is none, for whoever is verified has none waiting."""
    return key[0] == "PendingVote" and ("Vote", key[1]) in ballots(other)


@EXAMPLES
@given(residents=RESIDENTS, acts=st.lists(st.sampled_from(["change", "withdraw", "again", None]), max_size=9))
def test_whoever_has_acted_since_keeps_what_they_said(cast, residents, acts):
    """Undoing takes away what was brought and nobody has touched, whatever its voters were about."""
    one, other, moderator = cast["one"], cast["other"], cast["moderator"]
    with tried():
        vote_all(cast, residents, [], [])
        before = ballots(other)
        merger = merged(moderator, one, other, MONDAY)
        touched = set()
        for who, act in zip(cast["people"], acts, strict=False):
            voter, proposal = db.session.get_one(User, who), db.session.get_one(Proposal, other)
            row = db.session.execute(
                select(Vote.choice).where(Vote.proposal_id == other, Vote.voter_id == who)
            ).scalar_one_or_none()
            if act == "change":
                cast_vote(voter, proposal, "oppose" if row == 1 else "support", LATER)
            elif act == "withdraw":
                withdraw_vote(voter, proposal, LATER)
            elif act == "again" and row:
                cast_vote(voter, proposal, "support" if row == 1 else "oppose", LATER)  # the same: nothing was done
                continue
            if act in ("change", "withdraw"):
                touched.add(("Vote", who))
        now = ballots(other)
        parted(moderator, merger, LATER)
        wanted = {key: row for key, row in before.items() if key not in touched}
        wanted |= {key: row for key, row in now.items() if key in touched}
        assert ballots(other) == wanted
        assert recount(MONDAY) == []


STEPS = st.lists(
    st.tuples(st.sampled_from(["merge", "merge", "part"]), st.integers(0, 4), st.integers(0, 4)), max_size=14
)


@pytest.fixture
def five(cast, world):
    """Five proposals on the same matter."""
    with unit_of_work():
        more = [published(world, MONDAY - timedelta(days=1), title=f"Шамдар {n}").id for n in range(3)]
    return [cast["one"], cast["other"], *more]


@settings(max_examples=size(8, 100))
@given(steps=STEPS, choices=st.lists(st.lists(CHOICES, min_size=5, max_size=5), min_size=4, max_size=4))
def test_no_order_of_mergers_makes_a_ring_or_loses_anybody(cast, five, steps, choices):
    moderator, made = cast["moderator"], []
    with tried():
        for who, row in zip(cast["people"], choices, strict=False):
            for key, choice in zip(five, row, strict=True):
                if choice:
                    cast_vote(db.session.get_one(User, who), locked(Proposal, key), choice, MONDAY)
        before = {key: (ballots(key, marks=True), tallies(key), place_of(key)) for key in five}
        for what, first, second in steps:
            if what == "merge":
                made += as_far_as_it_goes(lambda a=first, b=second: merged(moderator, five[a], five[b], MONDAY))
            elif made:
                as_far_as_it_goes(lambda m=made[first % len(made)]: parted(moderator, m, MONDAY))
            check_links(five)
        assert recount(MONDAY) == []
        while any(place_of(key)[-1] for key in five):
            for merger in made:
                as_far_as_it_goes(lambda m=merger: parted(moderator, m, MONDAY))
        assert {key: (ballots(key, marks=True), tallies(key), place_of(key)) for key in five} == before


def as_far_as_it_goes(act):
    """What an act has made, if it was not refused; a refusal changes nothing."""
    try:
        with db.session.begin_nested():
            return [act()]
    except (Conflict, Invalid):
        db.session.expire_all()
        return []


def check_links(keys):
    """From everywhere one arrives at an open proposal that is not joined to another; who is in one is in the next one too."""
    links = {key: place_of(key)[-1] for key in keys}
    for start in keys:
        seen, here = set(), start
        while links[here] is not None:
            assert here not in seen
            seen.add(here)
            assert all(inside <= around for inside, around in zip(voters(here), voters(links[here]), strict=True))
            here = links[here]
        assert place_of(here)[4] is None


@EXAMPLES
@given(residents=st.lists(st.tuples(CHOICES, CHOICES, st.just(True)), min_size=1, max_size=9), first=st.booleans())
def test_a_check_that_ends_gives_copied_votes_back_too(cast, residents, first):
    """Set aside before the merger or after it: in no tally while the check lasts, and counted on both afterwards."""
    one, other, moderator = cast["one"], cast["other"], cast["moderator"]
    with tried():
        operator = db.session.get_one(User, cast["operator"])
        everybody = [row[:2] for row in residents]
        check = vote_all(cast, residents if first else [(*row, False) for row in everybody], [], [])
        merger = merged(moderator, one, other, MONDAY)
        if not first:
            check = set_aside(operator, cast["people"][: len(residents)], ["one-mailbox"], "", MONDAY).id
        assert tallies(other) == {"whole": [0, 0, 0, 0]} == tallies(one)
        assert recount(MONDAY) == []
        from webapp.fraud.models import Quarantine

        release(operator, locked(Quarantine, check), MONDAY)
        return_all(MONDAY)  # so few wait for others
        wanted = [theirs or own for own, theirs in everybody]
        assert tallies(other)["whole"][:2] == [wanted.count("support"), wanted.count("oppose")]
        assert tallies(one)["whole"][0] == [own for own, _theirs in everybody].count("support")
        assert recount(MONDAY) == []
        parted(moderator, merger, MONDAY)
        assert tallies(other)["whole"][0] == [theirs for _own, theirs in everybody].count("support")
        assert recount(MONDAY) == []


def test_what_was_withdrawn_while_set_aside_is_not_brought(cast):
    one, other, who = cast["one"], cast["other"], cast["people"][0]
    with tried():
        vote_all(cast, [("support", None, True)], [], [])
        withdraw_vote(db.session.get_one(User, who), locked(Proposal, one), MONDAY)
        merged(cast["moderator"], one, other, MONDAY)
        assert ballots(other) == {}


def test_kept_votes_come_along_and_count_where_they_belong(cast):
    """Somebody is verified while two proposals are joined: the vote counts on the one, and after parting on the other."""
    from webapp.people.services import mark_verified
    from webapp.voting.services import complete_pending_votes

    one, other, (late, never, _third) = cast["one"], cast["other"], cast["fresh"]
    with tried():
        vote_all(cast, [], [], [("support", None), ("oppose", None)])
        merger = merged(cast["moderator"], one, other, MONDAY)
        assert {key: row[1] for key, row in ballots(other).items()} == {
            ("PendingVote", late): 1,
            ("PendingVote", never): -1,
        }
        person = db.session.get_one(User, late)
        mark_verified(person, "key of the late one", by_kato(HOMES[0]).id, LATER, "desk")
        assert [p.id for p in complete_pending_votes(person, LATER)] == [other]
        db.session.flush()
        assert (tallies(one)["whole"], tallies(other)["whole"]) == ([0, 0, 0, 0], [1, 0, 0, 0])
        parted(cast["moderator"], merger, LATER)
        assert (tallies(one)["whole"], tallies(other)["whole"]) == ([1, 0, 0, 0], [0, 0, 0, 0])
        assert ballots(other) == {}
        waiting = set(db.session.scalars(select(PendingVote.voter_id)))
        assert waiting == {never}
        assert recount(MONDAY) == []


def test_a_kept_vote_that_came_from_two_stays_until_both_have_gone(cast, five):
    """Verified meanwhile: counted once on the one that stays, and on each of the others when it is parted."""
    from webapp.people.services import mark_verified
    from webapp.voting.services import complete_pending_votes

    first, second, stays = five[:3]
    with tried():
        person = db.session.get_one(User, cast["fresh"][0])
        for key, choice in ((first, "support"), (second, "oppose")):
            keep_vote(person, locked(Proposal, key), choice, MONDAY)
        mergers = [merged(cast["moderator"], key, stays, MONDAY) for key in (first, second)]
        mark_verified(person, "key of the late one", by_kato(HOMES[0]).id, LATER, "desk")
        complete_pending_votes(person, LATER)
        db.session.flush()
        assert [tallies(key)["whole"][:2] for key in five[:3]] == [[0, 0], [0, 0], [1, 0]]
        parted(cast["moderator"], mergers[0], LATER)
        assert [tallies(key)["whole"][:2] for key in five[:3]] == [[1, 0], [0, 0], [0, 1]]
        parted(cast["moderator"], mergers[1], LATER)
        assert [tallies(key)["whole"][:2] for key in five[:3]] == [[1, 0], [0, 1], [0, 0]]
        assert db.session.scalars(select(PendingVote)).all() == []
        assert recount(MONDAY) == []


def test_a_copy_follows_the_person_to_their_other_account(cast):
    """The same person has deleted one account and verified another: parting finds the copy there too."""
    from webapp.voting.services import take_over_votes

    one, other, who = cast["one"], cast["other"], cast["people"][0]
    with tried():
        vote_all(cast, [("support", None, False)], [], [])
        merger = merged(cast["moderator"], one, other, MONDAY)
        newer = db.session.get_one(User, cast["fresh"][0])
        assert take_over_votes(who, newer) == 2
        assert voters(other)[0] == {newer.id}
        parted(cast["moderator"], merger, MONDAY)
        assert (voters(one)[0], voters(other)[0]) == ({newer.id}, set())
        assert recount(MONDAY) == []
