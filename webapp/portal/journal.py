"""The journal for anybody who wants to check it: every seal, and the content of every public fact."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy import or_, select

from webapp.journal.models import Fact
from webapp.journal.services import plain
from webapp.kernel.database import db
from webapp.kernel.text import whole_number
from webapp.proposals.models import Proposal

bp = Blueprint("journal", __name__)
AT_MOST = 5000


def _line(fact: Fact, is_open: bool) -> dict[str, Any]:
    """A seal, and what it covers where everybody may read that."""
    chain = {"position": fact.position, "prev_hash": fact.prev_hash, "hash": fact.hash}
    return chain | plain(fact) if is_open else chain


#: A fact of a proposal is no more public than the proposal: what nobody has published has only its seals here.
IS_OPEN = Fact.public & or_(Fact.proposal_id.is_(None), Proposal.is_public)


@bp.get("/journal.jsonl")
def journal() -> Response:
    """Sealed facts in the order of the chain, 5,000 at most; `?after=POSITION` goes on."""
    raw = request.args.get("after", "0")
    after = whole_number(raw) or 0
    query = select(Fact, IS_OPEN).outerjoin(Proposal, Proposal.id == Fact.proposal_id)
    rows = db.session.execute(query.where(Fact.position > after).order_by(Fact.position).limit(AT_MOST))
    lines: Iterator[str] = (json.dumps(_line(fact, bool(open_)), ensure_ascii=False) + "\n" for fact, open_ in rows)
    return Response("".join(lines), content_type="application/jsonl; charset=utf-8")
