"""A new pepper: keys are brought forward without knowing one IIN, everybody stays who they are, a wrong pepper is noticed."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.conftest import MONDAY
from tests.factories import NEWCOMERS_IIN, add_user, published
from tests.features.console import refused, run
from webapp.account.services import forget_person
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.people.models import RegisterEntry, User
from webapp.people.passwords import keyed
from webapp.people.person_keys import IIN, Peppers
from webapp.people.rules import check_digit
from webapp.people.services import person_key
from webapp.verification.rotation import rotate_batch
from webapp.voting.models import Vote

both_databases = True
sensitive = (
    "test_a_pepper_that_was_mixed_up_is_noticed_before_anybody_is_verified_twice",
    "test_after_a_rotation_everybody_is_who_they_were",
)
FIRST, SECOND, THIRD = "pepper of the tests", "the second pepper", "the third pepper"
DINARA = "90010140001" + str(check_digit("90010140001"))


def renew(app, *old, now=SECOND):
    """The operator sets a new pepper and keeps the old ones."""
    app.config.update(PERSON_PEPPER=now, PERSON_PEPPER_OLD=list(old))


def person(name):
    rollback()
    return db.session.scalars(select(User).where(User.email == f"{name}@test.example")).one()


def verify(browser, status=303):
    return browser.submit(browser.get("/verify"), "/verify", status, iin=NEWCOMERS_IIN, surname="Ким", agree="y")


def second_account(name="second"):
    with unit_of_work():
        add_user(f"{name}@test.example", MONDAY - timedelta(days=1))
    return person(name)


def keys():
    rollback()
    users = db.session.execute(select(User.id, User.person_key, User.key_version).where(User.person_key.is_not(None)))
    entries = db.session.execute(select(RegisterEntry.id, RegisterEntry.person_key, RegisterEntry.surname_key, RegisterEntry.key_version))  # fmt: skip
    return sorted(map(tuple, users)), sorted(map(tuple, entries))


def test_after_a_rotation_everybody_is_who_they_were(app, world, visit):
    with unit_of_work():
        key = published(world, MONDAY - timedelta(days=1)).id
    newcomer = visit(world.newcomer)
    verify(newcomer)
    newcomer.post(f"/proposals/{key}/vote", choice="support")
    before = keys()
    renew(app, FIRST)
    verify(visit(second_account("early")), 422)  # before the command has run
    said = run(app, "rotate-person-keys")
    assert said.out == f"{len(before[0])} accounts and 1 register entries brought to version 2.\n"
    after = keys()
    assert not {row[1] for part in after for row in part} & {row[1] for part in before for row in part}
    assert {row[-1] for part in after for row in part} == {2}
    assert "one person has one vote" in verify(visit(second_account()), 422).text  # the register still knows them
    with unit_of_work():
        forget_person(locked(User, world.newcomer.id), MONDAY)
    verify(visit(second_account("third")))
    rollback()
    assert db.session.scalar(select(func.count()).select_from(Vote).where(Vote.voter_id == person("third").id)) == 1
    assert person("third").key_version == 2


def test_again_changes_nothing_and_stopped_half_way_it_goes_on(app, world, visit):
    verify(visit(world.newcomer))
    renew(app, FIRST)
    present = Peppers((FIRST, SECOND))
    assert rotate_batch(User, present, 2) == 2  # and then the power fails
    versions = {row[-1] for row in keys()[0]}
    assert versions == {1, 2}
    verify(visit(second_account()), 422)  # whichever half they are in
    assert "run `flask --app wsgi rotate-person-keys` first" in refused(app, "import-register", _register(app))
    run(app, "rotate-person-keys")
    done = keys()
    assert run(app, "rotate-person-keys").out == "0 accounts and 0 register entries brought to version 2.\n"
    assert keys() == done
    expected = present.keys(IIN, NEWCOMERS_IIN)[-1]
    assert person("newcomer").person_key == expected
    assert run(app, "import-register", _register(app)).out == "2 people are in the register.\n"
    assert len(keys()[1]) == 2


def test_of_two_accounts_of_one_person_at_one_moment_one_is_verified(app, world, visit):
    browsers = [visit(world.newcomer), visit(second_account())]
    tokens = [browser.get("/verify").form("/verify")["csrf_token"] for browser in browsers]
    rollback()
    answers, ready = [], threading.Barrier(2)

    def send(browser, token):
        data = {"csrf_token": token, "iin": NEWCOMERS_IIN, "surname": "Ким", "agree": "y"}
        ready.wait()
        answers.append(browser._send("POST", "/verify", data=data))

    threads = [threading.Thread(target=send, args=pair) for pair in zip(browsers, tokens, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status for answer in answers) == [303, 422]
    assert "one person has one vote" in next(answer.html for answer in answers if answer.status == 422)
    assert person("newcomer").is_verified is not person("second").is_verified


def _register(app):
    from pathlib import Path

    path = Path(app.instance_path) / "register.csv"
    path.write_text(f"iin,surname,kato\n{NEWCOMERS_IIN},Ким,611000000\n{DINARA},Ким,611000000\n")
    return path


def test_two_rotations_are_as_good_as_one_after_the_other(app, world, visit):
    verify(visit(world.newcomer))
    renew(app, FIRST)
    run(app, "rotate-person-keys")
    renew(app, FIRST, SECOND, now=THIRD)
    run(app, "rotate-person-keys")
    assert person("newcomer").person_key == Peppers((FIRST, SECOND, THIRD)).keys(IIN, NEWCOMERS_IIN)[-1]
    verify(visit(second_account()), 422)
    renew(app, FIRST)  # the settings of before: a pepper is gone
    assert "are not those" in refused(app, "rotate-person-keys")


def test_a_copy_of_the_database_is_of_no_use_without_all_peppers(app, world, visit):
    verify(visit(world.newcomer))
    # what a rotation cannot do: a copy from before it is read with the old pepper, so old backups are destroyed
    assert person("newcomer").person_key == person_key(FIRST, NEWCOMERS_IIN)
    renew(app, FIRST)
    run(app, "rotate-person-keys")
    stored = person("newcomer").person_key

    def guesses(*known):
        """Everything that the steps of the chain can make of the right IIN with the peppers that one knows."""
        found = [NEWCOMERS_IIN]
        for _step in range(2):
            found += [keyed(p, purpose, value) for p in known for purpose in ("iin", "iin:2") for value in found]
        return found

    assert stored not in guesses(FIRST)
    assert stored not in guesses(SECOND)
    assert stored in guesses(FIRST, SECOND)


def test_a_pepper_that_was_mixed_up_is_noticed_before_anybody_is_verified_twice(app, world, visit):
    verify(visit(world.newcomer))
    before, second, clerk = keys(), visit(second_account()), visit(world.moderator)
    second.submit(second.get("/verify/desk"), "/verify/desk", agree="y")
    code = second.get("/verify/desk").find("p", class_="secret")[0].text
    page, path = second.get("/verify"), _register(app)
    for old, new in (((), SECOND), (("another",), SECOND), ((SECOND,), FIRST)):
        renew(app, *old, now=new)
        refusal = second.submit(page, "/verify", 503, iin=NEWCOMERS_IIN, surname="Ким", agree="y")
        assert "because of a fault on our side" in refusal.text
        clerk.post("/desk/residents", 503, code=code, iin=NEWCOMERS_IIN, home="611000000")
        second.post("/verify/desk", 503, agree="y")
        assert "are not those that the keys of persons were made with" in refused(app, "rotate-person-keys")
        assert "are not those that the keys of persons were made with" in refused(app, "import-register", path)
        assert not person("second").is_verified and keys() == before
    renew(app, now=FIRST)
    verify(second, 422)  # all is well again, and known


def test_a_pepper_that_is_named_twice_stops_the_start(tmp_path):
    from webapp import create_app
    from webapp.config import SettingError

    with pytest.raises(SettingError, match="PERSON_PEPPER_OLD"):
        create_app(INSTANCE=str(tmp_path), PERSON_PEPPER=FIRST, PERSON_PEPPER_OLD=[FIRST])
