"""The second step in a real browser: set up, signed out, signed in with a code; with and without JavaScript."""

import time

import pyotp
import pytest

from tests.factories import PASSWORD, add_user
from tests.sizes import size
from webapp.kernel.clock import now
from webapp.kernel.database import unit_of_work

STEP = 30


@pytest.mark.slow
@pytest.mark.parametrize(("width", "javascript"), size([(360, True)], [(360, True), (1280, False)]))
def test_set_up_sign_out_and_come_back_with_a_code(person, arrange, width, javascript):
    name = f"keeper{width}"
    with unit_of_work():
        add_user(f"{name}@test.example", now())
    keeper = person(name, width=width, javascript=javascript)
    keeper.go("/my")
    keeper.press("main a[href='/second-step']")
    keeper.send("/second-step/enrolment")
    assert keeper.page.locator("main svg").count() >= 1
    totp = pyotp.TOTP(keeper.text("main p.secret").replace(" ", ""))
    # the code of the step before is still taken, unless this step ends while it is typed; the one of this step then is a later one
    if time.time() % STEP > STEP - 8:
        time.sleep(9)
    keeper.send("/second-step/confirmation", code=totp.at(int(time.time()) - STEP))
    codes = keeper.page.locator("main li.secret").all_inner_texts()
    assert len(set(codes)) == 10
    keeper.press("main a[href='/second-step']")

    keeper.press("header form[action='/sign-out'] button")
    keeper.go("/sign-in")
    keeper.send("/sign-in", email=f"{name}@test.example", password=PASSWORD)
    assert keeper.path == "/sign-in/code"
    keeper.page.goto(f"{keeper.base}/my")
    assert keeper.path == "/sign-in"  # half-way in is outside
    keeper.go("/sign-in/code")
    keeper.send("/sign-in/code", code=totp.now())
    keeper.go("/my")
    assert keeper.path == "/my"

    keeper.press("header form[action='/sign-out'] button")
    keeper.go("/sign-in?next=/second-step")
    keeper.send("/sign-in", email=f"{name}@test.example", password=PASSWORD)
    keeper.send("/sign-in/code", code=codes[0])
    assert "9 unused codes are left" in keeper.text()
    keeper.go("/confirm-it-is-you?next=/my")
    keeper.send("/confirm-it-is-you", password=PASSWORD, second_code=codes[1])
    assert keeper.path == "/my"
