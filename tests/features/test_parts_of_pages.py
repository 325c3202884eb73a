"""The page of a proposal and the desk consist of what the features give, in the order of a tuple."""

import shutil
from datetime import timedelta

import pytest

from tests import extra_feature
from tests.client import Visitor
from tests.conftest import MONDAY, make_app
from tests.extra_feature import pages as extra
from tests.factories import World, propose, published
from webapp.desk import item
from webapp.kernel.database import db, unit_of_work
from webapp.kernel.page_parts import Act, Part, Place, acts_at, by_place, together
from webapp.portal import views


@pytest.fixture
def open_browser(template_file, tmp_path, clock, monkeypatch):
    """Browsers of an application in which the extra feature is named in the two tuples, and nowhere else."""
    monkeypatch.setattr(views, "PARTS", (*views.PARTS, extra.part))
    monkeypatch.setattr(item, "BESIDE", (*item.BESIDE, extra.beside))
    shutil.copy(template_file, tmp_path / "saty.sqlite3")
    app = make_app(f"sqlite:///{tmp_path / 'saty.sqlite3'}", tmp_path)
    app.register_blueprint(extra_feature.bp)

    def browser(person=None):
        visitor = Visitor(app)
        if person is not None:
            visitor.sit_down(person)
        return visitor

    with app.app_context():
        yield browser
        db.session.remove()
        db.engine.dispose()


def test_a_feature_appears_on_the_page_by_the_tuple_alone(open_browser):
    world = World.read()
    with unit_of_work():
        key = published(world, MONDAY - timedelta(days=1)).id
    page = open_browser().get(f"/proposals/{key}")
    assert len(page.find("section", id="extra-part")) == 1
    assert "Extra act" not in page.text
    signed_in = open_browser(world.aigerim).get(f"/proposals/{key}")
    assert "Extra act" in signed_in.text
    assert len(signed_in.find("form", action=f"/proposals/{key}/extra")) == 1
    position = signed_in.text.index
    assert position("Idea for the money") < position("Extra act") < position("What happened so far")


def test_a_feature_appears_on_the_desk_by_the_tuple_alone(open_browser):
    world = World.read()
    with unit_of_work():
        key = propose(world.aigerim, MONDAY).id
    page = open_browser(world.moderator).get(f"/desk/{key}")
    assert len(page.find("a", href=f"/proposals/{key}/extra")) == 1
    assert page.text.index("Leave a note") < page.text.index("Extra link")
    assert page.find("section", id="extra-part") == []


def test_what_has_nothing_to_show_is_not_there(open_browser):
    world = World.read()
    with unit_of_work():
        key = propose(world.aigerim, MONDAY).id
    assert open_browser(world.aigerim).get(f"/proposals/{key}").find("section", id="extra-part") == []


def test_each_feature_is_asked_once_and_stands_in_the_order_of_the_tuple():
    asked = []

    def first(actor, subject, now):
        asked.append((actor, subject, now))
        return together(None, Part(Place.MAIN, "first"), None, Part(Place.BESIDE, "first beside"))

    def second(_actor, _subject, _now):
        return Part(Place.MAIN, "second")

    found = by_place((first, lambda *_all: None, second), "actor", "subject", MONDAY)
    assert asked == [("actor", "subject", MONDAY)]
    assert [part.template for part in found["main"]] == ["first", "second"]
    assert [part.template for part in found["beside"]] == ["first beside"]
    assert found["top"] == []


def test_a_part_without_acts_is_none():
    assert acts_at(Place.MORE, None) is None
    assert together(None, None) is None
    act = Act("Do", "/do")
    assert acts_at(Place.MORE, None, act) == Part(Place.MORE, acts=(act,))
