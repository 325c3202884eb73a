"""The demonstration that `make run` brings: it is built by the verbs that people use, on an empty database."""

from __future__ import annotations

import pytest
from flask_migrate import upgrade
from sqlalchemy import func, select

from tests.conftest import MONDAY, make_app
from webapp.demo.services import build
from webapp.kernel.database import db
from webapp.proposals.models import Proposal


@pytest.mark.slow
def test_the_demonstration_is_built_on_an_empty_database(tmp_path, clock):
    app = make_app(f"sqlite:///{tmp_path / 'demo.sqlite3'}", tmp_path)
    with app.app_context():
        upgrade()
        told = build(MONDAY)
        stages = dict(db.session.execute(select(Proposal.stage, func.count()).group_by(Proposal.stage)).all())
        assert sum(stages.values()) >= told >= 60
        assert {"submitted", "collecting", "review", "implementing", "done", "declined"} <= set(stages)
        db.session.remove()
        db.engine.dispose()
