"""Who is let in where: the checked-in table that the matrix test holds the application against.

A row is one route and one object of `tests.scenery`. `asks` names the row of
`webapp.access.permissions.POLICY` that decides, or one of three words:

- `PUBLIC`: everybody, signed in or not;
- `OWN`: one's own account; everybody who has signed in, and only for themselves;
- `HALF`: between the password and the code; nobody else has anything to do there.

`who` names those who are let in (`tests.scenery.PEOPLE`; a name without a place means all places), written
down by hand and not derived from the predicates: that is the point of it. Everybody else is refused: 403
with a sentence, 401 or 303 with the way to a door, 404 or 410 where even the existence is nobody's business.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.scenery import PEOPLE
from webapp.access.permissions import Permission as P

PUBLIC, OWN, HALF = "public", "own account", "half signed in"

EVERYBODY = "everybody"
SIGNED_IN = "signed in"
CONFIRMED = "confirmed"  # has confirmed the e-mail
STAFF = "moderator officer operator"
VERIFIED = "resident author owner representative supporter"
AUTHOR = "author@own"
TRIAGE = "moderator@own moderator@above"
DESK = "moderator@own moderator@above officer@own"
NEAR = "moderator@own moderator@above officer@own officer@above officer@nation operator@own operator@above"
ABOVE = "moderator@above officer@above officer@nation"
MERGERS = f"moderator@own {ABOVE}"
GIVERS = "moderator@above officer@above officer@nation operator@own operator@above"


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    route: str  # "POST moderation.publish"
    asks: str
    who: str
    on: dict[str, str] = field(default_factory=dict)  # values of the address: names in the scene, or "=literal"
    form: dict[str, str] = field(default_factory=dict)  # what is sent besides the token; "@name" is looked up

    @property
    def method(self) -> str:
        """GET or POST."""
        return self.route.split()[0]

    @property
    def endpoint(self) -> str:
        """As Flask names it."""
        return self.route.split()[1]

    @property
    def name(self) -> str:
        """For the id of a test."""
        return " ".join(
            [
                self.route,
                *(value.lstrip("=") for value in self.on.values()),
                self.form.get("organisation", ""),
                self.form.get("territory", ""),
            ]
        ).strip()

    def let_in(self) -> set[str]:
        """The people who are let in."""
        return (
            {name for word in self.who.split(" ") for name in _meant(word)}
            if self.who not in GROUPS
            else GROUPS[self.who]
        )


def _meant(word: str) -> list[str]:
    found = [name for name in PEOPLE if word in (name, name.partition("@")[0])]
    assert found or not word, f"nobody is called {word!r}"
    return found


GROUPS = {
    EVERYBODY: set(PEOPLE),
    SIGNED_IN: set(PEOPLE) - {"visitor"},
    CONFIRMED: set(PEOPLE) - {"visitor", "unconfirmed"},
}
DRAFT, FREE = {"token": "draft"}, {"token": "free draft"}
TITLE = {"title": "Жол", "lang": "kk"}
PLACE = {"origin": "611000000"}
TEXT = {"text": "Мәтін", "funding": "unknown", "sphere": ""}
SUBMITTED, MEMBERS = {"key": "submitted"}, {"key": "organisation verified"}
REFUSED, WAITING = {"key": "organisation refused"}, {"key": "organisation waiting"}
ASSOCIATION = {"key": "organisation association"}
SEEN = {"seen": "@seen"}
APPLICATION = {
    "bin": "080940000038",
    "kind": "ngo",
    "name": "Атауы",
    "home": "611000000",
    "letter_number": "1",
    "letter_on": "2026-11-20",
}
CERTIFICATE = {"certificate_number": "7", "certificate_on": "2026-11-01", "until": "2027-11-01"}
ROLE = {"email": "@email invited", "role": "moderator", "territory": "611000000", "until": ""}
CARD = {"code": "@desk code", "iin": "900115300013", "home": "611000000"}
NOTE = {"note": "Тағы бір рет қараңыз."}
MATTER = {"territory": "610000000", "about": "Көше", "lead": "@collecting", "proposal": "@review"}
REPORT = {"what": "text", "reason": "insult", "note": ""}
HIDING = {"extent": "text", "reason": "insult", "sentence": "Көршіні қорлайтын сөздер бар.", "remark": ""}
JUDGED = {"outcome": "shown", "answer": "Қорлау жоқ."}
MONEY = "5000000"
DEPARTMENT = {"territory": "611000000", "name_kk": "Көлік", "name_ru": "Транспорт", "name_en": "Transport"}
PHRASE = {
    "territory": "611000000",
    "use": "question",
    "name": "Үлгі",
    "text_kk": "Қай көше?",
    "text_ru": "Какая улица?",
}
DONE = {"text_kk": "Орындалды", "text_ru": "Выполнено"}
PLAN = {"milestone_1_kk": "Жоба", "milestone_1_ru": "Проект", "milestone_1_to": "2027-05-01"}
ANSWER = {
    "decision": "decline",
    "text_kk": "Себебі және негізі осы жерде жазылған.",
    "text_ru": "Причины и основания изложены здесь.",
}

WORDS = {
    "title_kk": "Көше",
    "title_ru": "Улица",
    "title_en": "",
    "text_kk": "Мәтін",
    "text_ru": "Текст",
    "sphere": "",
    "note_kk": "Нақтыланды",
    "note_ru": "Уточнено",
}
MEMBERS_ONLY = "owner representative"
READERS = f"{MEMBERS_ONLY} officer@own officer@above officer@nation"
READERS_OF_PLAN = f"{MEMBERS_ONLY} officer@own"
OFFER = {"organisation": "@organisation verified", "form": "ppp", "summary": "Шам орнатамыз", "amount_tenge": "5"}
TAKEN = {"outcome": "taken_up", "answer_kk": "Келісеміз", "answer_ru": "Согласны"}
STAGE = {"stage": "concept", "done_on": "2026-11-20", "document": "№ 2"}
LESSONS = {"lessons_kk": "Көршілермен сөйлесіңіз", "lessons_ru": "Говорите с соседями"}
WHY = {"reason_kk": "Себебі бар", "reason_ru": "Есть причина"}
CHOICES = {"adopted_kk": "Бәрі", "adopted_ru": "Всё", "note_kk": "Нақтыланды", "note_ru": "Уточнено"}
SUM = {
    "kind": "planned",
    "source": "city_budget",
    "amount_tenge": "500",
    "on": "2026-11-20",
    "document": "№ 1",
    **WHY,
}
PROMISE = {
    "giver": "610000000",
    "source": "regional_budget",
    "amount_tenge": "500",
    "due_on": "2027-11-20",
    "condition_kk": "Жоқ",
    "condition_ru": "Нет",
    "document": "№ 1",
    **WHY,
}


def _level(plural: str, name: str, officer: str) -> tuple[Row, ...]:
    """What everybody reads of a level, and what only the officers of its own territory do."""
    public, draft = {"plural": f"={plural}", "key": name}, {"plural": f"={plural}", "key": f"{name} draft"}
    edit, step = P.EDIT_STRATEGY, {"step_name": "=words"}
    return (
        Row("GET cascade.show", P.SEE_STRATEGY, EVERYBODY, public),
        Row("GET cascade.show", P.SEE_STRATEGY, officer, draft),
        Row("GET cascade.versions", P.SEE_STRATEGY, EVERYBODY, public),
        Row("GET cascade.versions", P.SEE_STRATEGY, officer, draft),
        Row("GET cascade_edit.edit", edit, officer, public | step),
        Row("GET cascade_edit.edit", edit, officer, draft | {"step_name": "=terms"}),
        Row("POST cascade_edit.update", edit, officer, public | step, WORDS),
        Row("POST cascade_edit.update", edit, officer, draft | step, WORDS),
        Row("GET cascade_edit.check", edit, officer, draft),
        Row("POST cascade_edit.throw_away", edit, officer, draft),
        Row("GET cascade_edit.ending", edit, officer, public),
        Row("POST cascade_edit.end", edit, officer, public, WHY),
    )


CASCADE: tuple[Row, ...] = (
    Row("GET cascade.strategy", PUBLIC, EVERYBODY),
    Row("GET cascade.measures", PUBLIC, EVERYBODY),
    Row("GET desk_strategy.index", P.SEE_DESK, STAFF),
    Row("GET hanging.index", PUBLIC, EVERYBODY),
    Row("GET offers.compare", P.SEE_STRATEGY, EVERYBODY, {"plural": "=measures", "key": "measure"}),
    Row("GET offers.compare", P.SEE_STRATEGY, "officer@own", {"plural": "=measures", "key": "measure draft"}),
    Row("GET offers.compare", P.SEE_PROPOSAL, f"{AUTHOR} {NEAR}", {"plural": "=proposals", "key": "submitted"}),
    Row("GET offers.new", P.SPEAK_FOR_ORGANISATION, MEMBERS_ONLY, {"plural": "=measures", "key": "measure"}),
    Row("POST offers.create", P.SPEAK_FOR_ORGANISATION, MEMBERS_ONLY, {"plural": "=measures", "key": "copy"}, OFFER),
    Row("GET offers.show", P.SEE_OFFER, EVERYBODY, {"key": "offer"}),
    Row("GET offers.show", P.SEE_OFFER, READERS, {"key": "quiet offer"}),
    Row("GET offers.plan", P.SEE_OFFER, READERS_OF_PLAN, {"key": "quiet offer"}),
    Row("POST offers.agree", P.KEEP_OFFER, MEMBERS_ONLY, {"key": "quiet offer"}, {"agree": "yes"}),
    Row("POST offers.withdraw", P.KEEP_OFFER, MEMBERS_ONLY, {"key": "quiet offer"}),
    Row("POST offers.answer", P.ANSWER_OFFER, "officer@own", {"key": "quiet offer"}, TAKEN),
    Row("POST offers.pass_stage", P.ANSWER_OFFER, "officer@own", {"key": "offer"}, STAGE),
    Row("GET replicating.lineage", P.SEE_STRATEGY, EVERYBODY, {"key": "measure"}),
    Row("GET replicating.lineage", P.SEE_STRATEGY, "officer@own", {"key": "measure draft"}),
    Row("GET replicating.network", PUBLIC, EVERYBODY),
    Row("GET replicating.lessons", P.EDIT_STRATEGY, "officer@own", {"key": "measure"}),
    Row("POST replicating.write_lessons", P.EDIT_STRATEGY, "officer@own", {"key": "measure"}, LESSONS),
    Row("GET replicating.new", P.EDIT_STRATEGY, "officer@city officer@region", {"key": "measure"}),
    *(
        Row("POST replicating.create", P.EDIT_STRATEGY, name, {"key": "measure"}, WORDS | {"territory": kato})
        for name, kato in (("officer@city", "612000000"), ("officer@region", "750000000"))
    ),
    Row("GET hanging.for_machines", PUBLIC, EVERYBODY, {"kind": "=csv"}),
    Row("GET hanging.for_machines", PUBLIC, EVERYBODY, {"kind": "=json"}),
    Row("GET hanging.progress", PUBLIC, EVERYBODY),
    Row("GET cascade.for_machines", PUBLIC, EVERYBODY, {"kind": "=csv"}),
    Row("GET cascade.for_machines", PUBLIC, EVERYBODY, {"kind": "=json"}),
    *_level("directions", "direction", "officer@nation"),
    *_level("programmes", "programme", "officer@above"),
    *_level("measures", "measure", "officer@own"),
    Row(
        "GET cascade_edit.edit",
        P.EDIT_STRATEGY,
        "officer@above",
        {"plural": "=programmes", "key": "programme", "step_name": "=choices"},
    ),
    Row(
        "POST cascade_edit.update",
        P.EDIT_STRATEGY,
        "officer@above",
        {"plural": "=programmes", "key": "programme", "step_name": "=choices"},
        CHOICES,
    ),
    Row(
        "GET cascade_edit.edit",
        P.EDIT_STRATEGY,
        "officer@nation",
        {"plural": "=directions", "key": "direction", "step_name": "=indicators"},
    ),
    Row(
        "POST cascade_edit.publish",
        P.EDIT_STRATEGY,
        "officer@nation",
        {"plural": "=directions", "key": "direction draft"},
    ),
    Row("POST cascade_edit.publish", P.EDIT_STRATEGY, "officer@own", {"plural": "=measures", "key": "measure draft"}),
    Row("GET cascade_edit.new", P.EDIT_STRATEGY, "officer@nation", {"plural": "=directions"}),
    Row("GET cascade_edit.new", P.EDIT_STRATEGY, "officer@own officer@city officer@region", {"plural": "=measures"}),
    Row(
        "POST cascade_edit.create",
        P.EDIT_STRATEGY,
        "officer@nation",
        {"plural": "=directions"},
        WORDS | {"territory": "000000000"},
    ),
    Row(
        "POST cascade_edit.create",
        P.EDIT_STRATEGY,
        "officer@above",
        {"plural": "=programmes"},
        WORDS | {"territory": "610000000", "direction": "@direction"},
    ),
    Row(
        "POST cascade_edit.create",
        P.EDIT_STRATEGY,
        "officer@region",
        {"plural": "=programmes"},
        WORDS | {"territory": "750000000", "direction": "@direction"},
    ),
    Row(
        "POST cascade_edit.create",
        P.EDIT_STRATEGY,
        "officer@own",
        {"plural": "=measures"},
        WORDS | {"territory": "611000000", "programme": "@programme"},
    ),
    *(
        Row("POST cascade_edit.create", P.EDIT_STRATEGY, name, {"plural": "=measures"}, WORDS | {"territory": kato})
        for name, kato in (("officer@city", "612000000"), ("officer@region", "750000000"))
    ),
    Row("GET cascade_edit.import_form", P.EDIT_STRATEGY, "officer"),
    *(
        Row("POST cascade_edit.take", P.EDIT_STRATEGY, name, {}, {"territory": kato})
        for name, kato in (
            ("officer@own", "611000000"),
            ("officer@city", "612000000"),
            ("officer@region", "750000000"),
            ("officer@above", "610000000"),
        )
    ),
    Row("POST cascade_edit.take", P.EDIT_STRATEGY, "officer@nation", {}, {"territory": "000000000"}),
    Row("GET cascade_money.show", P.SEE_STRATEGY, EVERYBODY, {"plural": "=programmes", "key": "programme"}),
    Row("GET cascade_money.show", P.SEE_STRATEGY, EVERYBODY, {"plural": "=measures", "key": "measure"}),
    Row("GET cascade_money.show", P.SEE_STRATEGY, "officer@own", {"plural": "=measures", "key": "measure draft"}),
    Row("POST cascade_money.enter", P.ENTER_MONEY, "officer@above", {"plural": "=programmes", "key": "programme"}, SUM),
    Row("POST cascade_money.enter", P.ENTER_MONEY, "officer@own", {"plural": "=measures", "key": "measure"}, SUM),
    Row("GET cascade_money.new_promise", P.MAKE_COMMITMENT, "officer@above officer@nation", {"key": "measure"}),
    Row("POST cascade_money.promise", P.MAKE_COMMITMENT, "officer@above", {"key": "measure"}, PROMISE),
    Row("GET cascade_money.answer", P.ANSWER_COMMITMENT, "officer@own", {"key": "commitment"}),
    Row("POST cascade_money.accept", P.ANSWER_COMMITMENT, "officer@own", {"key": "commitment"}),
    Row("POST cascade_money.refuse", P.ANSWER_COMMITMENT, "officer@own", {"key": "commitment"}, WHY),
    Row("GET cascade_serving.edit", P.CONFIRM_SERVING, f"{TRIAGE} officer@own", {"key": "collecting"}),
    Row(
        "POST cascade_serving.update",
        P.CONFIRM_SERVING,
        f"{TRIAGE} officer@own",
        {"key": "collecting"},
        {"serves": "none"},
    ),
    Row("GET cascade_serving.new_measure", P.JOIN_MEASURE, "officer@own", {"key": "accepted"}),
    Row(
        "POST cascade_serving.create_measure",
        P.JOIN_MEASURE,
        "officer@own",
        {"key": "accepted"},
        {"measure": "new", "title_kk": "А", "title_ru": "Б"},
    ),
)

TABLE: tuple[Row, ...] = (
    *CASCADE,
    # what everybody reads
    Row("GET portal.index", PUBLIC, EVERYBODY),
    Row("GET portal.proposals", PUBLIC, EVERYBODY),
    Row("GET open_data.proposals", PUBLIC, EVERYBODY, {"kind": "=json"}),
    Row("GET open_data.proposals", PUBLIC, EVERYBODY, {"kind": "=csv"}),
    Row("GET open_data.proposals", PUBLIC, EVERYBODY, {"kind": "=atom"}),
    Row("GET public_organisations.index", PUBLIC, EVERYBODY),
    Row("GET public_organisations.for_machines", PUBLIC, EVERYBODY, {"kind": "=json"}),
    Row("GET public_organisations.for_machines", PUBLIC, EVERYBODY, {"kind": "=csv"}),
    Row("GET journal.journal", PUBLIC, EVERYBODY),
    Row("GET places.choose_city", PUBLIC, EVERYBODY),
    Row("GET places.how_it_works", PUBLIC, EVERYBODY),
    Row("GET places.language", PUBLIC, EVERYBODY),
    Row("GET places.style", PUBLIC, EVERYBODY),
    Row("GET places.territories", PUBLIC, EVERYBODY),
    Row("GET places.territory", PUBLIC, EVERYBODY, {"kato": "=611000000"}),
    Row("GET health.healthz", PUBLIC, EVERYBODY),
    Row("GET machines.robots", PUBLIC, EVERYBODY),
    Row("GET machines.mark", PUBLIC, EVERYBODY),
    Row("GET health.readyz", PUBLIC, EVERYBODY),
    Row("GET health.metrics", PUBLIC, EVERYBODY),
    Row("GET static", PUBLIC, EVERYBODY, {"filename": "=css/app.css"}),
    # proposals and organisations, once they are public and before
    Row("GET portal.proposal", P.SEE_PROPOSAL, EVERYBODY, {"key": "collecting"}),
    Row("GET portal.proposal", P.SEE_PROPOSAL, EVERYBODY, {"key": "accepted"}),
    Row("GET portal.proposal", P.SEE_PROPOSAL, EVERYBODY, {"key": "lead"}),
    Row("GET portal.proposal", P.SEE_PROPOSAL, EVERYBODY, {"key": "joined"}),
    Row("GET portal.proposal", P.SEE_PROPOSAL, f"{AUTHOR} {NEAR}", SUBMITTED),
    Row("GET portal.proposal", P.SEE_PROPOSAL, f"{AUTHOR} {NEAR}", {"key": "returned"}),
    Row("GET portal.proposal", P.SEE_PROPOSAL, f"{AUTHOR} {NEAR}", {"key": "rejected"}),
    Row("GET portal.talon", P.SEE_PROPOSAL, EVERYBODY, {"key": "collecting"}),
    Row("GET portal.talon", P.SEE_PROPOSAL, f"{AUTHOR} {NEAR}", SUBMITTED),
    Row("GET public_organisations.show", P.SEE_ORGANISATION, EVERYBODY, MEMBERS),
    Row("GET public_organisations.show", P.SEE_ORGANISATION, f"owner {TRIAGE}", WAITING),
    Row("GET public_organisations.show", P.SEE_ORGANISATION, f"owner {TRIAGE}", REFUSED),
    # proposing: a draft belongs to whoever holds its address, until it belongs to an account
    Row("GET proposing.new", PUBLIC, EVERYBODY),
    Row("POST proposing.create", PUBLIC, EVERYBODY, {}, TITLE),
    Row("GET proposing.title", P.KEEP_DRAFT, AUTHOR, DRAFT),
    Row("GET proposing.title", P.KEEP_DRAFT, EVERYBODY, FREE),
    Row("POST proposing.save_title", P.KEEP_DRAFT, AUTHOR, DRAFT, TITLE),
    Row("POST proposing.save_title", P.KEEP_DRAFT, EVERYBODY, FREE, TITLE),
    Row("GET proposing.similar", P.KEEP_DRAFT, AUTHOR, DRAFT),
    Row("GET proposing.place", P.KEEP_DRAFT, AUTHOR, DRAFT),
    Row("POST proposing.save_place", P.KEEP_DRAFT, AUTHOR, DRAFT, PLACE),
    Row("GET proposing.text", P.KEEP_DRAFT, AUTHOR, DRAFT),
    Row("POST proposing.save_text", P.KEEP_DRAFT, AUTHOR, DRAFT, TEXT),
    Row("POST saving.begin", PUBLIC, EVERYBODY, {}, TITLE),
    Row("POST saving.save", P.KEEP_DRAFT, AUTHOR, DRAFT | {"step": "=text"}, TEXT),
    Row("POST saving.save", P.KEEP_DRAFT, EVERYBODY, FREE | {"step": "=title"}, TITLE),
    Row("GET proposing.check", P.KEEP_DRAFT, AUTHOR, DRAFT),
    Row("POST proposing.submit", P.KEEP_DRAFT, AUTHOR, DRAFT),
    Row("POST proposing.submit", P.SUBMIT, CONFIRMED, FREE),
    # what the author does
    Row("GET proposing.revision", P.REVISE, AUTHOR, {"key": "returned"}),
    Row("POST proposing.save_revision", P.REVISE, AUTHOR, {"key": "returned"}, TITLE | TEXT | NOTE),
    Row("POST proposing.withdraw", P.WITHDRAW, AUTHOR, {"key": "collecting"}),
    Row("POST proposing.withdraw", P.WITHDRAW, AUTHOR, SUBMITTED),
    Row("GET moderation.appeal_form", P.APPEAL, AUTHOR, {"key": "rejected"}),
    Row("GET moderation.appeal_form", P.APPEAL, AUTHOR, {"key": "declined"}),
    Row("POST moderation.appeal", P.APPEAL, AUTHOR, {"key": "rejected"}, NOTE),
    Row("POST moderation.appeal", P.APPEAL, AUTHOR, {"key": "declined"}, NOTE),
    # voting
    Row("POST voting.create", P.VOTE, VERIFIED, {"key": "collecting"}, {"choice": "support"}),
    Row("POST voting.create", P.VOTE, VERIFIED, {"key": "review"}, {"choice": "oppose"}),
    Row(
        "POST voting.create",
        P.SPEAK_FOR_ORGANISATION,
        "owner representative",
        {"key": "collecting"},
        {"choice": "support", "organisation": "@organisation verified"},
    ),
    Row("POST voting.withdraw", P.VOTE, VERIFIED, {"key": "collecting"}),
    Row(
        "POST voting.withdraw",
        P.VOTE_FOR_ORGANISATION,
        "owner representative",
        {"key": "collecting"},
        {"organisation": "@organisation verified"},
    ),
    # the desk
    Row("GET desk.index", P.SEE_DESK, STAFF),
    Row("GET desk.show", P.WORK_ON, DESK, SUBMITTED),
    Row("GET desk.following", P.SEE_DESK, STAFF),
    Row("POST desk_aside.mark", P.WORK_ON, DESK, SUBMITTED),
    Row("POST desk_aside.note", P.WORK_ON, DESK, SUBMITTED, {"note": "Бұл туралы сөйлесейік"}),
    Row("POST desk_aside.give", P.WORK_ON, DESK, SUBMITTED, {"assignee": "me"}),
    Row("POST desk_aside.take_decision_back", P.UNDO_DECISION, "moderator@own", {"key": "decision"}),
    Row("POST desk_aside.take_batch_back", P.SEE_DESK, "moderator@own", {"token": "batch"}),
    Row("POST desk_aside.save_view", P.SEE_DESK, STAFF, {}, {"name": "Менің тізімім", "query": "tab=mine"}),
    Row("POST desk_aside.drop_view", OWN, "moderator@own", {"key": "view"}),
    Row("GET desk_aside.keys", P.SEE_DESK, STAFF),
    Row("POST desk_aside.switch_keys", P.SEE_DESK, STAFF),
    Row("GET desk_batches.look", P.SEE_DESK, STAFF),
    Row("POST desk_batches.act", P.TRIAGE, TRIAGE, {}, {"act": "categorise", "sphere": "safety", "key": "@row"}),
    Row("POST desk_letters.show", P.TRIAGE, TRIAGE, SUBMITTED | {"kind": "=publish"}, {"sphere": ""}),
    Row("GET desk_team.index", P.SEE_DESK, STAFF),
    Row("POST desk_team.change", P.SEE_DESK, STAFF, {}, {"languages": "kk"}),
    Row("POST desk_team.create", P.MANAGE_DEPARTMENTS, TRIAGE, {}, DEPARTMENT),
    Row("POST desk_team.create", P.MANAGE_DEPARTMENTS, "moderator@above", {}, DEPARTMENT | {"territory": "610000000"}),
    Row(
        "POST desk_team.create",
        P.MANAGE_DEPARTMENTS,
        "moderator@city moderator@above",
        {},
        DEPARTMENT | {"territory": "612000000"},
    ),
    Row("POST desk_team.create", P.MANAGE_DEPARTMENTS, "moderator@region", {}, DEPARTMENT | {"territory": "750000000"}),
    Row("POST desk_team.close", P.MANAGE_DEPARTMENTS, TRIAGE, {"key": "department"}),
    Row("GET moderation.publish_form", P.TRIAGE, TRIAGE, SUBMITTED),
    Row("POST moderation.publish", P.TRIAGE, TRIAGE, SUBMITTED, {"sphere": ""}),
    Row("GET moderation.ask_form", P.TRIAGE, TRIAGE, SUBMITTED),
    Row("POST moderation.ask", P.TRIAGE, TRIAGE, SUBMITTED, {"question": "Қай көше?"}),
    Row("GET moderation.reject_form", P.TRIAGE, TRIAGE, SUBMITTED),
    Row("POST moderation.reject", P.TRIAGE, TRIAGE, SUBMITTED, {"reason": "unclear", "note_kk": "", "note_ru": ""}),
    Row("GET moderation.forward_form", P.TRIAGE, TRIAGE, SUBMITTED),
    Row("POST moderation.forward", P.TRIAGE, TRIAGE, SUBMITTED, {"target": "612000000"}),
    Row("GET moderation_words.reason_list", PUBLIC, EVERYBODY),
    Row("GET moderation_words.reason_form", P.EDIT_REASONS, "operator@above", {"code": "=unclear"}),
    Row("POST moderation_words.reason_change", P.EDIT_REASONS, "operator@above", {"code": "=unclear"}),
    Row("GET moderation_words.phrase_list", P.SEE_DESK, STAFF),
    Row("POST moderation_words.phrase_create", P.KEEP_PHRASES, "moderator@own moderator@above officer@own", {}, PHRASE),
    Row(
        "POST moderation_words.phrase_create",
        P.KEEP_PHRASES,
        "moderator@above officer@above",
        {},
        PHRASE | {"territory": "610000000"},
    ),
    Row(
        "POST moderation_words.phrase_create",
        P.KEEP_PHRASES,
        "moderator@city moderator@above officer@city",
        {},
        PHRASE | {"territory": "612000000"},
    ),
    Row(
        "POST moderation_words.phrase_create",
        P.KEEP_PHRASES,
        "moderator@region officer@region",
        {},
        PHRASE | {"territory": "750000000"},
    ),
    Row(
        "POST moderation_words.phrase_retire",
        P.KEEP_PHRASES,
        "moderator@own moderator@above officer@own",
        {"key": "phrase"},
    ),
    Row("GET merging.choose", P.MERGE, MERGERS, SUBMITTED),
    Row("GET merging.choose", P.MERGE, MERGERS, {"key": "collecting"}),
    Row("POST merging.chosen", P.MERGE, MERGERS, SUBMITTED, {"into": "@collecting"}),
    Row("GET merging.check", P.MERGE, MERGERS, SUBMITTED | {"into": "collecting"}),
    Row("GET merging.check", P.MERGE, MERGERS, {"key": "collecting", "into": "review"}),
    Row("GET merging.check", P.MERGE, ABOVE, {"key": "collecting", "into": "of author@city"}),
    Row("POST moderation.merge", P.MERGE, MERGERS, SUBMITTED | {"into": "collecting"}),
    Row("POST moderation.merge", P.MERGE, MERGERS, {"key": "collecting", "into": "review"}),
    Row("POST moderation.merge", P.MERGE, ABOVE, {"key": "collecting", "into": "of author@city"}),
    Row("POST merging.undo", P.MERGE, MERGERS, {"key": "merger"}),
    Row("GET merging.new_matter", P.ADOPT, "officer@above officer@nation"),
    Row("POST merging.create_matter", P.ADOPT, "officer@above officer@nation", {}, MATTER),
    Row("GET answering.edit", P.ANSWER, "officer@own", {"key": "review"}),
    Row("POST answering.create", P.ANSWER, "officer@own", {"key": "review"}, ANSWER),
    Row("GET answering.extension", P.ANSWER, "officer@own", {"key": "review"}),
    Row("POST answering.extend_term", P.ANSWER, "officer@own", {"key": "review"}, {"days": "5"}),
    Row("GET answering.similar", P.ANSWER, "officer@own", {"key": "review"}),
    Row("POST desk_letters.show_answer", P.ANSWER, "officer@own", {"key": "review"}, ANSWER),
    Row("GET delivery.new_report", P.REPORT, "officer@own", {"key": "milestone"}),
    Row("POST delivery.report", P.REPORT, "officer@own", {"key": "milestone"}, DONE),
    Row("GET delivery.new_report", P.REPORT, "officer@own", {"key": "measure milestone"}),
    Row("POST delivery.report", P.REPORT, "officer@own", {"key": "measure milestone"}, DONE),
    Row("GET delivery.ask_reopening", P.REPORT, "officer@own", {"key": "reported milestone"}),
    Row("POST delivery.reopen", P.REPORT, "officer@own", {"key": "reported milestone"}, DONE),
    Row("GET delivery.measure_plan", P.EDIT_STRATEGY, "officer@own", {"key": "measure"}),
    Row("POST delivery.plan_measure", P.EDIT_STRATEGY, "officer@own", {"key": "measure"}, PLAN),
    Row("GET delivery.proposal_plan", P.PLAN, "officer@own", {"key": "implementing"}),
    Row("POST delivery.plan_proposal", P.PLAN, "officer@own", {"key": "implementing"}, PLAN),
    Row("GET portal.proposal", P.SEE_PROPOSAL, EVERYBODY, {"key": "done"}),
    Row("POST delivery.judge", P.JUDGE, "supporter", {"key": "done"}, {"choice": "yes", "reason": ""}),
    Row("GET organisations_desk.show", P.VERIFY_ORGANISATION, TRIAGE, WAITING),
    Row("POST organisations_desk.verify", P.VERIFY_ORGANISATION, TRIAGE, WAITING, SEEN),
    Row("POST organisations_desk.refuse", P.VERIFY_ORGANISATION, TRIAGE, WAITING, SEEN | {"reason": "Хат жоқ"}),
    Row("POST organisations_desk.accredit", P.ACCREDIT_ORGANISATION, TRIAGE, ASSOCIATION, CERTIFICATE),
    # organisations and who speaks for them
    Row("GET organisations.new", P.REGISTER_ORGANISATION, CONFIRMED),
    Row("POST organisations.create", P.REGISTER_ORGANISATION, CONFIRMED, {}, APPLICATION),
    Row("GET organisations.edit", P.CORRECT_ORGANISATION, "owner", REFUSED),
    Row("POST organisations.update", P.CORRECT_ORGANISATION, "owner", REFUSED, APPLICATION),
    Row("GET organisations.show_members", P.LEAVE_ORGANISATION, "owner representative", MEMBERS),
    Row(
        "POST organisations.invite",
        P.INVITE_MEMBER,
        "owner",
        MEMBERS,
        {"email": "new@scene.example", "role": "representative"},
    ),
    Row("POST organisations.take_back", P.MANAGE_MEMBERS, "owner", MEMBERS | {"invitation": "invitation"}),
    Row("POST organisations.remove", P.MANAGE_MEMBERS, "owner", MEMBERS | {"user": "user representative"}),
    Row("POST organisations.hand_over", P.MANAGE_MEMBERS, "owner", MEMBERS | {"user": "user representative"}),
    Row("POST organisations.leave", P.LEAVE_ORGANISATION, "owner representative", MEMBERS),
    Row("GET organisations.invitation", PUBLIC, EVERYBODY, {"token": "invitation token"}),
    Row("POST organisations.accept", P.ACCEPT_INVITATION, "invited", {"token": "invitation token"}),
    # staff
    Row("GET staffing.index", P.SEE_STAFF, STAFF),
    Row("POST staffing.give", P.GIVE_GRANT, GIVERS, {}, ROLE),
    Row(
        "POST staffing.give",
        P.GIVE_GRANT,
        "operator@city moderator@above officer@above officer@nation operator@above",
        {},
        ROLE | {"territory": "612000000"},
    ),
    Row(
        "POST staffing.give",
        P.GIVE_GRANT,
        "officer@nation operator@region operator@above",
        {},
        ROLE | {"territory": "750000000"},
    ),
    Row("GET staffing.ask_ending", P.END_GRANT, GIVERS, {"key": "grant"}),
    Row("POST staffing.end", P.END_GRANT, GIVERS, {"key": "grant"}),
    # doors
    Row("GET doors.sign_in", PUBLIC, EVERYBODY),
    Row("POST doors.enter", PUBLIC, EVERYBODY),
    Row("GET doors.sign_up_form", PUBLIC, EVERYBODY),
    Row("POST doors.join", PUBLIC, EVERYBODY),
    Row("POST doors.sign_out", PUBLIC, EVERYBODY),
    Row("GET doors.confirm", OWN, SIGNED_IN),
    Row("POST doors.check_code", OWN, SIGNED_IN, {}, {"code": "0"}),
    Row("GET second_step.ask", HALF, SIGNED_IN),
    Row("POST second_step.check", HALF, SIGNED_IN),
    Row("GET passwords.forgotten", PUBLIC, EVERYBODY),
    Row("POST passwords.send_reset_code", PUBLIC, EVERYBODY),
    Row("GET passwords.choose", PUBLIC, EVERYBODY),
    Row("POST passwords.reset", PUBLIC, EVERYBODY),
    Row("POST passkeys.using", PUBLIC, EVERYBODY),
    Row("POST passkeys.enter", PUBLIC, EVERYBODY),
    # being verified, and verifying
    Row("GET verification.index", P.BE_VERIFIED, CONFIRMED),
    Row("POST verification.check_register", P.BE_VERIFIED, CONFIRMED),
    Row("GET verification.other_account", P.BE_VERIFIED, CONFIRMED),
    Row("POST verification.send_code", P.BE_VERIFIED, CONFIRMED),
    Row("POST verification.take_over", P.BE_VERIFIED, CONFIRMED),
    Row("GET verification.home", P.BE_VERIFIED, CONFIRMED),
    Row("POST verification.move", P.BE_VERIFIED, CONFIRMED),
    Row("GET verification_ways.desk", P.BE_VERIFIED, CONFIRMED),
    Row("POST verification_ways.show_code", P.BE_VERIFIED, CONFIRMED),
    Row("GET verification_desk.show", P.SEE_RESIDENTS_DESK, "moderator"),
    Row("POST verification_desk.confirm", P.SEE_RESIDENTS_DESK, "moderator"),
    Row("POST verification_desk.confirm", P.VERIFY_RESIDENT, TRIAGE, {}, CARD),
    Row("GET verification_ways.outside", P.BE_VERIFIED, CONFIRMED),
    Row("POST verification_ways.leave", P.BE_VERIFIED, CONFIRMED),
    Row("GET verification_ways.answer", P.BE_VERIFIED, CONFIRMED),
    Row("POST verification_ways.take_answer", P.BE_VERIFIED, CONFIRMED),
    Row("GET verification_ways.eds", P.BE_VERIFIED, CONFIRMED),
    Row("POST verification_ways.make_text", P.BE_VERIFIED, CONFIRMED),
    Row("GET verification_ways.text", P.BE_VERIFIED, CONFIRMED),
    Row("POST verification_ways.check_signature", P.BE_VERIFIED, CONFIRMED),
    # what looks like one hand behind many accounts
    Row("GET fraud.index", P.SEE_FRAUD_DESK, "operator@above"),
    Row("GET fraud.show", P.SEE_FRAUD_DESK, "operator@above", {"key": "check"}),
    Row("GET fraud.dry_run", P.SET_VOTES_ASIDE, "operator@above"),
    Row("POST fraud.create", P.SET_VOTES_ASIDE, "operator@above"),
    Row("POST fraud.release", P.SET_VOTES_ASIDE, "operator@above", {"key": "check"}, {"what": "all"}),
    Row("POST fraud.ask", OWN, SIGNED_IN),
    # reports, hiding, appeals against it, and the public log
    Row("GET flagging.new", P.SEE_PROPOSAL, EVERYBODY, {"key": "collecting"}),
    Row("POST flagging.create", P.SEE_PROPOSAL, EVERYBODY, {"key": "collecting"}, REPORT),
    Row("POST flagging.create", P.SEE_PROPOSAL, EVERYBODY, {"key": "review"}, REPORT | {"what": "photo"}),
    Row("GET flagging.received", P.SEE_PROPOSAL, EVERYBODY, {"key": "flagged"}),
    Row("GET flagging_desk.index", P.SEE_DESK, STAFF),
    Row("GET flagging_desk.show", P.REVIEW_FLAGS, TRIAGE, {"key": "flag review"}),
    Row("POST flagging_desk.let_stay", P.REVIEW_FLAGS, TRIAGE, {"key": "flag review"}, {"note": ""}),
    Row("GET flagging_desk.preview", P.REVIEW_FLAGS, TRIAGE, {"key": "flag review"}),
    Row("POST flagging_desk.hide", P.REVIEW_FLAGS, TRIAGE, {"key": "flag review"}, HIDING),
    Row("GET flagging.appeal_form", P.APPEAL, AUTHOR, {"key": "hidden"}),
    Row("POST flagging.appeal", P.APPEAL, AUTHOR, {"key": "hidden"}, NOTE),
    # the moderator of the city has hidden it: another one, or one of the rung above
    Row("GET flagging_desk.show_appeal", P.DECIDE_APPEAL, "moderator@above", {"key": "contested hiding"}),
    Row("POST flagging_desk.decide_appeal", P.DECIDE_APPEAL, "moderator@above", {"key": "contested hiding"}, JUDGED),
    Row("GET moderation_log.index", PUBLIC, EVERYBODY),
    Row("GET moderation_log.statistics", PUBLIC, EVERYBODY),
    Row("GET moderation_log.for_machines", PUBLIC, EVERYBODY, {"kind": "=csv"}),
    Row("GET moderation_log.for_machines", PUBLIC, EVERYBODY, {"kind": "=json"}),
    Row("GET moderation_log.for_machines", PUBLIC, EVERYBODY, {"kind": "=atom"}),
    # photos
    Row("GET photo.edit", P.KEEP_DRAFT, AUTHOR, DRAFT),
    Row("POST photo.save", P.KEEP_DRAFT, AUTHOR, DRAFT),
    Row("GET photo.revise", P.REVISE, AUTHOR, {"key": "returned"}),
    Row("POST photo.save_revision", P.REVISE, AUTHOR, {"key": "returned"}),
    Row("POST photo.remove", P.REMOVE_PHOTO, f"{AUTHOR} {TRIAGE}", {"key": "review"}),
    Row("GET photo.show", P.SEE_PROPOSAL, EVERYBODY, {"name": "photo of collecting"}),
    Row("GET photo.show", P.SEE_PROPOSAL, f"{AUTHOR} {NEAR}", {"name": "photo of submitted"}),
    # notices, following, mails
    Row("GET notices.index", OWN, SIGNED_IN),
    Row("POST notices.read", OWN, SIGNED_IN, {}, {"upto": "9"}),
    Row("GET notices.settings", OWN, SIGNED_IN),
    Row("POST notices.save", OWN, SIGNED_IN, {}, {"own": "y"}),
    Row("POST notices.make", OWN, SIGNED_IN, {"purpose": "=feed"}),
    Row("POST notices.make", OWN, SIGNED_IN, {"purpose": "=calendar"}),
    Row("POST notices.remove", OWN, SIGNED_IN, {"purpose": "=feed"}),
    Row("POST notices.follow_proposal", OWN, SIGNED_IN, {"key": "collecting"}),
    Row("POST notices.unfollow_proposal", OWN, SIGNED_IN, {"key": "collecting"}),
    Row("POST notices.follow_territory", OWN, SIGNED_IN, {"kato": "=611000000"}),
    Row("POST notices.unfollow_territory", OWN, SIGNED_IN, {"kato": "=611000000"}),
    Row("POST notices.follow_sphere", OWN, SIGNED_IN, {"sphere": "=safety"}),
    Row("POST notices.unfollow_sphere", OWN, SIGNED_IN, {"sphere": "=safety"}),
    Row("GET notices.ask_unsubscribe", PUBLIC, EVERYBODY, {"token": "unsubscribe token"}),
    Row("POST notices.unsubscribe", PUBLIC, EVERYBODY, {"token": "unsubscribe token"}),
    Row("GET secret_addresses.feed", PUBLIC, EVERYBODY, {"token": "feed token"}),
    Row("GET secret_addresses.calendar", PUBLIC, EVERYBODY, {"token": "calendar token"}),
    Row("GET mail_desk.index", P.SEE_DEAD_LETTERS, "operator@above"),
    Row("POST mail_desk.again", P.SEE_DEAD_LETTERS, "operator@above"),
    Row("POST mail_desk.one_again", P.SEE_DEAD_LETTERS, "operator@above", {"key": "dead letter"}),
    Row("POST mail_desk.leave", P.SEE_DEAD_LETTERS, "operator@above", {"key": "dead letter"}),
    # one's own account
    Row("GET account.devices", OWN, SIGNED_IN),
    Row("POST account.end_device", OWN, SIGNED_IN, {"key": "=999999"}),
    Row("POST account.end_other_devices", OWN, SIGNED_IN),
    Row("GET passwords.change_page", OWN, SIGNED_IN),
    Row("POST passwords.change", OWN, SIGNED_IN),
    Row("GET passkeys.index", OWN, SIGNED_IN),
    Row("POST passkeys.adding", OWN, SIGNED_IN),
    Row("POST passkeys.add", OWN, SIGNED_IN),
    Row("POST passkeys.remove", OWN, SIGNED_IN, {"key": "=999999"}),
    Row("GET portal.my", OWN, SIGNED_IN),
    Row("GET address.show", OWN, SIGNED_IN),
    Row("POST address.begin", OWN, SIGNED_IN, {}, {"email": "moved@scene.example"}),
    Row("GET address.confirm", OWN, SIGNED_IN),
    Row("POST address.finish", OWN, SIGNED_IN, {}, {"code": "000000"}),
    # what was begun before the door, and forms that were sent too late
    Row("GET kept.index", OWN, SIGNED_IN),
    Row("POST kept.take", OWN, SIGNED_IN, {"name": "=0123456789abcdef"}),
    Row("POST kept.discard", OWN, SIGNED_IN, {"name": "=0123456789abcdef"}),
    Row("POST typing.save", OWN, SIGNED_IN, {"name": f"={'0' * 32}"}, NOTE),
    Row("POST kept.discard_form", OWN, SIGNED_IN, {"name": "waiting form"}),
    Row("GET account.name", OWN, SIGNED_IN),
    Row("POST account.save_name", OWN, SIGNED_IN, {}, {"shows_full_name": "yes"}),
    Row("GET account.data", OWN, SIGNED_IN),
    Row("GET account.deletion", OWN, SIGNED_IN),
    Row("POST account.leave", OWN, SIGNED_IN),
    Row("GET second_step.show", OWN, SIGNED_IN),
    Row("POST second_step.begin", OWN, SIGNED_IN),
    Row("GET second_step.enrol", OWN, SIGNED_IN),
    Row("POST second_step.confirm", OWN, SIGNED_IN),
    Row("POST second_step.renew_codes", OWN, SIGNED_IN),
    Row("POST second_step.remove", OWN, SIGNED_IN),
    Row("GET second_step.confirm_it_is_you", OWN, SIGNED_IN),
    Row("POST second_step.confirmed", OWN, SIGNED_IN),
)


def filled(row: Row, scene: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """The values of the address and the fields of the form, looked up in a scene."""
    values = {name: what[1:] if what.startswith("=") else scene[what] for name, what in row.on.items()}
    fields = {name: str(scene[what[1:]]) if what.startswith("@") else what for name, what in row.form.items()}
    return values, fields
