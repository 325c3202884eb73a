"""The journal for anybody who wants to check it: every seal, and the content of every public fact."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy import select

from webapp.journal.models import Fact
from webapp.journal.services import plain
from webapp.kernel.database import db
from webapp.kernel.text import whole_number

bp = Blueprint("journal", __name__)
AT_MOST = 5000


def _line(fact: Fact) -> dict[str, Any]:
    chain = {"position": fact.position, "prev_hash": fact.prev_hash, "hash": fact.hash}
    return chain | plain(fact) if fact.public else chain


@bp.get("/journal.jsonl")
def journal() -> Response:
    """Sealed facts in the order of the chain, 5,000 at most; `?after=POSITION` goes on."""
    raw = request.args.get("after", "0")
    after = whole_number(raw) or 0
    query = select(Fact).where(Fact.position > after).order_by(Fact.position).limit(AT_MOST)
    lines: Iterator[str] = (json.dumps(_line(fact), ensure_ascii=False) + "\n" for fact in db.session.scalars(query))
    return Response("".join(lines), content_type="application/jsonl; charset=utf-8")
