"""Reminders to officers before something begins to hang."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from flask import current_app

from webapp.access.rules import Role
from webapp.access.services import staff_of
from webapp.hanging import services
from webapp.hanging.rules import Hanging
from webapp.hanging.words import cause_labels, names
from webapp.kernel.clock import local_date
from webapp.kernel.database import db, unit_of_work
from webapp.kernel.i18n import format_date, in_language, localized, ngettext
from webapp.kernel.i18n import gettext as _
from webapp.kernel.mail import enqueue
from webapp.people.letters import hello
from webapp.people.models import User
from webapp.territories.models import Territory

#: Lines in one mail; the page has them all.
LINES = 20


def remind(now: datetime) -> int:
    """The job: officers learn five working days ahead what is about to hang; one mail a day for each territory."""
    with unit_of_work():
        owed: dict[int, list[Hanging]] = defaultdict(list)
        for one in services.to_remind(now):
            owed[one.territory_id].append(one)
        return sum(_write(db.session.get_one(Territory, key), found, now) for key, found in owed.items())


def _write(territory: Territory, found: list[Hanging], now: datetime) -> int:
    made = 0
    for officer in staff_of([territory.id], Role.OFFICER, now):
        with in_language(officer.lang):
            subject, body = _words(territory, officer, found)
        marks = f"{local_date(now).isoformat()}:{found[0].level}:{found[0].subject_id}:{found[0].cause}"
        made += enqueue(officer.email, subject, body, f"hangs:{territory.id}:{officer.id}:{marks}", now)
    return made


def _words(territory: Territory, officer: User, found: list[Hanging]) -> tuple[str, str]:
    place, labels = localized(territory), cause_labels()
    subject = ngettext(
        "%(place)s: %(num)d item will soon be stalled",
        "%(place)s: %(num)d items will soon be stalled",
        len(found),
        place=place,
    )
    called = names((one.level, one.subject_id) for one in found[:LINES])
    lines = [hello(officer), "", _("If nothing happens, this will be listed as stalled:")]
    for one in found[:LINES]:
        title, _lang, url = called.get((one.level, one.subject_id), ("", "", "/strategy"))
        day = format_date(one.since)
        lines.append(f"- {title}. {labels[one.cause.value]}, {day}\n  {current_app.config['PUBLIC_URL']}{url}")
    return subject, "\n".join([*lines, "", f"{current_app.config['PUBLIC_URL']}/hanging", ""])
