"""One scene with an object of every kind, and a person of every kind to come upon it, made by the verbs that people use.

Everything stands in Turkistan city: *own* is that city, *city* is Kentau in the same region, *region* is
Almaty, *above* is a rung over Turkistan. What people write in it comes from `Words`, so that the same scene
can be filled with hostile texts.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import event, select

from tests.cascade_scene import build_cascade
from tests.client import Page, Visitor
from tests.conftest import MONDAY, copy_database, make_app
from tests.factories import World, add_user, supported
from webapp.access.services import give_role
from webapp.answering.rules import Decision, Reply
from webapp.answering.services import appeal_decline, decide
from webapp.delivery.judging import judge
from webapp.delivery.reporting import Evidence, report_done
from webapp.delivery.rules import Step
from webapp.delivery.services import milestones_of
from webapp.desk.batches import act_on_many
from webapp.flagging import decisions
from webapp.flagging import services as flagging
from webapp.flagging.models import FlagReview, Hiding
from webapp.fraud.services import set_aside
from webapp.kernel import clock as kernel_clock
from webapp.kernel.database import db, locked, unit_of_work
from webapp.kernel.i18n import LANGUAGES
from webapp.kernel.jobs import jobs
from webapp.kernel.mail import Message, deliver_due, enqueue
from webapp.merging import services as merging
from webapp.moderation import services as moderation
from webapp.moderation.phrases import keep_phrase
from webapp.moderation.reasons import PARTS, REASONS, let_words_begin
from webapp.moderation.undoing import version_of
from webapp.notifications.addresses import Purpose, addresses_of, make_address
from webapp.notifications.digest import send_digests
from webapp.notifications.follows import follow
from webapp.notifications.rules import Stream, Subject
from webapp.notifications.unsubscribing import address_for
from webapp.organisations import decisions as of_organisations
from webapp.organisations import members
from webapp.organisations.services import Application, register
from webapp.people.models import Organisation, Passkey, User
from webapp.people.services import by_email
from webapp.people.waiting_forms import forms_of, keep_form
from webapp.photos import services as photos
from webapp.proposals.models import Draft, Proposal
from webapp.proposals.services import resubmit, submit
from webapp.rulebook.outages import note_by_hand
from webapp.teamwork.kept_views import keep_view
from webapp.teamwork.notes import write_note
from webapp.teamwork.reading import mark_reading
from webapp.teamwork.services import assign, change_setting, open_department
from webapp.territories.services import by_kato
from webapp.verification.attempts import begin, ticket_of
from webapp.verification.providers import provider_of
from webapp.voting.services import cast_vote

CITY, NEIGHBOUR, ELSEWHERE, REGION, NATION = "611000000", "612000000", "750000000", "610000000", "000000000"
DAY = timedelta(days=1)
#: Who comes: a name, and the address of the account. The seven kinds of person in three places, and who else matters.
PEOPLE: dict[str, str] = {
    "visitor": "",
    "unconfirmed": "unconfirmed@scene.example",
    "confirmed": "newcomer@test.example",
    "resident@own": "resident@scene.example",
    "resident@city": "resident-kentau@scene.example",
    "resident@region": "resident-almaty@scene.example",
    "author@own": "aigerim@test.example",
    "author@city": "kentau@test.example",
    "author@region": "bolat@test.example",
    "moderator@own": "moderator@test.example",
    "moderator@city": "moderator-kentau@scene.example",
    "moderator@region": "almaty_moderator@test.example",
    "moderator@above": "region_moderator@test.example",
    "officer@own": "officer@test.example",
    "officer@city": "officer-kentau@scene.example",
    "officer@region": "officer-almaty@scene.example",
    "officer@above": "region_officer@test.example",
    "officer@nation": "nation_officer@test.example",
    "operator@own": "operator@scene.example",
    "operator@city": "operator-kentau@scene.example",
    "operator@region": "operator-almaty@scene.example",
    "operator@above": "operator-nation@scene.example",
    "owner": "owner@scene.example",
    "representative": "representative@scene.example",
    "invited": "invited@scene.example",
    "supporter": "supporter@scene.example",
}
#: Accounts that do not come themselves.
OTHERS = {
    "appointee": "appointee@scene.example",
    "second owner": "second-owner@scene.example",
    "watched": "watched@scene.example",
}
GRANTS = (
    ("moderator@city", "moderator", NEIGHBOUR),
    ("officer@city", "officer", NEIGHBOUR),
    ("officer@region", "officer", ELSEWHERE),
    ("operator@own", "operator", CITY),
    ("operator@city", "operator", NEIGHBOUR),
    ("operator@region", "operator", ELSEWHERE),
    ("operator@above", "operator", NATION),
)
HOMES = {
    "resident@own": CITY,
    "resident@city": NEIGHBOUR,
    "resident@region": ELSEWHERE,
    "owner": CITY,
    "representative": CITY,
    "supporter": CITY,
    "watched": CITY,
}
Words = Callable[[str, int], str]


def calm(kind: str, limit: int) -> str:
    """Ordinary words of the wanted kind, long enough for an answer."""
    return f"Көшеге жарық керек ({kind})"[:limit]


def sendable(words: Words, kind: str, number: int = 1) -> list[str]:
    """The same without braces: nothing that looks like something left to fill in is ever sent to an author."""
    return [words(kind, 2000).translate(str.maketrans("{}", "()")) for _each in range(number)]


@dataclass
class Scene:
    """Ids and tokens by name, for filling in addresses and forms."""

    ids: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        return self.ids[name]

    def user(self, name: str) -> User:
        """The account of a kind of person."""
        return db.session.scalars(select(User).where(User.email == (PEOPLE | OTHERS)[name])).one()


def build_scene(words: Words = calm) -> Scene:
    """Fill the small country (`tests.factories.build_world`) with people and objects, before `MONDAY`."""
    scene, at = Scene(), MONDAY - 20 * DAY
    with unit_of_work():
        _people(scene, words, at)
    with unit_of_work():
        _organisations(scene, words, at)
    for make in (_drafts, _proposals, _mergers, _photos, _flags, _check, _visitor_of_the_desk, _desk):
        with unit_of_work():
            make(scene, words, at)
    with unit_of_work():
        build_cascade(scene.ids, words, at)
    with unit_of_work():
        _followed(scene, at)
    jobs.run(MONDAY)
    send_digests(MONDAY + 7 * DAY)
    deliver_due(MONDAY + 7 * DAY)
    with unit_of_work():
        _dead_letter(scene)
    return scene


def _people(scene: Scene, words: Words, at: datetime) -> None:
    for name, email in (PEOPLE | OTHERS).items():
        if email.endswith("@scene.example"):
            home = HOMES.get(name)
            user = add_user(email, at, given=words("given name", 80), surname=words("surname", 80), home=home)
            user.shows_full_name = True
        elif email:
            user = scene.user(name)
            user.given_name, user.surname = words("given name", 80), words("surname", 80)
            user.shows_full_name = True
        if email:
            scene.ids[f"user {name}"] = user.id
            scene.ids[f"email {name}"] = email
    scene.user("unconfirmed").email_confirmed_at = None
    key = {"credential_id": "of-the-scene", "public_key": b"x", "sign_count": 0, "created_at": at}
    db.session.add(Passkey(user_id=scene.user("author@own").id, name=words("passkey", 60), **key))
    for name, role, kato in GRANTS:
        give_role(scene.user(name), role, by_kato(kato), at)
    scene.ids["grant"] = give_role(scene.user("appointee"), "moderator", by_kato(CITY), at).id


def _organisations(scene: Scene, words: Words, at: datetime) -> None:
    bins = iter(("000140000121", "240660007770", "080440000002", "080440000012", "080440000022"))
    owner, moderator = scene.user("owner"), World.read().moderator

    def application(name: str, kind: str) -> Organisation:
        letter = Application(
            _with_digit(next(bins)),
            kind,
            words(f"organisation {name}", 200),
            by_kato(CITY),
            words("letter", 60),
            at.date() - DAY,
        )
        found = register(owner, letter, at)
        scene.ids[f"organisation {name}"] = found.id
        return found

    for name in ("verified", "association"):
        found = application(name, "business_association")
        of_organisations.verify(moderator, found, of_organisations.sent_mark(found), at)
    of_organisations.accredit(moderator, found, words("certificate", 60), at.date() - DAY, date(2027, 12, 1), at)
    verified = db.session.get(Organisation, scene["organisation verified"])
    invite = members.invite
    for name, role in (("second owner", "owner"), ("representative", "representative"), ("invited", "representative")):
        person = scene.user(name)
        invitation = invite(owner, verified, person.email, role, at if name != "invited" else MONDAY - DAY)
        db.session.flush()
        mail = db.session.scalars(select(Message).where(Message.to == person.email).order_by(Message.id.desc())).first()
        token = re.search(r"/invitations/([\w-]+)", mail.body).group(1)
        if name == "invited":
            scene.ids["invitation token"], scene.ids["invitation"] = token, invitation.id
        else:
            members.accept(person, token, at)
    refused = application("refused", "ngo")
    of_organisations.refuse(moderator, refused, of_organisations.sent_mark(refused), words("refusal", 2000), at)
    waiting = application("waiting", "business")
    waiting.verify_due_at = MONDAY + 2 * DAY
    scene.ids["seen"] = of_organisations.sent_mark(waiting)


def _with_digit(number: str) -> str:
    from webapp.people.rules import check_digit

    digit = check_digit(number[:11])
    assert digit is not None
    return f"{number[:11]}{digit}"


_numbers = count(1)


def _draft(author: User | None, words: Words, at: datetime, token: str, kato: str = CITY) -> Draft:
    draft = Draft(
        token=token,
        author_id=author.id if author else None,
        title=words("title", 80),
        text=words("text", 8000),
        lang="ru",
        origin_id=by_kato(kato).id,
        place=words("place", 200),
        sphere="safety",
        funding="budget",
        created_at=at,
        expires_at=MONDAY + 30 * DAY,
        wants_submission=False,
    )
    db.session.add(draft)
    db.session.flush()
    draft.origin = by_kato(kato)
    return draft


def _drafts(scene: Scene, words: Words, at: datetime) -> None:
    scene.ids["draft"] = _draft(scene.user("author@own"), words, at, "draft-of-the-author-of-the-scene").token
    keep_form(scene.user("author@own").id, "/proposals/new", [("title", words("title", 80)), ("lang", "kk")], at)
    scene.ids["waiting form"] = forms_of(scene.user("author@own").id)[0].name
    scene.ids["free draft"] = _draft(None, words, at, "draft-of-nobody-in-the-scene").token


def _proposals(scene: Scene, words: Words, at: datetime) -> None:
    author, world = scene.user("author@own"), World.read()
    moderator, officer = world.moderator, world.officer

    def proposed(name: str, by: User, kato: str = CITY, moment: datetime = at) -> Proposal:
        found = submit(by, _draft(by, words, moment, f"{name}-{next(_numbers)}", kato), moment)
        scene.ids[name] = found.id
        return found

    def reviewed(name: str, by: User) -> Proposal:
        found = proposed(name, by)
        moderation.publish(moderator, found, at)
        supported(found, 20, CITY, at + DAY, name=name.replace(" ", "-"))
        return locked(Proposal, found.id)

    def answer(found: Proposal, decision: Decision) -> None:
        texts = [f"{text} себебі және негізі" for text in sendable(words, "answer", 2)]
        bodies = (words("responsible body", 200), words("responsible body", 200))
        reply = Reply(decision, *texts, *bodies, "city_budget", 5_000_000)
        today = (at + 2 * DAY).date()
        steps = [Step(words("milestone", 200), words("milestone", 200), today, date(2027, 3, 1 + n)) for n in range(2)]
        decide(officer, found, reply, at + 2 * DAY, steps=steps)

    proposed("submitted", author, moment=MONDAY - DAY)
    moderation.ask(
        moderator, proposed("returned", author, moment=MONDAY - DAY), *sendable(words, "question"), MONDAY - DAY
    )
    rejected = proposed("rejected", author, moment=MONDAY - DAY)
    moderation.reject(moderator, rejected, next(iter(REASONS)), MONDAY - DAY, *sendable(words, "rejection", 2))
    resubmitted = proposed("resubmitted", author, moment=MONDAY - DAY)
    moderation.ask(moderator, resubmitted, *sendable(words, "question"), MONDAY - DAY)
    resubmit(author, resubmitted, words("title", 80), words("text", 8000), words("note", 2000), MONDAY - DAY)
    appealed = proposed("appealed", author, moment=MONDAY - DAY)
    moderation.reject(moderator, appealed, next(iter(REASONS)), MONDAY - DAY, *sendable(words, "rejection", 2))
    moderation.appeal_rejection(author, appealed, words("appeal", 2000), MONDAY - DAY)
    moderation.publish(moderator, proposed("collecting", author), at)
    reviewed("review", author)
    declined = reviewed("declined", author)
    answer(declined, Decision.DECLINE)
    objected = reviewed("objected", author)
    answer(objected, Decision.DECLINE)
    appeal_decline(author, objected, words("appeal", 2000), at + 3 * DAY)
    accepted = reviewed("accepted", author)
    answer(accepted, Decision.ACCEPT_PART)
    scene.ids["milestone"] = milestones_of(accepted.id)[0].id
    supporter = scene.user("supporter")
    for name in ("implementing", "done"):
        found = proposed(name, author)
        moderation.publish(moderator, found, at)
        cast_vote(supporter, found, "support", at + DAY)
        supported(found, 19, CITY, at + DAY, name=name)
        found = locked(Proposal, found.id)
        answer(found, Decision.ACCEPT)
        for step in milestones_of(found.id)[: 1 if name == "implementing" else 2]:
            early = {name: words("early", 1000) for name in ("early_kk", "early_ru")}
            said = (words("report", 4000), words("report", 4000), words("document", 200), "https://a.kz", 5)
            evidence = Evidence(*said, **early)
            report_done(officer, step, evidence, at + 3 * DAY)
        scene.ids["reported milestone"] = milestones_of(scene.ids["implementing"])[0].id
    judge(supporter, found, "no", words("judgement", 500), at + 4 * DAY)
    note_by_hand(at - 200 * DAY, at - 200 * DAY + timedelta(hours=1), words("outage", 200), at)
    for name, kato in (("author@city", NEIGHBOUR), ("author@region", ELSEWHERE)):
        moderation.publish(
            world.region_moderator if kato == NEIGHBOUR else world.almaty_moderator,
            proposed(f"of {name}", scene.user(name), kato),
            at,
        )


def _mergers(scene: Scene, words: Words, at: datetime) -> None:
    """Two on the same matter, one of them joined to the other."""
    author, moderator = scene.user("author@own"), World.read().moderator
    for name in ("lead", "joined"):
        found = submit(author, _draft(author, words, at, f"{name}-{next(_numbers)}"), at)
        moderation.publish(moderator, found, at)
        scene.ids[name] = found.id
    both = merging.lock_in_order({scene["lead"], scene["joined"]})
    scene.ids["merger"] = merging.merge(moderator, both[scene["joined"]], both[scene["lead"]], at + DAY).id


def _photos(scene: Scene, words: Words, at: datetime) -> None:
    """One to look at, one to take away, and one that is not public yet."""
    from PIL import Image

    file = BytesIO()
    Image.new("RGB", (64, 48), "teal").save(file, "PNG")
    author = scene.user("author@own")
    for name in ("collecting", "review", "submitted"):
        kept = photos.keep(photos.picture_of(file.getvalue()), words("photo", 200), author, at, proposal_id=scene[name])
        db.session.flush()
        scene.ids[f"photo of {name}"] = kept.name


def _flags(scene: Scene, words: Words, at: datetime) -> None:
    """One that was reported, one that is hidden, one against whose hiding the author has appealed, one that was judged."""
    author, moderator, above = scene.user("author@own"), World.read().moderator, World.read().region_moderator
    reporters = (scene.user("resident@own"), None)

    def hidden(name: str, extent: str) -> Hiding:
        review = reported(name)
        verdict = decisions.Verdict(extent, "insult", words("sentence", 400), words("note of a moderator", 900))
        return decisions.hide(moderator, review, verdict, MONDAY - DAY)

    def reported(name: str) -> FlagReview:
        found = submit(author, _draft(author, words, at, f"{name}-{next(_numbers)}", CITY), at)
        moderation.publish(moderator, found, at)
        scene.ids[name] = found.id
        for reporter in reporters:
            said = flagging.Report("text", "other", f"{words('report', 800)} (шағым себебі)")
            flagging.flag(reporter, locked(Proposal, found.id), said, "0123456789abcdef", MONDAY - DAY)
        return flagging.open_review(found.id, "text")

    scene.ids["flag review"] = reported("flagged").id
    hidden("hidden", "title_and_text")
    contested = hidden("contested", "text")
    decisions.appeal(author, contested, words("appeal", 2000), MONDAY - DAY)
    scene.ids["contested hiding"] = contested.id
    judged = hidden("judged", "text")
    decisions.appeal(author, judged, words("appeal", 2000), MONDAY - DAY)
    decisions.decide_appeal(above, judged, "shown", words("answer to an appeal", 900), MONDAY - DAY)


def _check(scene: Scene, words: Words, at: datetime) -> None:
    """An account whose vote is set aside."""
    watched = scene.user("watched")
    cast_vote(watched, locked(Proposal, scene["collecting"]), "support", at + DAY)
    operator = scene.user("operator@above")
    check = set_aside(operator, [watched.id], ["look-alikes"], words("check", 500), MONDAY - DAY)
    scene.ids["check"] = check.id


def _visitor_of_the_desk(scene: Scene, words: Words, at: datetime) -> None:
    """Somebody who reads a code out to a clerk."""
    way = provider_of("desk")
    scene.ids["desk code"] = way.invitation(ticket_of(begin(scene.user("appointee"), way, MONDAY)))


def _desk(scene: Scene, words: Words, at: datetime) -> None:
    """What staff arrange among themselves, and decisions of this very minute."""
    world, moderator = World.read(), World.read().moderator
    submitted = locked(Proposal, scene["submitted"])
    city = by_kato(CITY)
    names = {language: words("department", 120) for language in LANGUAGES}
    room = open_department(moderator, city, names, at)
    scene.ids["department"] = room.id
    change_setting(moderator, languages=["kk", "ru"], department_id=room.id)
    note = write_note(world.officer, submitted, words("note", 2000), [moderator.id], at)
    assert note.mentions
    mark_reading(world.region_moderator, submitted, MONDAY)
    assign(world.region_moderator, submitted, moderator, at)
    scene.ids["view"] = keep_view(moderator, words("view", 60), "tab=mine").id
    texts = [words("template", 2000) for _language in ("kk", "ru")]
    scene.ids["phrase"] = keep_phrase(moderator, city, "rejection", words("template", 120), *texts, at).id
    reason = {f"{part}_{language}": words(part, 120) for part in PARTS for language in LANGUAGES}
    let_words_begin(scene.user("operator@above"), "insult", reason, True, at)
    author = scene.user("author@own")
    for name in ("just rejected", "of a batch"):
        found = submit(author, _draft(author, words, MONDAY - DAY, f"{name}-{next(_numbers)}"), MONDAY - DAY)
        scene.ids[name] = found.id
    rejected = locked(Proposal, scene["just rejected"])
    scene.ids["decision"] = moderation.reject(moderator, rejected, "insult", MONDAY).id
    seen = {scene["of a batch"]: version_of(scene["of a batch"])}
    scene.ids["batch"] = act_on_many(moderator, "categorise", seen, "safety", MONDAY).token
    scene.ids["row"] = f"{scene['submitted']}.{version_of(scene['submitted'])}"


def _followed(scene: Scene, at: datetime) -> None:
    """Somebody follows of everything one, and has both secret addresses; so has the officer."""
    for name in ("author@own", "officer@own", "owner"):
        person = scene.user(name)
        for kind, key in (
            (Subject.PROPOSAL, str(scene["collecting"])),
            (Subject.TERRITORY, CITY),
            (Subject.SPHERE, "safety"),
        ):
            follow(person.id, kind, key, at)
    for name, purpose in (("author@own", Purpose.FEED), ("officer@own", Purpose.CALENDAR)):
        person = scene.user(name)
        make_address(person.id, purpose, at)
        db.session.flush()
        address = addresses_of(person.id)[purpose]
        scene.ids[f"{purpose.value} token"] = address.rpartition("/")[2].partition(".")[0]
    stop = address_for(scene.user("resident@own").id, Stream.DIGEST)
    scene.ids["unsubscribe token"] = stop.rpartition("/")[2]


def _dead_letter(scene: Scene) -> None:
    """A mail that twelve attempts have not brought away."""
    enqueue("nobody@scene.example", "123456", "123456", "email-code:0", MONDAY - DAY)
    letter = db.session.scalars(select(Message).where(Message.dedup_key == "email-code:0")).one()
    letter.next_at, letter.failed_at, letter.attempts = None, MONDAY, 12
    letter.error = "SMTPRecipientsRefused 550"
    scene.ids["dead letter"] = letter.id


@contextmanager
def standing_clock(moment: datetime = MONDAY) -> Iterator[None]:
    """Every view reads this moment, while the block lasts."""
    readers = [module for module in _readers(len(sys.modules)) if module.now is kernel_clock.now]
    for module in readers:
        module.now = lambda: moment
    try:
        yield
    finally:
        for module in readers:
            module.now = kernel_clock.now


@lru_cache(maxsize=1)
def _readers(_known: int) -> list[Any]:
    """The modules that read the clock; looked for anew when there are more modules than before."""
    found = [module for name, module in list(sys.modules.items()) if name.startswith("webapp")]
    return [module for module in found if module is not kernel_clock and hasattr(module, "now")]


@dataclass
class Key:
    """What the browser of somebody who has signed in keeps."""

    cookies: dict[Any, Any]
    token: str


class Spectator(Visitor):
    """A browser whose requests all come at `MONDAY`; between them the clock is that of whoever else is running."""

    def _send(self, method: str, url: str, **more: Any) -> Page:
        with standing_clock():
            return super()._send(method, url, **more)


class Theatre:
    """An application on a scene. Each person has signed in once; after every act the scene is as it was."""

    def __init__(self, app: Any, scene: Scene, pristine: Path, live: Path) -> None:
        self.app, self.scene, self._pristine, self._live = app, scene, pristine, live
        self.written: list[str] = []
        self.keys: dict[str, Key] = {}
        self.files: dict[Path, bytes] = {}
        with app.app_context():
            event.listen(db.engine, "before_cursor_execute", self._notice)

    def _notice(self, _connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.lstrip()[:6].upper() in {"INSERT", "UPDATE", "DELETE"}:
            self.written.append(
                statement.split(" ", 3)[2] if statement[:6].upper() != "UPDATE" else statement.split()[1]
            )

    def let_sign_in(self, who: Collection[str]) -> None:
        """Once; the state of the database after it is the scene that every act begins with."""
        for name in who:
            visitor, email = Spectator(self.app), PEOPLE[name]
            if email:
                with self.app.app_context(), standing_clock():
                    visitor.sit_down(by_email(email))
            page = visitor._send("GET", "/")
            tokens = [e.get("value") for e in page.find("input", name="csrf_token")]
            if not tokens:
                page = visitor._send("GET", "/sign-in" if not email else "/my/name")
                tokens = [e.get("value") for e in page.find("input", name="csrf_token")]
            self.keys[name] = Key(dict(visitor.client._cookies), tokens[0])
        self._copy(self._live, self._pristine)
        self.files = {file: file.read_bytes() for file in self._uploads()}
        self.written.clear()

    def _uploads(self) -> list[Path]:
        """Photos and plans: a file that an act deletes is there again before the next."""
        return [file for file in Path(self.app.config["UPLOADS"]).glob("*") if file.is_file()]

    _copy = staticmethod(copy_database)

    def restore(self) -> None:
        """The scene as it was, where the last act has written anything."""
        if self.written:
            with self.app.app_context():
                db.session.remove()
            self._copy(self._pristine, self._live)
            for file in set(self._uploads()) - set(self.files):
                file.unlink()
            for file, data in self.files.items():
                if not file.exists():
                    file.write_bytes(data)
            self.written.clear()

    def browser(self, name: str) -> Visitor:
        """The browser of a kind of person, signed in."""
        visitor = Spectator(self.app)
        visitor.client._cookies = dict(self.keys[name].cookies)
        return visitor

    def act(self, name: str, method: str, path: str, form: dict[str, Any] | None = None, **more: Any) -> Page:
        """One request of a person, with a valid token when it is a form."""
        self.restore()
        if method == "POST":
            more["data"] = {"csrf_token": self.keys[name].token, **(form or {})}
        return self.browser(name)._send(method, path, **more)


@contextmanager
def theatre(
    template_file: Path,
    folder: Path,
    words: Words = calm,
    make: Callable[..., Any] = make_app,
    before: Callable[[], None] = lambda: None,
    who: Collection[str] = tuple(PEOPLE),
) -> Iterator[Theatre]:
    """A scene on a copy of the template, at `MONDAY`; `before` arranges what operators bring in, `who` sign in."""
    live = folder / "scene.sqlite3"
    Theatre._copy(template_file, live)
    with standing_clock():
        app = make(f"sqlite:///{live}", folder)
        # every way to be verified is open; at the other end of two of them nobody answers
        app.config.update(
            VERIFICATION=["register", "desk", "oidc", "eds"],
            OIDC_ISSUER="http://127.0.0.1:9",
            OIDC_CLIENT_ID="saty",
            OIDC_CLIENT_SECRET="secret",
            OIDC_NAME="Other end",
            EDS_VERIFIER_URL="http://127.0.0.1:9",
            VERIFICATION_TIMEOUT=1,
        )
        with app.app_context():
            before()
            scene = build_scene(words)
            db.session.remove()
    stage = Theatre(app, scene, folder / "pristine.sqlite3", live)
    stage.let_sign_in(who)
    yield stage
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
