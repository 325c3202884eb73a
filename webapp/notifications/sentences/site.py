"""The site and its bodies: rules, calendar, absences, reasons, departments, roles, organisations."""

from __future__ import annotations

from webapp.access.words import role_labels
from webapp.journal.verbs import Verb
from webapp.kernel.i18n import current_language
from webapp.kernel.i18n import gettext as _
from webapp.notifications.sentences.happening import Happening, Sentence


def _role(it: Happening) -> str:
    return role_labels().get(it.get("role"), "")


def _department(it: Happening) -> str:
    return str((it.get("names") or {}).get(current_language(), ""))


def _calendar(it: Happening) -> str:
    if it.get("is_working"):
        return _("Working day by the calendar: %(date)s.", date=it.day("day"))
    return _("Day off by the calendar: %(date)s.", date=it.day("day"))


SAID: dict[str, Sentence] = {
    Verb.SITE_AWAY: lambda it: _(
        "The site was unavailable from %(begin)s to %(end)s. Nobody could act, so open dates were moved by the rules.",
        begin=it.moment("began_at"),
        end=it.moment("ended_at"),
    ),
    Verb.RULES_CHANGED: lambda _it: _("The rules of this territory were changed."),
    Verb.CALENDAR_CHANGED: _calendar,
    Verb.REASONS_CHANGED: lambda _it: _("The words of a reason for not publishing were changed."),
    Verb.DEPARTMENT_OPENED: lambda it: _("A department was opened: %(name)s.", name=_department(it)),
    Verb.DEPARTMENT_CLOSED: lambda it: _("A department was closed: %(name)s.", name=_department(it)),
    Verb.GRANT_GIVEN: lambda it: _("A role was given: %(role)s.", role=_role(it)),
    Verb.GRANT_ENDED: lambda it: _("A role has ended: %(role)s.", role=_role(it)),
    Verb.ORGANISATION_VERIFIED: lambda it: _("An organisation was verified: %(name)s.", name=it.get("name")),
    Verb.ORGANISATION_OVERDUE: lambda it: _(
        "The application of an organisation was not decided on in the term that ended on %(date)s.", date=it.due
    ),
    Verb.ORGANISATION_ACCREDITED: lambda it: _(
        "A business association was accredited until %(date)s: %(name)s.", name=it.get("name"), date=it.day("until")
    ),
}
