"""What the factory takes from this package: its pages and jobs."""

from __future__ import annotations

from datetime import timedelta

from webapp.account.jobs import forget_invitations, forget_refused, forget_rest, forget_unconfirmed
from webapp.account.views import bp as account
from webapp.kernel.jobs import Job, Phase

BLUEPRINTS = (account,)
JOBS = (
    Job("refused addresses", forget_refused, timedelta(hours=6), phase=Phase.FORGET),
    Job("unconfirmed accounts", forget_unconfirmed, timedelta(hours=6), phase=Phase.FORGET),
    Job("invitations", forget_invitations, timedelta(hours=6), phase=Phase.FORGET),
    Job("deleted accounts", forget_rest, timedelta(hours=6), phase=Phase.FORGET),
)
