"""The vote panel: what a person may do, what they did, and which bars their vote moves, before and after the tap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for

from webapp.access.permissions import Permission
from webapp.access.predicates import Reason
from webapp.access.services import refusal, sentence
from webapp.escalation.rules import next_target, progress
from webapp.fraud.services import has_asked
from webapp.kernel.database import db
from webapp.kernel.i18n import format_number, localized
from webapp.kernel.i18n import gettext as _
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage
from webapp.territories.models import Territory
from webapp.voting.rules import Part, bars_moved, part_of
from webapp.voting.services import Ballot, ballot_of, organisation_votes_of
from webapp.voting.wishes import awaits_publication, wish_for


@dataclass(frozen=True)
class Reach:
    """One person before one ladder: how they voted, where they live, and which rungs count them.

    `counts` are the rungs whose bars the vote moves, or would move; `is_counted` says that it stands there now.
    `home` is None for whoever is not known to live anywhere.
    """

    ballot: Ballot
    kept: str | None
    home: Territory | None
    counts: tuple[Any, ...]
    others: tuple[Any, ...]
    is_counted: bool
    target: Any
    standing: Any

    @property
    def part(self) -> Part:
        """What is left for this person to do about the bar that is next."""
        home = None if self.home is None else self.home.ancestor_ids
        return part_of(home, self.target.id, self.ballot.choice or self.kept, self.ballot.quarantine_id is not None)


def reach_of(actor: Any, proposal: Proposal, found: list[tuple[Any, Any]], seat: int, now: datetime) -> Reach:
    """Which bars the vote of this person moves; `found` is the ladder, lowest rung first, and `seat` its position there."""
    person = actor if actor.is_authenticated else None
    ballot = ballot_of(person, proposal)
    home = person.home if person is not None and person.is_verified else None
    if ballot.home_id is not None and (home is None or home.id != ballot.home_id):
        home = db.session.get(Territory, ballot.home_id)  # it counts where they lived then
    waits = person is not None and ballot.choice is None and (not person.is_verified or proposal.author_id == person.id)
    ladder = [rung.territory for rung, _standing in found]
    moved = set(bars_moved(home.ancestor_ids, [place.id for place in ladder])) if home is not None else set()
    target = next_target(Stage(proposal.stage), seat, len(found)) if proposal.accepts_votes(now) else None
    return Reach(
        ballot=ballot,
        kept=ballot.kept if waits else None,
        home=home,
        counts=tuple(place for place in ladder if place.id in moved),
        others=tuple(place for place in ladder if place.id not in moved) if home is not None else (),
        is_counted=ballot.choice is not None and ballot.quarantine_id is None,
        target=ladder[target if target is not None else seat],
        standing=found[target][1] if target is not None else None,
    )


def places(found: tuple[Any, ...]) -> str:
    """Names of rungs in a row: in the nominative, so that they stand in any sentence."""
    return ", ".join(localized(place) for place in found)


def where_it_counts(reach: Reach, is_open: bool) -> str:
    """Which bars the vote moves, for the person themselves; nothing where there is nothing true to say."""
    if reach.ballot.choice is not None and not reach.is_counted:
        return ""  # the page says that it is set aside
    if reach.kept and reach.home is not None:
        return _(
            "It will be counted automatically, within half a day after publication, here: %(places)s.",
            places=places(reach.counts),
        )
    if reach.home is None:
        return _unknown_home(reach) if is_open or reach.kept else ""
    if not is_open and not reach.is_counted:
        return ""
    here = places(reach.counts)
    if not reach.is_counted:
        first = _(
            "You live in this place: %(home)s. Your vote counts here: %(places)s.",
            home=localized(reach.home),
            places=here,
        )
    elif reach.ballot.choice == "support":
        first = _("Your support is counted here: %(places)s.", places=here)
    else:
        first = _("Your vote against is counted here: %(places)s.", places=here)
    if not reach.others:
        return first
    rest = _(
        "Not here: %(places)s. Only votes of its own residents count towards a threshold.", places=places(reach.others)
    )
    return f"{first} {rest}"


def _unknown_home(reach: Reach) -> str:
    bar = localized(reach.target)
    if reach.kept:
        return _(
            "It will count for the place where you live, its region and the nation. The threshold of this place counts its own residents only: %(place)s.",
            place=bar,
        )
    return _(
        "A vote counts for the place where its voter lives, its region and the nation. The threshold of this place counts its own residents only: %(place)s.",
        place=bar,
    )


def your_part(reach: Reach) -> str:
    """What this person can do about the bar that is next; empty where votes are not what is missing."""
    if reach.standing is None:
        return ""
    place, missing = localized(reach.target), reach.standing.threshold - reach.standing.supports
    if missing <= 0:
        return ""
    lack = _(
        "Supporters still missing among the residents of this place (%(place)s): %(count)s.",
        count=format_number(missing),
        place=place,
    )
    return (
        lack
        + " "
        + {
            Part.LIFT: _("You live there: support it and share it with your neighbours."),
            Part.GATHER: _("Yours is counted. Share it with your neighbours."),
            Part.AGAINST: _("You voted against; you can change that while voting is open."),
            Part.ELSEWHERE: _("Your own vote does not count there: share it with those who live there."),
            Part.KEPT: _("Share it with those who live there."),
            Part.UNKNOWN: _("If you live there, support it; share it with those who do."),
        }[reach.part]
    )


def panel(actor: Any, proposal: Proposal, reach: Reach, now: datetime) -> dict[str, Any]:
    """What the vote macro shows to this person."""
    person = actor if actor.is_authenticated else None
    is_open = proposal.accepts_votes(now)
    reason = refusal(actor, Permission.VOTE, proposal, now)
    cast = organisation_votes_of(person, proposal) if person and person.memberships else {}
    acting = [
        {"id": m.organisation_id, "name": m.organisation.name, "choice": cast.get(m.organisation_id)}
        for m in (person.memberships if person else [])
        if m.organisation.verified_at
    ]
    page = url_for("portal.proposal", key=proposal.id)
    choice = reach.ballot.choice
    return {
        "action": url_for("voting.create", key=proposal.id),
        "withdrawal": url_for("voting.withdraw", key=proposal.id),
        "is_open": is_open,
        "choice": choice,
        "kept": reach.kept,
        "wish": wish(actor, proposal, reach.kept),
        "aside": {"has_asked": has_asked(actor), "next": page} if choice and reach.ballot.quarantine_id else None,
        "is_brought": bool(choice and reach.ballot.merger_id),
        "where": where_it_counts(reach, is_open),
        "bar": _bar(reach),
        "note": _note(proposal, is_open, reason, person is not None),
        "way_out": _way_out(reason, page) if is_open and person is not None else None,
        "supports": proposal.supports,
        "opposes": proposal.opposes,
        "org_supports": proposal.organisation_supports,
        "org_opposes": proposal.organisation_opposes,
        "acting": acting if is_open else [],
    }


def wish(actor: Any, proposal: Proposal, kept: str | None) -> dict[str, Any] | None:
    """The author's own vote before publication, offered in one tap and never cast for them; None for everybody else."""
    mine = actor.is_authenticated and proposal.author_id == actor.id
    if not mine or not awaits_publication(proposal):
        return None
    organisation = (
        proposal.organisation if proposal.organisation_id in {m.organisation_id for m in actor.memberships} else None
    )
    return {
        "kept": kept,
        "is_verified": actor.is_verified,
        "organisation": organisation,
        "organisation_kept": wish_for(organisation, proposal) if organisation is not None else None,
        "action": url_for("voting.create", key=proposal.id),
        "withdrawal": url_for("voting.withdraw", key=proposal.id),
    }


def _bar(reach: Reach) -> dict[str, Any] | None:
    """The bar that is next, with the rung that it belongs to."""
    if reach.standing is None:
        return None
    said = _(
        "Supporters: %(supports)s of %(threshold)s, %(place)s",
        supports=format_number(reach.standing.supports),
        threshold=format_number(reach.standing.threshold),
        place=localized(reach.target),
    )
    percent = progress(reach.standing.supports, reach.standing.threshold) // 10
    return {
        "label": said,
        "supports": reach.standing.supports,
        "threshold": reach.standing.threshold,
        "percent": percent,
    }


def _note(proposal: Proposal, is_open: bool, reason: Reason | None, signed_in: bool) -> str:
    if not is_open:
        return (
            _("Voting has not begun yet.") if proposal.published_at is None else _("Voting on this proposal is closed.")
        )
    if reason is None:
        return ""
    return sentence(reason) if signed_in else _("You can choose now and sign in afterwards: your vote is kept.")


def _way_out(reason: Reason | None, page: str) -> tuple[str, str] | None:
    """The door behind which the vote counts."""
    if reason is Reason.CONFIRM_EMAIL:
        return url_for("doors.confirm", next=page), _("Confirm your e-mail")
    if reason is Reason.VERIFY:
        return url_for("verification.index", next=page), _("Confirm that you are a resident")
    return None
