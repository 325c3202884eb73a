"""Building the demonstration by the same verbs that people use, played at dates in the past."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from webapp.demo.desk import set_up
from webapp.demo.people import PASSWORD, Cast, begun_at, gather
from webapp.demo.scenes import play
from webapp.demo.strategy import build_strategy
from webapp.journal.models import Fact
from webapp.journal.services import seal_facts
from webapp.kernel.database import db, unit_of_work
from webapp.people.models import User
from webapp.people.services import by_email
from webapp.rulebook.services import adopt_preset
from webapp.territories.services import load_country

__all__ = ["PASSWORD", "build", "is_loaded"]
HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Texts:
    """The written content."""

    proposals: list[dict[str, Any]]


def is_loaded() -> bool:
    """Whether any account exists: then the demonstration stays away."""
    return by_email("resident1@demo.example") is not None or db.session.scalar(select(User.id).limit(1)) is not None


def build(now: datetime) -> int:
    """Build everything relative to `now`; returns the number of proposals."""
    texts = Texts(json.loads((HERE / "proposals.json").read_text(encoding="utf-8")))
    with unit_of_work():
        load_country()
        adopt_preset("demo", begun_at(now))
        cast: Cast = gather(now)
    keys = play(texts.proposals, cast, now)
    build_strategy(cast, now, keys)
    with unit_of_work():
        set_up(cast, now)
    with unit_of_work():  # the past needs no mail
        db.session.execute(update(Fact).values(told=True))
    while seal_facts(now):
        pass
    return len(texts.proposals)
