"""What the factory takes from this package: its pages and jobs."""

from __future__ import annotations

from datetime import timedelta

from webapp.kernel.jobs import Job, Phase
from webapp.notifications.digest import forget_notices, send_digests
from webapp.notifications.ops import bp as mail_desk
from webapp.notifications.reading import bp as secret_addresses
from webapp.notifications.services import tell
from webapp.notifications.views import bp as notices

BLUEPRINTS = (notices, secret_addresses, mail_desk)
JOBS = (
    Job("notices", tell, phase=Phase.TELL),
    Job("digests", send_digests, timedelta(minutes=1), phase=Phase.WRITE),
    Job("old notices", forget_notices, timedelta(hours=6), phase=Phase.FORGET),
)
