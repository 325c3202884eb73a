"""What the factory takes from this package: its pages and jobs."""

from __future__ import annotations

from datetime import timedelta

from webapp.flagging.desk import bp as flagging_desk
from webapp.flagging.jobs import flag_terms, forget_flag_networks, tell_reporters
from webapp.flagging.views import bp as flagging
from webapp.kernel.jobs import Job, Phase

BLUEPRINTS = (flagging, flagging_desk)
JOBS = (
    Job("flags", flag_terms),
    Job("answers to reports", tell_reporters, phase=Phase.WRITE),
    Job("networks of reports", forget_flag_networks, timedelta(hours=6), phase=Phase.FORGET),
)
