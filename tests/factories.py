"""A small country: two cities of one region, a republican city, and a person of each kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from webapp.access.services import give_role
from webapp.kernel.database import db, unit_of_work
from webapp.moderation.services import publish
from webapp.people.models import Membership, Organisation, RegisterEntry, User
from webapp.people.passwords import hash_password, keyed
from webapp.people.services import person_key
from webapp.proposals.models import Draft, Proposal
from webapp.proposals.services import submit
from webapp.rulebook.presets import PRESETS
from webapp.rulebook.services import set_rules
from webapp.territories.models import Territory
from webapp.territories.services import by_kato, load_country, nation
from webapp.voting.services import cast_vote

PASSWORD = "a password for tests"
PEOPLE = {
    # name: (given, surname, home, verified)
    "aigerim": ("Айгерім", "Сәрсенова", "611000000", True),
    "bolat": ("Болат", "Ахметов", "750000000", True),
    "kentau": ("Дана", "Оспанова", "612000000", True),
    "newcomer": ("Тимур", "Ким", None, False),
    "member": ("Лаура", "Бекова", "611000000", True),
    "moderator": ("Ерлан", "Қалиев", None, False),
    "officer": ("Гүлнар", "Исаева", None, False),
    "region_moderator": ("Самат", "Досов", None, False),
    "region_officer": ("Асқар", "Ермеков", None, False),
    "nation_officer": ("Айнұр", "Рахимова", None, False),
    "almaty_moderator": ("Руслан", "Ибраев", None, False),
}
GRANTS = (
    ("moderator", "moderator", "611000000"),
    ("officer", "officer", "611000000"),
    ("region_moderator", "moderator", "610000000"),
    ("region_officer", "officer", "610000000"),
    ("nation_officer", "officer", "000000000"),
    ("almaty_moderator", "moderator", "750000000"),
)
NEWCOMERS_IIN = "851231399996"
_hash: list[str] = []


def password_hash() -> str:
    """One slow hash for everybody."""
    if not _hash:
        _hash.append(hash_password(PASSWORD))
    return _hash[0]


def build_world(now: datetime) -> None:
    """Fill an empty database."""
    with unit_of_work():
        load_country()
        before = now - timedelta(days=100)
        for rung, terms in PRESETS["demo"].items():
            set_rules(nation(), rung, terms, before)
        for name, (given, surname, home, verified) in PEOPLE.items():
            add_user(f"{name}@test.example", before, given=given, surname=surname, home=home if verified else None)
        for name, role, kato in GRANTS:
            give_role(_user(name), role, by_kato(kato), before)
        organisation = Organisation(
            bin="150240000016",
            kind="business",
            name="Сырдария сервис",
            home_id=by_kato("611000000").id,
            verified_at=before,
        )
        db.session.add(organisation)
        db.session.flush()
        db.session.add(Membership(organisation_id=organisation.id, user_id=_user("member").id, role="owner"))
        pepper = "pepper of the tests"
        db.session.add(
            RegisterEntry(
                person_key=person_key(pepper, NEWCOMERS_IIN),
                surname_key=keyed(pepper, "surname", "ким"),
                home_id=by_kato("611000000").id,
                imported_at=before,
            )
        )


def _user(name: str) -> User:
    return db.session.scalars(select(User).where(User.email == f"{name}@test.example")).one()


def add_user(
    email: str, at: datetime, *, given: str = "Олжас", surname: str = "Сейітов", home: str | None = None
) -> User:
    """An account with a confirmed address, verified when it has a home."""
    user = User(
        email=email,
        password_hash=password_hash(),
        given_name=given,
        surname=surname,
        lang="kk",
        created_at=at,
        email_confirmed_at=at,
        shows_full_name=False,
    )
    if home:
        user.home_id, user.verified_at, user.person_key = by_kato(home).id, at, f"key of {email}"
    db.session.add(user)
    db.session.flush()
    return user


def crowd(count: int, home: str, at: datetime, name: str = "voter") -> list[User]:
    """Verified residents of one home."""
    return [add_user(f"{name}{number}.{home}@test.example", at, home=home) for number in range(count)]


@dataclass
class World:
    """People by name: `world.aigerim`."""

    people: dict[str, User]

    def __getattr__(self, name: str) -> Any:
        try:
            return self.people[name]
        except KeyError as error:
            raise AttributeError(name) from error

    @classmethod
    def read(cls) -> World:
        """From the database."""
        return cls({name: _user(name) for name in PEOPLE})

    @property
    def turkistan(self) -> Territory:
        """The city."""
        return by_kato("611000000")


#: An acceptance, filled in as far as its dates.
ACCEPTANCE = {
    "decision": "accept",
    "responsible_kk": "Өнеркәсіп және құрылыс министрлігі",
    "responsible_ru": "Министерство промышленности и строительства",
    "source": "republican_budget",
    "amount_tenge": "12 500 000",
}
TEXT = "Мектеп алдындағы жаяу жүргінші өткелі түнде мүлде көрінбейді.\n\n- шам орнату\n- белгі қою"


def propose(
    author: User,
    at: datetime,
    title: str = "Мектеп жанындағы өткелге жарық керек",
    kato: str = "611000000",
    text: str = TEXT,
) -> Proposal:
    """A submitted proposal."""
    origin = by_kato(kato)
    draft = Draft(
        token=f"t{db.session.query(Draft).count()}-{at.timestamp()}",
        author_id=author.id,
        title=title,
        text=text,
        lang="kk",
        origin_id=origin.id,
        place="",
        sphere="safety",
        funding="budget",
        created_at=at,
        expires_at=at + timedelta(days=30),
        wants_submission=False,
    )
    db.session.add(draft)
    db.session.flush()
    draft.origin = origin
    return submit(author, draft, at)


def published(world: World, at: datetime, **more: Any) -> Proposal:
    """A proposal that collects support in Turkistan."""
    proposal = propose(world.aigerim, at, **more)
    publish(world.moderator, proposal, at)
    return proposal


def supported(
    proposal: Proposal, count: int, home: str, at: datetime, choice: str = "support", name: str = "voter"
) -> list[User]:
    """So many votes from one home."""
    voters = crowd(count, home, at, name)
    for voter in voters:
        cast_vote(voter, proposal, choice, at)
    return voters
