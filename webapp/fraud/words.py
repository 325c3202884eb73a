"""Findings as sentences for the operator."""

from __future__ import annotations

from webapp.fraud.rules import Finding, Kind
from webapp.kernel.i18n import by_language, format_percent, ngettext
from webapp.kernel.i18n import gettext as _


@by_language
def kind_labels() -> dict[str, str]:
    """Kinds of suspicion in short."""
    return {
        "network-burst": _("Many accounts from one network"),
        "same-minute": _("Accounts made in the same minute"),
        "one-mailbox": _("Several accounts of one mailbox"),
        "numbered-names": _("Addresses in a numbered series"),
        "vote-burst": _("Many votes from one network"),
    }


@by_language
def severity_labels() -> dict[int, str]:
    """How strong a suspicion is, in a word."""
    return {1: _("Worth checking"), 2: _("Suspicious"), 3: _("Unlikely to be chance")}


def reason(finding: Finding) -> str:
    """Why these accounts are listed, with the numbers."""
    numbers = finding.numbers
    match finding.kind:
        case Kind.BURST:
            return _(
                "Accounts made from the network %(network)s: %(accounts)s, with up to %(fullest)s within one hour. Usual for this network and the whole country: up to %(usual)s.",
                **numbers,
            )
        case Kind.SAME_MINUTE:
            return _(
                "Accounts made from the network %(network)s: %(accounts)s, with up to %(fullest)s within one minute. Usual for this network and the whole country: up to %(usual)s.",
                **numbers,
            )
        case Kind.MAILBOX:
            return ngettext(
                "%(num)d account uses the mailbox %(mailbox)s: the addresses differ only in dots, capital letters or what follows a plus sign.",
                "%(num)d accounts use the mailbox %(mailbox)s: the addresses differ only in dots, capital letters or what follows a plus sign.",
                int(numbers["accounts"]),
                mailbox=numbers["mailbox"],
            )
        case Kind.NUMBERED:
            return _(
                "Accounts made within one day with addresses in a numbered series (%(stem)s, from %(first)s to %(last)s): %(accounts)s.",
                **numbers,
            )
        case Kind.VOTES:
            return _(
                "Votes from the network %(network)s: %(votes)s, with up to %(fullest)s within one hour; %(percent)s chose the same side. Usual for this network and the whole country: up to %(usual)s.",
                **{**numbers, "percent": format_percent(int(numbers["percent"]))},
            )
