"""What the factory takes from this package: its jobs."""

from __future__ import annotations

from datetime import timedelta

from webapp.kernel.challenge import forget_used
from webapp.kernel.dead_letters import forget_messages
from webapp.kernel.jobs import Job, Phase
from webapp.kernel.mail import deliver_due
from webapp.kernel.once import forget_sent_forms

JOBS = (
    Job("mail", deliver_due, phase=Phase.SEND),
    Job("sent forms", forget_sent_forms, timedelta(hours=6), phase=Phase.FORGET),
    Job("sent mails", forget_messages, timedelta(hours=6), phase=Phase.FORGET),
    Job("used challenges", forget_used, timedelta(hours=1), phase=Phase.FORGET),
)
