"""Which features show something on the page of a proposal, in the order of the page.

A feature that is to appear there adds its function to `PARTS`; view and template stay as they are. A template reads
what its own function gives as `part`, and of the page `proposal`, `bodies` (the bodies of all its rungs today) and `lang`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.answering import pages as answering
from webapp.cascade import pages as cascade
from webapp.delivery import pages as delivery
from webapp.flagging import pages as flagging
from webapp.kernel.i18n import gettext as _
from webapp.kernel.page_parts import Act, Part, PartOf, Place, acts_at
from webapp.merging import pages as merging
from webapp.moderation import pages as moderation
from webapp.offers import pages as offers
from webapp.proposals import pages as proposals
from webapp.proposals.models import Proposal


def talon(_actor: Any, proposal: Proposal, _now: datetime) -> Part | None:
    """The way to the receipt."""
    return acts_at(Place.MORE, Act(_("Talon with QR code"), f"/proposals/{proposal.id}/talon"))


PARTS: tuple[PartOf, ...] = (
    moderation.word_to_author,
    moderation.duty,
    answering.duty,
    cascade.part,
    proposals.text,
    flagging.hidden,
    proposals.photo,
    proposals.funding,
    merging.part,
    answering.part,
    delivery.part,
    offers.part,
    talon,
    answering.appeal,
    moderation.appeal,
    flagging.report,
    proposals.withdrawal,
)
