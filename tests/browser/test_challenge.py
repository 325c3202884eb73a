"""The riddle in a real browser under the real policy: it solves itself; without a script the form says how long to wait."""

import shutil

import pytest

from tests.browser.person import Person
from tests.race.serving import PATIENCE_SECONDS, answers, free_port, serving, until

TYPED = {"given_name": "Жаңа", "surname": "Адамов", "password": "seven violet umbrellas"}


@pytest.fixture(scope="module")
def warm(template_file, tmp_path_factory, chromium):
    """The address of a server whose door for new accounts was tried more than half as often as it allows."""
    folder = tmp_path_factory.mktemp("warm")
    shutil.copy(template_file, folder / "saty.sqlite3")
    port = free_port()
    settings = {"PERSON_PEPPER": "pepper of the tests", "RATE_LIMITS": "on", "PORT": str(port)}
    with serving(f"sqlite:///{folder / 'saty.sqlite3'}", folder, port, 1, **settings):
        until(lambda: answers(port), PATIENCE_SECONDS, "the server is up")
        url = f"http://127.0.0.1:{port}"
        hasty = Person(url, chromium)
        hasty.go("/sign-up")
        token = hasty.page.locator("form[action='/sign-up'] input[name=csrf_token]").get_attribute("value")
        for _time in range(16):
            hasty.page.request.post(f"{url}/sign-up", form={"csrf_token": token, "email": "nothing"})
        hasty.leave()
        yield url


def test_the_browser_solves_it_while_one_is_quick(warm, chromium):
    someone = Person(warm, chromium, lang="kk", width=360)
    someone.go("/sign-up")
    someone.send("/sign-up", email="quick@test.example", **TYPED)
    someone.page.wait_for_url("**/confirm**")
    someone.leave()


def test_without_a_script_the_form_says_how_long_to_wait_and_keeps_what_was_typed(warm, chromium):
    someone = Person(warm, chromium, lang="ru", javascript=False)
    someone.go("/sign-up")
    assert "через 20 секунд" in someone.page.locator("[data-challenge]").inner_text()
    someone.send("/sign-up", email="slow@test.example", **TYPED)
    assert "Подождите" in someone.page.locator(".error-summary").inner_text()
    assert someone.page.locator("#email").input_value() == "slow@test.example"
    someone.leave()
