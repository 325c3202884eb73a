"""What the factory takes from this package: its pages."""

from __future__ import annotations

from webapp.staffing.views import bp as staffing

BLUEPRINTS = (staffing,)
