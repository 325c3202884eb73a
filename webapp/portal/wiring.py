"""What the factory takes from this package: its pages."""

from __future__ import annotations

from webapp.portal.health import bp as health
from webapp.portal.journal import bp as journal
from webapp.portal.machines import bp as machines
from webapp.portal.moderation_log import bp as moderation_log
from webapp.portal.open_data import bp as open_data
from webapp.portal.organisations import bp as public_organisations
from webapp.portal.places import bp as places
from webapp.portal.views import bp as portal

BLUEPRINTS = (portal, machines, open_data, places, public_organisations, journal, health, moderation_log)
