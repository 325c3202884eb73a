"""Hiding: a mark with the reason everywhere, the words nowhere; the author appeals to somebody else; silence shows it again."""

import io
import re
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from tests.conftest import MONDAY, ROOT
from tests.factories import PASSWORD, add_user, propose, published, supported
from tests.sizes import size
from webapp.access.permissions import Permission
from webapp.access.services import give_role, refusal
from webapp.flagging.decisions import Verdict, hide
from webapp.flagging.models import FlagReview, Hiding
from webapp.flagging.rules import may_judge
from webapp.flagging.services import Report, flag, open_review
from webapp.journal.models import Fact
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.i18n import in_language
from webapp.kernel.jobs import jobs
from webapp.kernel.mail import Message
from webapp.moderation.services import merge
from webapp.people.sign_ins import end_all
from webapp.photos.services import keep, path_of
from webapp.photos.workshop import remade
from webapp.proposals.hiding import mark
from webapp.proposals.models import Proposal, ProposalTerm
from webapp.proposals.similarity import similar_to
from webapp.voting.services import cast_for_organisation

both_databases = True
sensitive = (
    "test_an_appeal_after_the_end_of_a_sign_in_is_against_the_same",
    "test_hidden_words_are_in_no_mail_no_fact_and_no_index",
    "test_hidden_words_are_nowhere",
    "test_the_preview_is_what_comes_and_changes_nothing",
)
DAY = timedelta(days=1)
SENTENCE = "It names a neighbour and says where he lives."
#: Words that stand nowhere else.
TITLE, TEXT, PLACE, ALT = "Канарейщиков", "тайнослов", "скрытоград", "фотоканарейка"
CANARIES = (TITLE, TEXT, PLACE, ALT)
#: Addresses that show nothing of proposals, or that only somebody with a role or the author opens.
ASIDE = {"static"}


def picture():
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(out, "PNG")
    return remade(out.getvalue())


@pytest.fixture
def key(app, world, tmp_path):
    app.config["UPLOADS"] = str(tmp_path / "uploads")
    with unit_of_work():
        proposal = published(world, MONDAY - DAY, title=f"{TITLE} көшесіне шам", text=f"{TEXT} туралы мәтін. " * 3)
        proposal.place = PLACE
        keep(picture(), ALT, None, MONDAY, proposal_id=proposal.id)
        return proposal.id


def hidden(world, key, extent="title_and_text", reason="personal_data", moment=MONDAY):
    what = "photo" if extent == "photo" else "text"
    with unit_of_work():
        flag(None, locked(Proposal, key), Report(what, "insult", ""), "f" * 16, moment)
        return hide(world.moderator, open_review(key, what), Verdict(extent, reason, SENTENCE, "ішкі"), moment).id


def hiding(number):
    rollback()
    return db.session.get(Hiding, number)


def proposal(key):
    rollback()
    return db.session.get(Proposal, key)


def surfaces(app, key):
    """Every address that can be opened: without values, with the number of the proposal, and the exports."""
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods or rule.endpoint in ASIDE or "<token>" in rule.rule:
            continue
        path = re.sub(r"<(int|key):key>", str(key), rule.rule).replace("<kato>", "611000000")
        if "<any(" in path:
            kinds = path.partition("<any(")[2].partition(")")[0].split(",")
            found += [path.partition("<any(")[0] + kind for kind in kinds]
        elif "<" not in path:
            found.append(path)
    return sorted(set(found))


def test_every_surface_is_looked_at(app, key):
    found = surfaces(app, key)
    assert len(found) > 60
    wanted = {f"/proposals/{key}", f"/proposals/{key}/talon", "/proposals.csv", "/proposals.json", "/proposals.atom"}
    wanted |= {"/", "/proposals", "/territories/611000000", "/organisations/1", "/journal.jsonl", "/moderation.csv"}
    assert wanted - {"/organisations/1"} <= set(found)


def sung(app, visitor, key, more=()):
    """Which canaries are heard where."""
    heard = set()
    for path in [*surfaces(app, key), *more]:
        page = visitor._send("GET", path)
        heard |= {(path, canary) for canary in CANARIES if canary.lower() in page.html.lower()}
    return heard


@pytest.fixture
def neighbours(world, key):
    """Where a title is quoted: merged into it, voted by an organisation, supported, similar to a draft."""
    with unit_of_work():
        copy = propose(world.aigerim, MONDAY, title="Басқа ұсыныс")
        merge(world.moderator, copy, locked(Proposal, key), MONDAY)
        cast_for_organisation(
            world.member, world.member.memberships[0].organisation, locked(Proposal, key), "support", MONDAY
        )
        return copy.id, world.member.memberships[0].organisation_id


#: Everybody in one language, and a stranger in the other two; in `make soak` everybody in all of them.
READERS = (None, "bolat", "member", "officer", "almaty_moderator", "nation_officer")


@pytest.mark.parametrize(
    ("readers", "languages"), size([(READERS, ["kk", "ru", "en"])], [(READERS, [one]) for one in ("kk", "ru", "en")])
)
def test_hidden_words_are_nowhere(app, world, visit, key, neighbours, readers, languages):
    copy, organisation = neighbours
    lang = languages[0]
    more = (f"/proposals/{copy}", f"/organisations/{organisation}", "/proposals?place=611000000&sort=most")
    before = sung(app, visit(lang=lang), key, more)
    heard_on = {path for path, _canary in before}
    assert {"/", "/proposals", f"/proposals/{key}", f"/proposals/{key}/talon", "/proposals.csv"} <= heard_on
    assert {f"/proposals/{copy}", f"/organisations/{organisation}", "/proposals.json", "/proposals.atom"} <= heard_on
    assert {canary for _path, canary in before} == set(CANARIES)
    hidden(world, key)
    hidden(world, key, "photo")
    jobs.run(MONDAY)
    for name, said in [*((name, lang) for name in readers), *((None, other) for other in languages[1:])]:
        reader = visit(getattr(world, name), said) if name else visit(lang=said)
        allowed = {f"/proposals/{key}/answer"} if name == "officer" else set()
        assert {(path, canary) for path, canary in sung(app, reader, key, more) if path not in allowed} == set(), name
    page = visit(lang=lang).get("/proposals")
    with in_language(lang):
        assert mark("personal_data") in page.text
    assert f"/proposals/{key}" in page.html


def test_hidden_words_are_in_no_mail_no_fact_and_no_index(app, world, visit, key):
    hidden(world, key)
    hidden(world, key, "photo")
    with unit_of_work():
        supported(locked(Proposal, key), 20, "611000000", MONDAY)
    jobs.run(MONDAY)
    later = select(Message.subject, Message.body).where(Message.created_at >= MONDAY)
    mails = [f"{subject}\n{body}" for subject, body in db.session.execute(later)]
    assert len(mails) >= 3 and SENTENCE in "\n".join(mails)
    facts = [str(found) for found in db.session.scalars(select(Fact.facts))]
    for canary in CANARIES:
        assert not [text for text in mails + facts if canary.lower() in text.lower()], canary
    assert list(db.session.scalars(select(ProposalTerm.term).where(ProposalTerm.proposal_id == key))) == []
    assert similar_to(f"{TITLE} көшесіне шам") == []


def test_the_text_alone_leaves_the_title(world, visit, key):
    hidden(world, key, "text")
    page = visit().get(f"/proposals/{key}")
    assert TITLE in page.text and TEXT not in page.text and PLACE not in page.text
    assert SENTENCE in page.text and "Hidden by a moderator: It discloses personal data" in page.text
    assert [found.id for found in similar_to(f"{TITLE} көшесіне шам")] == [key]


def test_votes_lists_and_terms_go_on(world, visit, key):
    before = proposal(key)
    due_at, closes_at = before.due_at, before.closes_at
    hidden(world, key)
    with unit_of_work():
        supported(locked(Proposal, key), 20, "611000000", MONDAY)
    after = proposal(key)
    assert (after.stage, after.supports, after.closes_at) == ("review", 20, closes_at)
    assert after.due_at != due_at  # an answer is owed now
    rows = visit().get("/proposals.json?state=review").response.get_json()["items"]
    assert [(row["id"], row["supports"]) for row in rows] == [(key, 20)]
    assert rows[0]["title"].startswith("Hidden by a moderator")
    officer = visit(world.officer)
    assert TEXT in officer.get(f"/proposals/{key}/answer").text  # who owes an answer has to know to what
    assert TITLE not in officer.get("/desk").text


def test_the_preview_is_what_comes_and_changes_nothing(world, visit, key):
    with unit_of_work():
        flag(None, locked(Proposal, key), Report("text", "insult", ""), "f" * 16, MONDAY)
        number = open_review(key, "text").id
    moderator = visit(world.moderator)
    asked = {"extent": "title_and_text", "reason": "insult", "sentence": SENTENCE}
    page = moderator.get(f"/desk/flags/{number}/hiding?" + "&".join(f"{k}={v}" for k, v in asked.items()))
    (mail,) = page.find("pre", class_="preview")
    assert proposal(key).hidden is None and "Nothing has happened yet" in page.text
    public = " ".join(page.find("div", class_="notice notice-info hidden-mark")[0].text_content().split())
    too_long = moderator.submit(page, f"/desk/flags/{number}/hiding", 422, remark="ұзын " * 300)
    assert "ұзын ұзын" in too_long.html and too_long.find("pre", class_="preview")
    moderator.submit(page, f"/desk/flags/{number}/hiding", remark="ішкі ескерту")
    jobs.run(MONDAY)
    assert db.session.get(FlagReview, number).note == "ішкі ескерту"
    shown = visit().get(f"/proposals/{key}").find("div", class_="notice notice-info hidden-mark")[0]
    assert " ".join(shown.text_content().split()) == public
    body = db.session.scalars(
        select(Message.body).where(Message.to == "aigerim@test.example").order_by(Message.id.desc()).limit(1)
    ).one()
    assert mail.text_content().strip() in body.replace("\r", "")
    assert "ішкі ескерту" not in visit().get(f"/proposals/{key}").html


def test_a_hiding_needs_extent_reason_and_sentence(world, visit, key):
    with unit_of_work():
        flag(None, locked(Proposal, key), Report("text", "insult", ""), "f" * 16, MONDAY)
        number = open_review(key, "text").id
    moderator = visit(world.moderator)
    refused = moderator.post(f"/desk/flags/{number}/hiding", 422, sentence="Қысқа", remark="Ұмытпа")
    assert "Choose how much is hidden" in refused.text and "Ұмытпа" in refused.html
    for wrong in (
        {"extent": "photo", "reason": "insult", "sentence": SENTENCE},
        {"extent": "text", "reason": "because", "sentence": SENTENCE},
        {"extent": "text", "reason": "insult", "sentence": "x" * 501},
        {"extent": "text", "reason": "insult", "sentence": "  x  "},
    ):
        moderator.post(f"/desk/flags/{number}/hiding", 422, **wrong)
    assert moderator.get(f"/desk/flags/{number}/hiding").find("div", class_="error-summary")
    assert proposal(key).hidden is None


def test_the_author_sees_the_words_and_appeals_once_to_somebody_else(world, visit, key):
    number = hidden(world, key)
    author = visit(world.aigerim)
    page = author.get(f"/proposals/{key}")
    assert TITLE in page.text and TEXT in page.text
    for name in ("bolat", "moderator", "member"):
        visit(getattr(world, name)).get(f"/proposals/{key}/hiding/appeal", 403)
        visit(getattr(world, name)).post(f"/proposals/{key}/hiding/appeal", 403, note="x")
    visit().get(f"/proposals/{key}/hiding/appeal", 303)
    form = author.get(f"/proposals/{key}/hiding/appeal")
    assert SENTENCE in form.text and "14 December 2026" in form.text
    author.submit(form, f"/proposals/{key}/hiding/appeal", 422, note="  ")
    author.submit(form, f"/proposals/{key}/hiding/appeal", note="Бұл менің өз мекенжайым.")
    author.post(f"/proposals/{key}/hiding/appeal", 409, note="тағы")
    assert hiding(number).waits_for_a_decision
    moderator = visit(world.moderator)
    assert "hidden this yourself" in moderator.get(f"/desk/hidings/{number}", 403).text
    moderator.post(f"/desk/hidings/{number}/decision", 403, outcome="kept", answer="Жоқ")
    assert "Appeals" not in moderator.get("/desk/flags").text.replace("Reports and appeals", "")
    for name in ("bolat", "officer", "almaty_moderator", "aigerim"):
        visit(getattr(world, name)).get(f"/desk/hidings/{number}", 403)
    visit().get("/proposals/1/hiding/appeal", 303)


def colleague(kato="611000000"):
    with unit_of_work():
        from webapp.territories.services import by_kato

        person = add_user(f"colleague.{kato}@test.example", MONDAY, given="Мадина")
        give_role(person, "moderator", by_kato(kato), MONDAY - DAY)
    return person


@pytest.mark.parametrize("who", ["colleague", "region_moderator"])
@pytest.mark.parametrize("outcome", ["kept", "shown"])
def test_a_colleague_or_the_next_rung_decides(world, visit, key, who, outcome):
    number = hidden(world, key)
    visit(world.aigerim).post(f"/proposals/{key}/hiding/appeal", note="Бұл менің өз мекенжайым.")
    judge = visit(colleague() if who == "colleague" else world.region_moderator)
    desk = judge.get("/desk/flags")
    assert "Appeals against hidings" in desk.text and TITLE not in desk.text
    page = judge.get(f"/desk/hidings/{number}")
    assert "Бұл менің өз мекенжайым." in page.text and TEXT in page.text
    judge.submit(page, f"/desk/hidings/{number}/decision", 422, outcome=outcome, answer=" ")
    judge.submit(page, f"/desk/hidings/{number}/decision", 422, answer="Себебі осы.")
    judge.submit(page, f"/desk/hidings/{number}/decision", outcome=outcome, answer="Себебі осы жерде.")
    judge.get(f"/desk/hidings/{number}", 409)
    judge.post(f"/desk/hidings/{number}/decision", 409, outcome="shown", answer="Тағы")
    shown = visit().get(f"/proposals/{key}")
    assert (TITLE in shown.text) is (TEXT in shown.text) is (outcome == "shown")
    assert "Себебі осы жерде." in shown.text
    jobs.run(MONDAY)
    mails = db.session.scalars(select(Message.body).where(Message.to == "aigerim@test.example"))
    assert sum("Себебі осы жерде." in body for body in mails) == 1
    if outcome == "shown":
        assert [found.id for found in similar_to(f"{TITLE} көшесіне шам")] == [key]
        assert "/flag" in visit().get(f"/proposals/{key}").html


def test_an_appeal_that_nobody_decides_shows_it_again_by_itself(world, visit, key):
    number = hidden(world, key)
    visit(world.aigerim).post(f"/proposals/{key}/hiding/appeal", note="Қараңызшы.")
    due_at = hiding(number).due_at
    jobs.run(due_at - timedelta(minutes=1))
    assert proposal(key).hidden == "title_and_text"
    jobs.run(due_at + timedelta(minutes=1))
    jobs.run(due_at + timedelta(minutes=2))
    assert proposal(key).hidden is None
    assert (hiding(number).decision, hiding(number).due_at) == ("silence", None)
    page = visit().get(f"/proposals/{key}")
    assert "It is shown again automatically, because nobody decided on the appeal." in page.text
    assert "Nobody decided on the appeal in the term" in page.text and TITLE in page.text
    verbs = list(db.session.scalars(select(Fact.verb).where(Fact.proposal_id == key).order_by(Fact.id)))
    assert verbs[-2:] == ["body:silent", "content:shown"] or verbs.count("content:shown") == 1
    visit(world.region_moderator).post(f"/desk/hidings/{number}/decision", 409, outcome="kept", answer="Кеш")


def test_the_window_for_an_appeal_closes(world, visit, key, clock):
    number = hidden(world, key)
    until = hiding(number).appeal_until
    assert until == hiding(number).due_at
    clock(until + timedelta(seconds=1))
    author = visit(world.aigerim)
    assert "hiding/appeal" not in author.get(f"/proposals/{key}").html
    author.get(f"/proposals/{key}/hiding/appeal", 409)
    author.post(f"/proposals/{key}/hiding/appeal", 409, note="Кеш")
    jobs.run(until + timedelta(seconds=1))
    assert (hiding(number).due_at, proposal(key).hidden) == (None, "title_and_text")


def test_a_hidden_photo_is_seen_by_its_author_and_goes_for_good_after_the_last_word(world, visit, key):
    name = proposal(key).photo.name
    visit().get(f"/photos/{name}.webp")
    number = hidden(world, key, "photo", "misplaced")
    visit().get(f"/photos/{name}.webp", 404)
    visit(world.bolat).get(f"/photos/{name}.webp", 404)
    page = visit().get(f"/proposals/{key}")
    assert (
        not page.find("figure")
        and "It does not belong on this site or in this place" in page.text
        and TEXT in page.text
    )
    for reader in (world.aigerim, world.moderator, world.region_moderator):
        assert "no-store" in visit(reader).get(f"/photos/{name}.webp").response.headers["Cache-Control"]
    assert visit(world.aigerim).get(f"/proposals/{key}").find("figure")
    assert path_of(name).is_file()
    jobs.run(hiding(number).due_at + timedelta(minutes=1))
    assert not path_of(name).exists() and proposal(key).photo is None
    assert "It does not belong on this site or in this place" in visit().get(f"/proposals/{key}").text


def test_a_photo_comes_back_after_an_appeal(world, visit, key):
    name = proposal(key).photo.name
    number = hidden(world, key, "photo", "misplaced")
    author = visit(world.aigerim)
    author.submit(author.get(f"/proposals/{key}/hiding/appeal"), f"/proposals/{key}/hiding/appeal", note="Осы жер")
    judge = visit(world.region_moderator)
    judge.submit(
        judge.get(f"/desk/hidings/{number}"), f"/desk/hidings/{number}/decision", outcome="shown", answer="Рас."
    )
    visit().get(f"/photos/{name}.webp")
    assert visit().get(f"/proposals/{key}").find("figure")


def test_an_appeal_after_the_end_of_a_sign_in_is_against_the_same(world, visit, key):
    words, photo = hidden(world, key, "text"), hidden(world, key, "photo")
    author = visit(world.aigerim)
    page = author.get(f"/proposals/{key}/hiding/appeal?what=photo")
    with unit_of_work():
        end_all(world.aigerim.id, MONDAY)
    action = f"/proposals/{key}/hiding/appeal"
    door = author.submit(page, action, 401, note="Осы жер")
    back = author.submit(door, "/sign-in", 200, email=world.aigerim.email, password=PASSWORD)
    author.submit(back, action)
    assert hiding(photo).waits_for_a_decision and not hiding(words).waits_for_a_decision


def test_words_and_photo_are_hidden_and_appealed_apart(world, visit, key):
    words, photo = hidden(world, key, "text"), hidden(world, key, "photo")
    author = visit(world.aigerim)
    author.post(f"/proposals/{key}/hiding/appeal?what=photo", note="Сурет")
    assert hiding(photo).waits_for_a_decision and not hiding(words).waits_for_a_decision
    author.post(f"/proposals/{key}/hiding/appeal", note="Мәтін")
    assert hiding(words).waits_for_a_decision
    mine = author.get("/my/data.json").response.get_json()["appeals_against_hidings"]
    assert sorted(entry["note"] for entry in mine) == ["Мәтін", "Сурет"]


def test_the_page_says_when_nobody_else_is_there(world, visit, key):
    with unit_of_work():
        from webapp.access.models import Grant

        for grant in db.session.scalars(select(Grant).where(Grant.user_id == world.region_moderator.id)):
            grant.valid_until = MONDAY - DAY
    hidden(world, key)
    author = visit(world.aigerim)
    assert "Nobody else is there at the moment" in author.get(f"/proposals/{key}/hiding/appeal").text
    colleague()
    assert "Nobody else is there" not in author.get(f"/proposals/{key}/hiding/appeal").text


def test_rule_and_table_agree_on_who_judges(world, key):
    number = hidden(world, key)
    row = hiding(number)
    for person in world.people.values():
        paths = [grant.territory.path for grant in person.grants if grant.role == "moderator"]
        expected = may_judge(person.id, row.by_id, paths, row.desk.path)
        assert (refusal(person, Permission.DECIDE_APPEAL, row, MONDAY) is None) is expected, person.email


def test_the_download_of_the_author_has_the_words(world, visit, key):
    hidden(world, key)
    (mine,) = visit(world.aigerim).get("/my/data.json").response.get_json()["proposals"]
    assert TITLE in mine["title"] and TEXT in mine["text"]


#: Where the words themselves are read or written, hidden or not; everywhere else they are asked for as `title`, `text`, `place`.
WITH_REASON = {
    "webapp/proposals/models.py",  # the columns
    "webapp/proposals/hiding.py",  # says so
    "webapp/proposals/terms.py",  # as far as they are not hidden
    "webapp/proposals/services.py",  # the author answers a question
    "webapp/proposals/views.py",
    "webapp/proposals/personal.py",  # one's own data
    "templates/flagging/part_hidden.html",  # for the author
    "templates/flagging/show.html",  # for who decides
    "templates/flagging/judge.html",
    "templates/answering/edit.html",  # for who owes an answer
}


def test_the_words_themselves_are_asked_for_in_few_places():
    found = {
        path.relative_to(ROOT).as_posix()
        for folder in ("webapp", "templates")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".html", ".txt"} and re.search(r"written_(title|text|place)", path.read_text("utf-8"))
    }
    assert found == WITH_REASON
