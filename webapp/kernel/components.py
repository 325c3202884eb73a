"""Macros of `templates/_ui/` as one global: `ui.vote.panel(...)`, and what templates may call."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_wtf.csrf import generate_csrf
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from webapp.kernel.htmx import static_url
from webapp.kernel.markdown import render_markdown


class Components:
    """`ui.<file>.<macro>`: macros without imports, so that a block renders alone (ADR 0004)."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def __getattr__(self, name: str) -> Any:
        module = self._environment.get_template(f"_ui/{name}.html").module
        if not self._environment.auto_reload:
            setattr(self, name, module)
        return module


def csrf_field() -> Markup:
    """The hidden field that proves a form was ours."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


def init_components(app: Flask) -> None:
    """Give templates their vocabulary."""
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = True
    environment.lstrip_blocks = True
    environment.globals.update(ui=Components(environment), csrf_field=csrf_field, static_url=static_url)
    environment.filters["markdown"] = render_markdown
