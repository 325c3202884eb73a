"""An organisation in a real browser: registered by its owner, verified at the desk, and then it votes."""

import pytest
from sqlalchemy import select

from tests.factories import World, add_user, published
from tests.sizes import size
from webapp.kernel.clock import local_date, now
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.people.models import Organisation
from webapp.people.rules import check_digit
from webapp.proposals.models import Proposal


def fresh_bin(number):
    """A BIN that passes the checksum and belongs to nobody."""
    while check_digit(f"190140{number:05d}") is None:
        number += 1000
    return f"190140{number:05d}{check_digit(f'190140{number:05d}')}"


@pytest.mark.parametrize(
    ("lang", "width", "javascript"),
    size(
        [("kk", 360, False)],
        [("kk", 360, True), ("ru", 1280, True), ("ru", 1280, False), ("en", 360, False)],
    ),
)
def test_an_organisation_registers_is_verified_and_votes(person, arrange, lang, width, javascript):
    manner = {"lang": lang, "width": width, "javascript": javascript}
    name = f"Базар қауымдастығы {lang}"
    with unit_of_work():
        add_user(f"founder-{lang}@test.example", now(), home="611000000")
        key = published(World.read(), now(), title=f"Базарға жол {lang}").id

    founder = person(f"founder-{lang}", **manner)
    founder.go("/my")
    founder.press("main a[href='/organisations/new']")
    assert founder.page.locator("#home").input_value() == "611000000"
    founder.send(
        "/organisations/new",
        bin=fresh_bin(width + len(lang) + ord(lang[0])),
        name=name,
        kind="business_association",
        letter_number="12-05/7",
        letter_on=local_date(now()).isoformat(),
    )
    rollback()
    found = db.session.scalars(select(Organisation).where(Organisation.name == name)).one()
    organisation = found.id
    assert founder.path == f"/organisations/{organisation}"
    assert founder.clicks <= 6
    founder.go(f"/proposals/{key}")
    assert founder.page.locator(".vote-org").count() == 0

    moderator = person("moderator", **manner)
    moderator.go("/desk")
    moderator.press(f"main a[href='/desk/organisations/{organisation}']")
    moderator.send(f"/desk/organisations/{organisation}/verification")
    assert moderator.path == "/desk"

    founder.go(f"/proposals/{key}")
    founder.press(f".vote-org form[action='/proposals/{key}/vote'] button[value=support]")
    assert founder.page.locator(".vote-org .receipt-support").count() == 1
    rollback()
    proposal = db.session.get(Proposal, key)
    assert (proposal.supports, proposal.organisation_supports) == (0, 1)

    stranger = person(**manner)
    for path in (
        "/organisations",
        "/organisations?kind=business_association&place=610000000",
        f"/organisations/{organisation}",
    ):
        stranger.go(path)
        assert name in stranger.text()
    assert f"Базарға жол {lang}" in stranger.text()
    founder.go(f"/organisations/{organisation}/members")
    founder.send(f"/organisations/{organisation}/invitations", email="nobody")
    assert founder.page.locator(".error-summary").count() == 1
    founder.send(f"/organisations/{organisation}/invitations", email=f"friend-{lang}@test.example")
    assert f"friend-{lang}@test.example" in founder.text()
    moderator.go(f"/desk/organisations/{organisation}")
    moderator.send(f"/desk/organisations/{organisation}/accreditation")  # empty: every message of the form is shown
    assert moderator.page.locator(".error-summary").count() == 1
