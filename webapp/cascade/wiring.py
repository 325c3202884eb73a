"""What the factory takes from this package: its pages."""

from __future__ import annotations

from webapp.cascade.edit_views import bp as cascade_edit
from webapp.cascade.money_views import bp as cascade_money
from webapp.cascade.serving_views import bp as cascade_serving
from webapp.cascade.views import bp as cascade

BLUEPRINTS = (cascade, cascade_edit, cascade_money, cascade_serving)
