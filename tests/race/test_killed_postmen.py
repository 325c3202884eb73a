"""The worker is killed again and again while it tells facts and sends mails: none is lost, and one at most repeated a kill."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.conftest import MONDAY, make_app
from tests.factories import add_user, propose, published, supported
from tests.race.serving import PATIENCE_SECONDS, until
from tests.sink import Sink, sink
from tests.sizes import size
from webapp.journal.models import Fact
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.kernel.mail import Message, deliver_due
from webapp.notifications import followers
from webapp.notifications.models import Notice
from webapp.notifications.rules import AT_ONCE_A_DAY
from webapp.notifications.services import tell

both_databases = True
pytestmark = pytest.mark.slow
KILLS = size(5, 30)
AUTHORS, SUPPORTERS, WIDE = size(40, 300), 25, size(12, 40)
NOTICES = 2 * AUTHORS + WIDE * (SUPPORTERS + 1)
#: Each author's; the moderator and the author of the wide proposal have as many as fit into a day.
MAILS = AUTHORS + 2 * AT_ONCE_A_DAY
_spawn = get_context("spawn")


def working(url: str, folder: str, port: int, moment: datetime) -> None:
    """A worker as it runs for ever; parts of three followers, so that there is much to be killed in."""
    settings = {"MAIL_BACKEND": "smtp", "MAIL_SERVER": "127.0.0.1", "MAIL_PORT": port}
    app = make_app(url, Path(folder), **settings)
    followers.spread.__defaults__ = (3,)
    with app.app_context():
        while True:
            tell(moment)
            deliver_due(moment, at_most=20)
            time.sleep(0.01)


def counted(model: Any, *where: Any) -> int:
    rollback()
    return db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0


@pytest.fixture
def much_to_tell(app, world):
    """Many authors with a proposal each, and one proposal with many supporters of which much is to be told."""
    with unit_of_work():
        wide = published(world, MONDAY - timedelta(days=9))
        supported(wide, SUPPORTERS - 6, "611000000", MONDAY)
        supported(wide, 6, "612000000", MONDAY)
        db.session.execute(db.update(Fact).values(told=True))
        for number in range(AUTHORS):
            author = add_user(f"author{number}@test.example", MONDAY)
            propose(author, MONDAY, title=f"Ұсыныс {number}")
        for _fact in range(WIDE):
            where = {"proposal_id": wide.id, "territory_id": wide.seat_id}
            record(Verb.IMPLEMENTATION_STARTED, wide, MONDAY, **where)


def test_a_worker_that_is_killed_loses_nothing_and_repeats_one_mail_at_most(
    app, much_to_tell, database_url, engine, tmp_path
):
    with sink() as server:
        _kill_again_and_again(server, database_url, tmp_path)
        moment = MONDAY + timedelta(hours=5)
        with _postman(server, database_url, tmp_path, moment) as last:
            until(lambda: counted(Message, Message.sent_at.is_(None)) == 0, PATIENCE_SECONDS, "all mails are sent")
            assert last.is_alive()
        times = server.times
    assert counted(Fact, ~Fact.told) == 0
    assert counted(Notice) == NOTICES
    keys = set(db.session.scalars(select(Message.dedup_key)))
    assert len(keys) == MAILS
    assert len(times) == len(keys), "some mail was never sent"
    assert sum(times.values()) - len(times) <= KILLS and max(times.values()) <= 1 + KILLS


def _kill_again_and_again(server: Sink, url: str, folder: Path) -> None:
    """Two in five while notices are written, the others while mails are sent."""
    while_telling = KILLS * 2 // 5
    for number in range(KILLS):
        moment = MONDAY + timedelta(minutes=3 * number)  # what a killed one had in hand may be taken again
        with _postman(server, url, folder, moment) as worker:
            if number < while_telling:
                goal = NOTICES * (number + 1) // (while_telling + 1)
                until(lambda goal=goal: counted(Notice) >= goal, PATIENCE_SECONDS, f"{goal} notices")
                assert counted(Fact, ~Fact.told) and not server.mails, "too late for a kill while it tells"
            else:
                goal = MAILS * (number - while_telling + 1) // (KILLS - while_telling + 1)
                until(lambda goal=goal: len(server.times) >= goal, PATIENCE_SECONDS, f"{goal} mails")
                assert counted(Message, Message.sent_at.is_(None)), "too late for a kill while it sends"
            assert worker.is_alive()


class _postman:
    def __init__(self, server: Sink, url: str, folder: Path, moment: datetime) -> None:
        arguments = (url, str(folder), server.port, moment)
        self._process = _spawn.Process(target=working, args=arguments, daemon=True)

    def __enter__(self) -> Any:
        self._process.start()
        return self._process

    def __exit__(self, *_error: Any) -> None:
        self._process.kill()
        self._process.join(PATIENCE_SECONDS)
