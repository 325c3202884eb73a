"""Gathering what the rules look at, setting votes aside, giving them back."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select, update

from webapp.access.permissions import Permission
from webapp.access.services import require
from webapp.escalation.tallies import footings, rungs_of_home
from webapp.fraud import rules
from webapp.fraud.models import Arrival, CheckRequest, Quarantine
from webapp.fraud.telling import note_accounts, note_votes
from webapp.journal.rules import cell
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.database import db, insert, locked
from webapp.kernel.errors import Conflict
from webapp.kernel.i18n import gettext as _
from webapp.people.models import User
from webapp.proposals.models import Proposal
from webapp.territories.models import Territory
from webapp.voting.aside import proposals_to_set_aside, set_votes_aside, voters_to_set_aside
from webapp.voting.models import SUPPORT, Vote

#: How far back the desk looks, and how many rows it reads at most: the newest ones.
LOOK_BACK = timedelta(days=7)
ROWS_AT_MOST = 200_000
IDS_AT_ONCE = 500
_UNSYNCHRONISED = {"synchronize_session": False}


def note_arrival(user: User, network: str | None, now: datetime) -> None:
    """Remember from which network an account was made, or first signed in; later sign-ins leave no trace."""
    event = "made" if now - user.created_at < timedelta(minutes=1) else "signed-in"
    statement = insert(Arrival).values(user_id=user.id, event=event, network=network, at=now)
    db.session.execute(statement.on_conflict_do_nothing())


def accounts_to_look_at(now: datetime) -> list[rules.Account]:
    """Accounts made lately and not under a check, with the network they were made in."""
    query = (
        select(User.id, User.email, User.created_at, Arrival.network)
        .outerjoin(Arrival, (Arrival.user_id == User.id) & (Arrival.event == "made"))
        .where(User.created_at > now - LOOK_BACK, User.deleted_at.is_(None), User.quarantine_id.is_(None))
        .order_by(User.id.desc())
        .limit(ROWS_AT_MOST)
    )
    return [rules.Account(*row) for row in db.session.execute(query)]


def ballots_to_look_at(now: datetime) -> list[rules.Ballot]:
    """Votes of late that are counted and whose network is still known."""
    query = (
        select(Vote.voter_id, Vote.proposal_id, Vote.choice, Vote.at, Vote.network)
        .where(Vote.at > now - LOOK_BACK, Vote.network.is_not(None), Vote.quarantine_id.is_(None))
        .order_by(Vote.at.desc())
        .limit(ROWS_AT_MOST)
    )
    return [rules.Ballot(*row) for row in db.session.execute(query)]


def findings(now: datetime) -> list[rules.Finding]:
    """What the operator is to look at, the strongest first."""
    return rules.all_findings(accounts_to_look_at(now), ballots_to_look_at(now))


def chosen(found: Sequence[rules.Finding], keys: Collection[str]) -> list[rules.Finding]:
    """The findings that were ticked and are still there."""
    return [finding for finding in found if finding.key in keys]


def accounts_of(found: Sequence[rules.Finding]) -> list[int]:
    """All accounts of some findings, each once."""
    return sorted({account for finding in found for account in finding.accounts})


class Fall(NamedTuple):
    """A threshold that votes fall below: where, before, after, of how many. `is_kept`: what it led to stays."""

    proposal: Proposal
    territory: Territory
    before: int
    after: int
    threshold: int
    is_kept: bool


class Plan(NamedTuple):
    """What setting aside would do, before it is done."""

    accounts: int
    votes: int
    proposals: int
    falls: list[Fall]


def plan(account_ids: Sequence[int]) -> Plan:
    """The dry run: which votes would be set aside, and which thresholds would no longer be reached."""
    losses: dict[int, Counter[int]] = defaultdict(Counter)
    votes = 0
    homes: dict[int, Territory] = {}
    for start in range(0, len(account_ids), IDS_AT_ONCE):
        query = select(Vote.proposal_id, Vote.home_id, Vote.choice, func.count()).where(
            Vote.voter_id.in_(account_ids[start : start + IDS_AT_ONCE]), Vote.quarantine_id.is_(None)
        )
        grouped = query.group_by(Vote.proposal_id, Vote.home_id, Vote.choice)
        for proposal_id, home_id, choice, number in db.session.execute(grouped):
            votes += number
            here = losses[proposal_id]  # also a proposal that only loses votes against it is named
            if home_id not in homes:
                homes[home_id] = db.session.get_one(Territory, home_id)
            for territory_id in rungs_of_home(homes[home_id]) if choice == SUPPORT else ():
                here[territory_id] += number
    falls = [fall for key in sorted(losses) for fall in _falls(key, losses[key])]
    return Plan(len(account_ids), votes, len(losses), falls)


def _falls(proposal_id: int, lost: Counter[int]) -> list[Fall]:
    falls = []
    for footing in footings(proposal_id):
        before = footing.standing.supports
        after, wanted = before - lost[footing.territory_id], footing.standing.threshold
        if before >= wanted > after:
            proposal = db.session.get_one(Proposal, proposal_id)
            territory = db.session.get_one(Territory, footing.territory_id)
            falls.append(Fall(proposal, territory, before, after, wanted, footing.standing.reached))
    return falls


def set_aside(actor: Any, account_ids: Sequence[int], kinds: Sequence[str], note: str, now: datetime) -> Quarantine:
    """Begin a check: mark the accounts, take their votes out of the tallies; the public reads sums (`fraud.telling`).

    Accounts that another check has taken already are left to it; when nothing is left this is refused.
    Later votes of the accounts are set aside as they arrive (`voting.aside.cast_aside`).
    """
    require(actor, Permission.SET_VOTES_ASIDE, None, now)
    row = Quarantine(made_at=now, kinds=",".join(sorted(set(kinds)))[:120], note=note, accounts=0, votes=0, proposals=0)
    db.session.add(row)
    db.session.flush()
    for start in range(0, len(account_ids), IDS_AT_ONCE):
        some = account_ids[start : start + IDS_AT_ONCE]
        mark = update(User).where(User.id.in_(some), User.quarantine_id.is_(None)).values(quarantine_id=row.id)
        row.accounts += db.session.execute(mark.execution_options(**_UNSYNCHRONISED)).rowcount
    if not row.accounts:
        raise Conflict(_("These accounts are being checked already. Look at the list of checks."))
    voters = voters_to_set_aside(row.id)
    for number in _take(row, actor, now):
        row.votes, row.proposals = row.votes + number, row.proposals + 1
    record(
        Verb.CHECK_BEGUN,
        row,
        now,
        actor=actor,
        kinds=row.kinds,
        **cell("accounts", row.accounts),
        **cell("votes", row.votes),
        **cell("proposals", row.proposals),
    )
    note_accounts(False, voters, now)
    db.session.flush()
    db.session.expire_all()
    return row


def _take(row: Quarantine, actor: Any, now: datetime) -> list[int]:
    """Set aside what is counted still, one proposal after the other in the order of their ids; how many in each."""
    numbers = []
    for key in proposals_to_set_aside(row.id):
        proposal = locked(Proposal, key)
        if proposal is None:
            continue
        number = set_votes_aside(proposal, row.id, now)
        if number:
            note_votes(proposal, False, number, row.id, now, actor)
            numbers.append(number)
    return numbers


def ask_for_a_look(user: User, now: datetime) -> None:
    """Somebody whose votes are set aside asks the operator to look at them first; asking twice is asking once."""
    if user.quarantine_id is None:
        raise Conflict(_("None of your votes is set aside."))
    statement = insert(CheckRequest).values(quarantine_id=user.quarantine_id, user_id=user.id, at=now)
    db.session.execute(statement.on_conflict_do_nothing())


def has_asked(user: User) -> bool:
    """Whether the person has asked for it and has no answer yet."""
    return db.session.get(CheckRequest, (user.quarantine_id, user.id)) is not None


def checks(limit: int = 50) -> list[tuple[Quarantine, int]]:
    """The newest checks, those that are open first, each with the number of people who ask to be looked at."""
    asking = select(CheckRequest.quarantine_id, func.count().label("people")).group_by(CheckRequest.quarantine_id)
    people = asking.subquery()
    query = select(Quarantine, func.coalesce(people.c.people, 0)).outerjoin(
        people, people.c.quarantine_id == Quarantine.id
    )
    ordered = query.order_by(Quarantine.released_at.is_not(None), Quarantine.id.desc()).limit(limit)
    return [(row, number) for row, number in db.session.execute(ordered)]


def people_of(row: Quarantine, limit: int) -> list[tuple[User, datetime | None]]:
    """Accounts whose votes a check holds, those who ask to be looked at first before the others.

    Those whose votes wait to be given back are not among them: it is decided.
    """
    asked = (CheckRequest.user_id == User.id) & (CheckRequest.quarantine_id == row.id)
    query = select(User, CheckRequest.at).outerjoin(CheckRequest, asked).where(User.quarantine_id == row.id)
    query = query.where(User.returns_at.is_(None))
    ordered = query.order_by(CheckRequest.at.is_(None), CheckRequest.at, User.id).limit(limit)
    return [(user, at) for user, at in db.session.execute(ordered)]
