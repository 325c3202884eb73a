"""A merger in words, before it is done."""

from __future__ import annotations

from webapp.kernel.i18n import format_number, ngettext
from webapp.kernel.i18n import gettext as _
from webapp.merging.services import Preview


def sum_of(numbers: Preview) -> str:
    """ "183 supporters are added to 1,204: 1,387 in all. 31 have voted there already and keep that vote." """
    coming, values = numbers.own - numbers.both, {"union": format_number(numbers.union)}
    if coming:
        said = ngettext(
            "%(count)s supporter is added to %(there)s: %(union)s in all.",
            "%(count)s supporters are added to %(there)s: %(union)s in all.",
            coming,
            count=format_number(coming),
            there=format_number(numbers.there),
            **values,
        )
    else:
        said = _("No supporter is added: %(union)s in all.", **values)
    if not numbers.both:
        return said
    return f"{said} " + ngettext(
        "%(count)s supporter has voted there already and keeps that vote.",
        "%(count)s supporters have voted there already and keep that vote.",
        numbers.both,
        count=format_number(numbers.both),
    )


def consequences(numbers: Preview, undo_days: int) -> list[str]:
    """What else becomes of it, and for how many days it can be undone."""
    found = []
    if numbers.opposes:
        found.append(
            ngettext("%(num)d vote against is added too.", "%(num)d votes against are added too.", numbers.opposes)
        )
    if numbers.organisations:
        found.append(
            ngettext(
                "%(num)d vote of an organisation is added too, counted separately.",
                "%(num)d votes of organisations are added too, counted separately.",
                numbers.organisations,
            )
        )
    return [
        *found,
        _("Nobody is counted twice: whoever has voted on the proposal that stays keeps that vote."),
        _("The joined proposal is closed. Its text, photo and votes stay on its page, which links to the other one."),
        _("Everybody concerned is told."),
        ngettext("It can be undone for %(num)d day.", "It can be undone for %(num)d days.", undo_days),
    ]
