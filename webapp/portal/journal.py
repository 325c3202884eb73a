"""The journal for anybody who wants to check it: every seal, and the content of every public fact."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response
from sqlalchemy import or_, select

from webapp.journal.models import Fact
from webapp.journal.services import Salts, plain, salts_of
from webapp.journal.verbs import AS_STAFF, Verb
from webapp.kernel.asking import Asked
from webapp.kernel.database import db
from webapp.kernel.exports import addresses, with_next
from webapp.proposals.models import Proposal

bp = Blueprint("journal", __name__)
AT_MOST = 5000
#: A fact of a proposal is no more public than the proposal: what nobody has published has only its seals here.
IS_OPEN = Fact.public & or_(Fact.proposal_id.is_(None), Proposal.is_public)
#: With the first seal these say how many votes of one check stood on which proposals: a small check is one person's
#: list of votes.
_ABOUT_CHECKS = frozenset({Verb.VOTES_SET_ASIDE, Verb.VOTES_GIVEN_BACK, Verb.CHECK_BEGUN, Verb.CHECK_ENDED})


def _is_staff(fact: Fact, author_id: int | None) -> bool:
    """Whether it is an act of staff, and not one on what the same account has written as a person."""
    return fact.verb in AS_STAFF and fact.actor_id != author_id


def _line(fact: Fact, author_id: int | None, salts: Salts) -> dict[str, Any]:
    """A public fact with its seal; who acted only where somebody acted as staff.

    The first seal covers the number of the account. Beside the rest of the content that number could be found by
    trying all of them, so there the content of a person's act is not shown at all.
    """
    chain = {"position": fact.position, "prev_hash": fact.prev_hash, "hash": fact.hash, "seal": fact.seal}
    is_staff = _is_staff(fact, author_id)
    if fact.seal == 1:
        is_person = not is_staff and (fact.actor_id is not None or fact.acting_for_id is not None)
        return chain | ({"withheld": True} if is_person or fact.verb in _ABOUT_CHECKS else plain(fact))
    opened = {"actor_id": fact.actor_id, "actor_salt": salts["actor"]} if is_staff and "actor" in salts else {}
    return chain | plain(fact) | opened


@bp.get("/journal.jsonl")
def journal() -> Response:
    """Sealed facts in the order of the chain, 5,000 at most; `?after=POSITION` goes on."""
    asked = Asked()
    after = asked.number("after") or 0
    asked.by_a_program()
    query = select(Fact, IS_OPEN, Proposal.author_id).outerjoin(Proposal, Proposal.id == Fact.proposal_id)
    rows = db.session.execute(query.where(Fact.position > after).order_by(Fact.position).limit(AT_MOST + 1)).all()
    shown = rows[:AT_MOST]
    salts = salts_of([fact.id for fact, is_open, _author in shown if is_open and fact.verb in AS_STAFF])
    lines = [
        _line(fact, author_id, salts.get(fact.id, {}))
        if is_open
        else {"position": fact.position, "prev_hash": fact.prev_hash, "hash": fact.hash}
        for fact, is_open, author_id in shown
    ]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    response = Response(text, content_type="application/jsonl; charset=utf-8")
    own, _following = addresses("/journal.jsonl", lambda: "")
    return with_next(response, f"{own}?after={shown[-1][0].position}" if len(rows) > AT_MOST else None)
