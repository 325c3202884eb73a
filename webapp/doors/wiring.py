"""What the factory takes from this package: its pages."""

from __future__ import annotations

from webapp.doors.address import bp as address
from webapp.doors.kept import bp as kept
from webapp.doors.passkeys import bp as passkeys
from webapp.doors.passwords import bp as passwords
from webapp.doors.second_step import bp as second_step
from webapp.doors.typing import bp as typing
from webapp.doors.views import bp as doors

BLUEPRINTS = (doors, kept, typing, second_step, passwords, passkeys, address)
