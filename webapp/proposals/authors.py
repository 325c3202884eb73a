"""Who proposed something, as the public sees them."""

from __future__ import annotations

from typing import Any

from webapp.kernel.i18n import gettext as _
from webapp.proposals.models import Proposal


def author_name(proposal: Proposal) -> str:
    """The organisation, or the public name of the person; "a resident" where the account is gone."""
    if proposal.organisation is not None:
        return proposal.organisation.name
    return proposal.author.public_name if proposal.author is not None else _("a resident")


def is_author(actor: Any, proposal: Proposal) -> bool:
    """Whether this reader wrote it."""
    return bool(actor.is_authenticated and proposal.author_id == actor.id)
