"""A text of two languages in that of the page; what is wrong with one, as a sentence for whoever writes it."""

from __future__ import annotations

from typing import Any, NamedTuple

from webapp.kernel.i18n import current_language
from webapp.kernel.i18n import gettext as _
from webapp.strategies.rules import Fault, IndicatorFault


class Said(NamedTuple):
    """A text and the language in which it is."""

    text: str
    lang: str


def said(subject: Any, attribute: str = "title") -> Said:
    """A text of a record in the language of the page, or where it is not there in Russian, then in Kazakh."""
    for code in (current_language(), "ru", "kk"):
        text = getattr(subject, f"{attribute}_{code}", "") or ""
        if text.strip():
            return Said(text, code)
    return Said("", current_language())


def fault_sentence(fault: Fault) -> str:
    """A fault as a sentence for whoever writes."""
    return {
        Fault.UNTITLED: _("Write the title in Kazakh and in Russian."),
        Fault.NO_TEXT: _("Write the text in Kazakh and in Russian."),
        Fault.NO_TERM: _("Say when it begins and when it ends."),
        Fault.BACKWARDS: _("It cannot end before it begins."),
        Fault.OVER: _("It must end after today."),
        Fault.NO_CHOICE: _("Say in Kazakh and in Russian what is adopted from the direction."),
        Fault.GOALS: _("Write goals or targets of the SDGs as numbers, for example 16.7 or 11.2."),
        Fault.PARENT_ENDED: _("What it belongs to has ended. Choose something that is in force."),
        Fault.PARENT_DRAFT: _("What it belongs to is not published yet."),
    }[fault]


def indicator_sentence(fault: IndicatorFault) -> str:
    """A fault of an indicator as a sentence."""
    return {
        IndicatorFault.UNNAMED: _("Write the indicator and its unit, in Kazakh and in Russian."),
        IndicatorFault.NO_NUMBER: _("Give the value at the beginning and the target as numbers."),
        IndicatorFault.YEARS: _("Give the years; the year of the target must be the same or later."),
        IndicatorFault.NOTHING_CHANGES: _("The target differs from the value at the beginning."),
    }[fault]
