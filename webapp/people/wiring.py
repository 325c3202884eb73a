"""What the factory takes from this package: its jobs."""

from __future__ import annotations

from datetime import timedelta

from webapp.kernel.jobs import Job, Phase
from webapp.people.codes import forget_codes
from webapp.people.passkeys import forget_challenges
from webapp.people.sign_ins import forget_old
from webapp.people.tries import forget_tries
from webapp.people.waiting_forms import forget_forms

JOBS = (
    Job("sign-ins", forget_old, timedelta(hours=6), phase=Phase.FORGET),
    Job("codes", forget_codes, timedelta(hours=6), phase=Phase.FORGET),
    Job("failed tries", forget_tries, timedelta(hours=1), phase=Phase.FORGET),
    Job("challenges", forget_challenges, timedelta(hours=6), phase=Phase.FORGET),
    Job("waiting forms", forget_forms, timedelta(hours=6), phase=Phase.FORGET),
)
