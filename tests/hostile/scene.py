"""The hostile scene: what the verbs of people write, and what operators bring in from files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from tests.conftest import make_app
from tests.hostile.corpus import Hostile
from tests.scenery import PEOPLE, Theatre, theatre
from webapp.kernel.database import db, unit_of_work
from webapp.rulebook.models import CalendarOverride
from webapp.territories.models import Body, Territory


@contextmanager
def hostile_theatre(template_file: Path, folder: Path, make=make_app, who=tuple(PEOPLE)) -> Iterator[Theatre]:
    """A scene of hostile texts, at `MONDAY`; `stage.words` says which of the corpus are in it."""
    words = Hostile()

    def brought_in(app_words: Hostile) -> None:
        with unit_of_work():
            for place in db.session.query(Territory).filter(
                Territory.kato.in_(("611000000", "612000000", "610000000"))
            ):
                for name in ("name_kk", "name_ru", "name_en"):
                    setattr(place, name, app_words("name of a place", 160))
                place.population_source = app_words("source", 120)
            day = date(2030, 5, 6)
            db.session.add(CalendarOverride(day=day, is_working=False, reason=app_words("reason", 200)))
            for body in db.session.query(Body):
                for name in ("name_kk", "name_ru", "name_en"):
                    setattr(body, name, app_words("name of a body", 200))

    with theatre(template_file, folder, words, make, before=lambda: brought_in(words), who=who) as stage:
        stage.words = words
        yield stage
