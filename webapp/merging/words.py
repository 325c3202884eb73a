"""A merger in words, before it is done."""

from __future__ import annotations

from webapp.kernel.i18n import format_number, ngettext
from webapp.kernel.i18n import gettext as _
from webapp.merging.rules import UNDO_DAYS
from webapp.merging.services import Preview


def sum_of(numbers: Preview) -> str:
    """ "214 supporters will be added to 1,204; 31 are already there: 1,387 in all." """
    coming = ngettext(
        "%(count)s supporter will be added to %(there)s.",
        "%(count)s supporters will be added to %(there)s.",
        numbers.own,
        count=format_number(numbers.own),
        there=format_number(numbers.there),
    )
    if not numbers.both:
        nobody = _("None of them has voted there yet: %(union)s in all.", union=format_number(numbers.union))
        return f"{coming} {nobody}"
    staying = ngettext(
        "%(count)s has voted there already: %(union)s in all.",
        "%(count)s have voted there already: %(union)s in all.",
        numbers.both,
        count=format_number(numbers.both),
        union=format_number(numbers.union),
    )
    return f"{coming} {staying}"


def consequences(numbers: Preview) -> list[str]:
    """What else becomes of it."""
    found = []
    if numbers.opposes:
        found.append(
            ngettext("%(num)d vote against comes along too.", "%(num)d votes against come along too.", numbers.opposes)
        )
    if numbers.organisations:
        found.append(
            ngettext(
                "%(num)d vote of an organisation comes along too, counted apart.",
                "%(num)d votes of organisations come along too, counted apart.",
                numbers.organisations,
            )
        )
    return [
        *found,
        _("Nobody is counted twice: whoever has voted on the proposal that stays keeps that vote."),
        _("The joined proposal is closed. Its text, photo and votes stay on its page, which points to the other one."),
        _("Everybody concerned is told."),
        ngettext("It can be undone for %(num)d day.", "It can be undone for %(num)d days.", UNDO_DAYS),
    ]
