"""Findings as sentences for the operator."""

from __future__ import annotations

from webapp.fraud.rules import Finding, Kind
from webapp.kernel.i18n import by_language, ngettext
from webapp.kernel.i18n import gettext as _


@by_language
def kind_labels() -> dict[str, str]:
    """Kinds of suspicion in short."""
    return {
        "network-burst": _("Many accounts from one network"),
        "same-minute": _("Accounts made in the same minute"),
        "one-mailbox": _("Several accounts of one mailbox"),
        "numbered-names": _("Addresses that count on"),
        "vote-burst": _("Many votes from one network"),
    }


@by_language
def severity_labels() -> dict[int, str]:
    """How strong a suspicion is, in a word."""
    return {1: _("Worth a look"), 2: _("Suspicious"), 3: _("Hardly chance")}


def reason(finding: Finding) -> str:
    """Why these accounts are listed, with the numbers."""
    numbers = finding.numbers
    match finding.kind:
        case Kind.BURST:
            return _(
                "%(accounts)s accounts were made from the network %(network)s, up to %(fullest)s of them within one hour. Up to %(usual)s would be explained by what this network and the whole country usually do.",
                **numbers,
            )
        case Kind.SAME_MINUTE:
            return _(
                "%(accounts)s accounts were made from the network %(network)s, up to %(fullest)s of them within one minute. Up to %(usual)s would be explained by what this network and the whole country usually do.",
                **numbers,
            )
        case Kind.MAILBOX:
            return ngettext(
                "%(num)d account writes to the mailbox %(mailbox)s: the addresses differ only in dots, capitals or what stands behind a plus.",
                "%(num)d accounts write to the mailbox %(mailbox)s: the addresses differ only in dots, capitals or what stands behind a plus.",
                int(numbers["accounts"]),
                mailbox=numbers["mailbox"],
            )
        case Kind.NUMBERED:
            return _(
                "%(accounts)s accounts were made within one day with addresses that count on: %(stem)s, from %(first)s to %(last)s.",
                **numbers,
            )
        case Kind.VOTES:
            return _(
                "%(votes)s votes came from the network %(network)s, up to %(fullest)s of them within one hour; %(percent)s %% go the same way. Up to %(usual)s would be explained by what this network and the whole country usually do.",
                **numbers,
            )
