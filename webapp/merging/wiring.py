"""What the factory takes from this package: its pages."""

from __future__ import annotations

from webapp.merging.views import bp as merging

BLUEPRINTS = (merging,)
