"""In words: which bars a vote has left when it was taken back."""

from __future__ import annotations

from webapp.escalation.services import rungs_of
from webapp.kernel.database import db
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import localized
from webapp.proposals.models import Proposal
from webapp.territories.models import Territory
from webapp.voting.rules import bars_moved
from webapp.voting.services import Ballot


def taken_back(before: Ballot, proposal: Proposal) -> str:
    """What is said once a vote has been taken back; `before` is the ballot as it was. A vote set aside was counted nowhere."""
    if before.quarantine_id is not None or before.home_id is None:
        return _("Your vote is taken back.")
    home = db.session.get_one(Territory, before.home_id)
    ladder = {rung.territory_id: rung.territory for rung in rungs_of(proposal)}
    left = [localized(ladder[key]) for key in bars_moved(home.ancestor_ids, list(ladder))]
    return _("Your vote is taken back. It does not count here any more: %(places)s.", places=", ".join(left))
