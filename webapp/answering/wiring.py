"""What the factory takes from this package: its pages."""

from __future__ import annotations

from webapp.answering.views import bp as answering

BLUEPRINTS = (answering,)
