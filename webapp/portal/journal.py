"""The journal for anybody who wants to check it: every seal, and the content of every public fact."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response
from sqlalchemy import select

from webapp.journal.models import Fact
from webapp.journal.services import plain
from webapp.kernel.asking import Asked
from webapp.kernel.database import db
from webapp.kernel.exports import addresses, with_next

bp = Blueprint("journal", __name__)
AT_MOST = 5000


def _line(fact: Fact) -> dict[str, Any]:
    chain = {"position": fact.position, "prev_hash": fact.prev_hash, "hash": fact.hash}
    return chain | plain(fact) if fact.public else chain


@bp.get("/journal.jsonl")
def journal() -> Response:
    """Sealed facts in the order of the chain, 5,000 at most; `?after=POSITION` goes on."""
    asked = Asked()
    after = asked.number("after") or 0
    asked.by_a_program()
    query = select(Fact).where(Fact.position > after).order_by(Fact.position).limit(AT_MOST + 1)
    facts = list(db.session.scalars(query))
    lines = (json.dumps(_line(fact), ensure_ascii=False) + "\n" for fact in facts[:AT_MOST])
    response = Response("".join(lines), content_type="application/jsonl; charset=utf-8")
    own, _following = addresses("/journal.jsonl", lambda: "")
    return with_next(response, f"{own}?after={facts[AT_MOST - 1].position}" if len(facts) > AT_MOST else None)
