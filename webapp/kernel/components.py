"""Macros of `templates/_ui/` as one global: `ui.vote.panel(...)`, and what templates may call."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import lru_cache
from typing import Any

from flask import Flask, g
from flask_wtf.csrf import generate_csrf
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from webapp.kernel.htmx import static_url
from webapp.kernel.i18n import current_language
from webapp.kernel.markdown import render_markdown, typed_lines
from webapp.kernel.once import once_field
from webapp.kernel.typed import BEGUN_AS, KEPT_AS, kept_form, mark

KEPT = 4096


class Remembered:
    """The macros of a pure file; a result is kept for the arguments and the language that it was made for."""

    def __init__(self, module: Any) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Callable[..., Markup]:
        macro = getattr(self._module, name)

        @lru_cache(maxsize=KEPT)
        def kept(_lang: str, *args: Any, **named: Any) -> Markup:
            return Markup(macro(*args, **named))  # nosec B704  # noqa: S704 (made by an autoescaping template)

        def call(*args: Any, **named: Any) -> Markup:
            try:
                return kept(current_language(), *args, **named)
            except TypeError:  # a list or a dict cannot be remembered
                return Markup(macro(*args, **named))  # nosec B704  # noqa: S704 (made by an autoescaping template)

        setattr(self, name, call)
        return call


class Components:
    """`ui.<file>.<macro>`: macros without imports, so that a block renders alone (ADR 0004)."""

    def __init__(self, environment: Environment, pure: Collection[str]) -> None:
        self._environment, self._pure = environment, pure

    def __getattr__(self, name: str) -> Any:
        module: Any = self._environment.get_template(f"_ui/{name}.html").module
        if not self._environment.auto_reload:
            module = Remembered(module) if name in self._pure else module
            setattr(self, name, module)
        return module


def csrf_field() -> Markup:
    """The hidden fields that prove a form was ours, and say on whose page it stood."""
    field = Markup('<input type="hidden" name="{}" value="{}">')
    whose = mark()
    kept = g.pop("kept_name", "")  # of the form that has just begun (`kept_form`)
    fields = {"csrf_token": generate_csrf(), BEGUN_AS: whose, KEPT_AS: kept}
    return Markup().join(field.format(name, value) for name, value in fields.items() if value)


def init_components(app: Flask, pure: Collection[str]) -> None:
    """Give templates their vocabulary. `pure` names the files whose macros may be remembered (ADR 0007)."""
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = True
    environment.lstrip_blocks = True
    environment.globals.update(
        ui=Components(environment, pure),
        csrf_field=csrf_field,
        once_field=once_field,
        static_url=static_url,
        kept_form=kept_form,
    )
    environment.filters["markdown"] = render_markdown
    environment.filters["lines"] = typed_lines
