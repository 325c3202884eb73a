"""The closed list of rejection reasons: what the author is told and what can be done instead."""

from __future__ import annotations

from webapp.kernel.i18n import gettext as _

REASONS = ("appeal_not_proposal", "not_competence", "personal_data", "insult", "unlawful", "unclear")


def reason_labels() -> dict[str, str]:
    """Short names for the list."""
    return {
        "appeal_not_proposal": _("It is a personal appeal or complaint"),
        "not_competence": _("No public authority can decide this"),
        "personal_data": _("It discloses personal data"),
        "insult": _("It insults or threatens somebody"),
        "unlawful": _("It asks for something that the law forbids"),
        "unclear": _("It is not clear what should change"),
    }


def reason_texts() -> dict[str, str]:
    """The sentence that goes to the author, with a way on."""
    return {
        "appeal_not_proposal": _(
            "Your text asks an authority to settle one person's case. That is an appeal under the Administrative Procedural and "
            "Process-Related Code: send it through e-Otinish or call 109, where it gets a legal term. Here we collect ideas that concern many."
        ),
        "not_competence": _(
            "No city, region or ministry can decide this. Describe what an authority could do about it and send the proposal again."
        ),
        "personal_data": _(
            "Your text names or shows private persons in a way that the law on personal data does not allow. Leave them out and send the proposal again."
        ),
        "insult": _(
            "Your text insults or threatens somebody. Say what should change, without attacks on persons, and send the proposal again."
        ),
        "unlawful": _(
            "What you ask for is forbidden by law. If the law itself should change, a petition on e-petition.kz is the way."
        ),
        "unclear": _(
            "We could not see what should change, where and for whom. Write it in two or three sentences and send the proposal again."
        ),
    }
