"""Saty: proposals that climb from a city to the nation. Nobody imports this module but `wsgi.py`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import Migrate

from webapp import cli, config
from webapp.doors.at_the_door import init_doors
from webapp.kernel.components import init_components
from webapp.kernel.database import TransactionalFlask, db, init_database
from webapp.kernel.errors import init_errors
from webapp.kernel.i18n import init_i18n
from webapp.kernel.jobs import Job, jobs
from webapp.kernel.loading import init_loading
from webapp.kernel.mail import init_mail
from webapp.kernel.security import init_security, put_on_armour
from webapp.kernel.static import init_static
from webapp.people.rules import ABSOLUTE
from webapp.portal.shell import PURE, init_shell
from webapp.wording.overrides import init_wording

ROOT = config.ROOT
#: The packages with pages or jobs; each names them in its `wiring.py`. Within a phase (`kernel.jobs.Phase`) their jobs
#: run in this order. A new feature adds its name here, and nothing else in this file.
FEATURES = (
    *("webapp.voting", "webapp.moderation", "webapp.escalation", "webapp.delivery", "webapp.hanging", "webapp.offers"),
    *("webapp.organisations", "webapp.flagging", "webapp.access", "webapp.fraud", "webapp.notifications"),
    *("webapp.kernel", "webapp.journal", "webapp.people", "webapp.account", "webapp.proposals", "webapp.verification"),
    *("webapp.photos", "webapp.merging", "webapp.answering", "webapp.staffing", "webapp.cascade", "webapp.replicating"),
    *("webapp.portal", "webapp.doors", "webapp.desk"),
)


def create_app(features: Iterable[str] = FEATURES, **settings: Any) -> Flask:
    """The application. `settings` override what the environment says, `features` which packages are in (tests use both)."""
    instance = Path(settings.pop("INSTANCE", os.environ.get("INSTANCE_PATH", ROOT / "instance"))).resolve()
    instance.mkdir(parents=True, exist_ok=True)
    app = TransactionalFlask(
        __name__,
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
        instance_path=str(instance),
    )
    app.config.from_mapping(config.load(instance))
    app.config.from_mapping(settings)
    if app.config["PRODUCTION"] and (faults := config.unsafe(app.config)):
        raise config.SettingError("Production does not start like this:\n- " + "\n- ".join(faults))
    if faults := config.incomplete(app.config):
        raise config.SettingError("These settings do not fit together:\n- " + "\n- ".join(faults))
    app.permanent_session_lifetime = ABSOLUTE[False]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    init_database(app)
    init_errors(app)
    init_security(app)
    init_loading(app)
    init_i18n(app)
    init_wording(app)
    init_mail(app)
    init_components(app, PURE)
    init_doors(app)
    init_shell(app)
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True, compare_type=True)
    _wire(app, features)
    cli.register(app)
    init_static(app)
    put_on_armour(app)
    return app


def _wire(app: Flask, features: Iterable[str]) -> None:
    """Take over the pages and the jobs of every package; a package without pages, or without jobs, does not name them."""
    wanted: list[Job] = []
    for name in features:
        wiring = import_module(f"{name}.wiring")
        for blueprint in getattr(wiring, "BLUEPRINTS", ()):
            app.register_blueprint(blueprint)
        wanted += getattr(wiring, "JOBS", ())
    jobs.register(wanted)
