"""Every form of the site in every situation that a form comes into: right answer, words kept, nothing in the wrong name.

`make soak` sends all of them; `make test` draws 25 by a seed that it prints (`--situations-seed` draws them again).
"""

import random
import secrets

import pytest
from flask import Response

from tests.fuzz.situations import (
    SITUATIONS,
    body_too_large,
    complaints,
    double,
    key_expired,
    other_account,
    role_ended,
    rows,
    sign_in_ended,
)
from tests.sizes import SOAK
from webapp.access.permissions import POLICY, Permission
from webapp.access.predicates import signed_in
from webapp.kernel import security
from webapp.kernel.security import CSRFError

DRAWN = 12


def test_a_draw_of_forms_and_situations(stage, request):
    seed = request.config.getoption("--situations-seed") or secrets.randbelow(10**6)
    print(f"situations: --situations-seed {seed}")
    chance = random.Random(seed)
    forms = chance.sample(rows(), DRAWN)
    pairs = [(SITUATIONS[n % len(SITUATIONS)], form) for n, form in enumerate(forms)]
    found = [what for situation, row in pairs for what in complaints(stage, row, situation)]
    stage.restore()
    assert not found, f"--situations-seed {seed}\n" + "\n".join(found)


@pytest.mark.slow
@pytest.mark.skipif(not SOAK, reason="all of them in make soak")
@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda one: one.__name__)
def test_every_form_in_every_situation(stage, situation):
    found = [what for row in rows() for what in complaints(stage, row, situation)]
    stage.restore()
    assert not found, f"{len(found)}\n" + "\n".join(found)


def test_the_forms_are_those_of_the_table():
    assert len(rows()) > 100 and len(SITUATIONS) == 8


def form(route):
    return next(row for row in rows() if row.route == f"POST {route}")


def bare(*_anything, **_named):
    """A refusal as a framework writes it: correct, and the words are gone."""
    return Response("Conflict", 409)


def plant_a_bare_refusal(stage, monkeypatch):
    monkeypatch.setitem(stage.app.view_functions, "moderation.ask", bare)
    return form("moderation.ask"), double, "the words are lost"


def plant_an_error(stage, monkeypatch):
    monkeypatch.setitem(stage.app.view_functions, "flagging.create", lambda **_named: 1 / 0)
    return form("flagging.create"), double, "500 <-"


def plant_a_door_that_forgets(stage, monkeypatch):
    monkeypatch.setattr(stage.app.login_manager, "unauthorized_callback", lambda: Response("Sign in", 401))
    return form("moderation.ask"), sign_in_ended, "the words are lost"


def plant_a_right_that_outlives_its_role(stage, monkeypatch):
    monkeypatch.setitem(POLICY, Permission.TRIAGE, (signed_in,))
    return form("moderation.publish"), role_ended, "wrote into"


def plant_a_form_for_anybody(stage, monkeypatch):
    monkeypatch.setattr(security.csrf, "protect", lambda **_named: None)
    return form("notices.follow_proposal"), other_account, "where [409] is right"


def plant_a_key_that_is_not_asked(stage, monkeypatch):
    monkeypatch.setattr(security.csrf, "protect", lambda **_named: None)
    return form("notices.follow_proposal"), key_expired, "wrote into"


def plant_a_page_without_words(stage, monkeypatch):
    handlers = stage.app.error_handler_spec[None][400]
    monkeypatch.setitem(handlers, CSRFError, lambda _error: Response("Bad Request", 400))
    return form("moderation.ask"), key_expired, "the words are lost"


def plant_a_body_without_end(stage, monkeypatch):
    monkeypatch.setattr(security, "read_at_most", lambda: 2**40)
    monkeypatch.setitem(stage.app.config, "MAX_FORM_MEMORY_SIZE", 2**40)
    return form("notices.follow_proposal"), body_too_large, "where [413] is right"


@pytest.mark.parametrize(
    "plant",
    [
        *(plant_a_bare_refusal, plant_an_error, plant_a_door_that_forgets, plant_a_right_that_outlives_its_role),
        *(
            plant_a_form_for_anybody,
            plant_a_key_that_is_not_asked,
            plant_a_page_without_words,
            plant_a_body_without_end,
        ),
    ],
    ids=lambda plant: plant.__name__,
)
def test_planted_faults_are_found(stage, monkeypatch, plant):
    """A test of the test: without the fault nothing is said, with it the right sentence."""
    row, situation, said = plant(stage, monkeypatch)
    with_fault = complaints(stage, row, situation)
    monkeypatch.undo()
    assert complaints(stage, row, situation) == []
    assert any(said in what for what in with_fault), with_fault
    stage.restore()
