"""A feature as small as can be: it appears where features appear, by the tuples that name packages alone."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("extra_feature", __name__, template_folder="templates")
