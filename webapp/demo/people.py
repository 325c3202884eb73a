"""Invented residents, organisations and staff."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from webapp.access.rules import Role
from webapp.access.services import give_role
from webapp.kernel.clock import local_date
from webapp.kernel.database import db
from webapp.organisations.services import Application, register
from webapp.people.models import Membership, Organisation, RegisterEntry, User
from webapp.people.passwords import hash_password, keyed
from webapp.people.rules import check_digit, fold_name
from webapp.people.services import person_key
from webapp.territories.models import Territory
from webapp.verification.pepper_marks import trusted_peppers

PASSWORD = "saty-demo-2026"  # noqa: S105 (published on purpose; only where the demonstration was loaded)
#: How many residents live where; the first 50 in Turkistan city.
HOMES = (
    ("611000000", 50),
    ("612000000", 60),
    ("611600000", 20),
    ("790000000", 50),
    ("750000000", 60),
    ("710000000", 60),
    ("101000000", 40),
    ("103600000", 10),
    ("431000000", 10),
    ("351000000", 15),
    ("311000000", 10),
    ("471000000", 5),
    ("613900000", 10),
)
GIVEN = (
    "Әйгерім",
    "Болат",
    "Дана",
    "Ерлан",
    "Гүлнұр",
    "Нұрлан",
    "Сәуле",
    "Арман",
    "Мадина",
    "Тимур",
    "Жанар",
    "Асқар",
    "Айнұр",
    "Руслан",
    "Ботагөз",
    "Қанат",
    "Динара",
    "Ержан",
    "Лаура",
    "Самат",
    "Ольга",
    "Виктор",
    "Салтанат",
    "Мұрат",
    "Алия",
    "Дәурен",
    "Жұлдыз",
    "Олжас",
)
SURNAMES = (
    "Сәрсенов",
    "Ахметов",
    "Жұмабаев",
    "Төлегенов",
    "Оспанов",
    "Қалиев",
    "Беков",
    "Мұхамедов",
    "Ибраев",
    "Сейітов",
    "Нұрланов",
    "Әбдіров",
    "Ким",
    "Соколов",
    "Тұрсынбаев",
    "Қасымов",
    "Досов",
    "Рахимов",
    "Ермеков",
    "Исаев",
    "Жақсыбеков",
)
WOMEN = frozenset(
    [
        "Әйгерім",
        "Дана",
        "Гүлнұр",
        "Сәуле",
        "Мадина",
        "Жанар",
        "Айнұр",
        "Ботагөз",
        "Динара",
        "Лаура",
        "Ольга",
        "Салтанат",
        "Алия",
        "Жұлдыз",
    ]
)
ORGANISATIONS = (
    ("Түркістан қолөнершілері", "611000000", "ngo"),
    ("«Сырдария сервис» ЖШС", "611000000", "business"),
    ("«Кентау жарық» ЖШС", "612000000", "business"),
    ("Шымкент IT клубы", "790000000", "ngo"),
    ("ТОО «Велогород»", "750000000", "business"),
    ("ТОО «Есиль Логистик»", "710000000", "business"),
    ("Семей экологтары", "101000000", "ngo"),
    ("ТОО «Тараз Тур»", "311000000", "business"),
    ("ТОО «Шахтёр Сервис»", "351000000", "business"),
    ("«Арал тынысы» қоры", "431000000", "ngo"),
)


@dataclass
class Cast:
    """Who is there."""

    begun_at: datetime
    residents: dict[str, list[User]] = field(default_factory=dict)
    organisations: list[Organisation] = field(default_factory=list)
    members: dict[int, User] = field(default_factory=dict)
    moderators: dict[str, User] = field(default_factory=dict)
    officers: dict[str, User] = field(default_factory=dict)


def demo_iin(number: int) -> str:
    """A number that passes the checksum and belongs to an invented person."""
    serial = number
    while True:
        base = f"{70 + serial % 30:02d}{serial % 12 + 1:02d}{serial % 28 + 1:02d}{3 + serial % 2}{serial % 10000:04d}"
        digit = check_digit(base)
        if digit is not None:
            return base + str(digit)
        serial += 1000


def begun_at(now: datetime) -> datetime:
    """When everything of the demonstration began; its rules hold from then on."""
    return now - timedelta(days=400)


def gather(now: datetime) -> Cast:
    """Make all accounts. The rules are there already: the check of an organisation has its term from them."""
    cast = Cast(begun_at=begun_at(now))
    hashed = hash_password(PASSWORD)
    pepper = trusted_peppers(now).chain[0]
    places = {kato: db.session.scalars(select(Territory).where(Territory.kato == kato)).one() for kato, _count in HOMES}
    rows: list[dict[str, Any]] = []
    register: list[dict[str, Any]] = []
    homes = [kato for kato, count in HOMES for _turn in range(count)]
    for number, kato in enumerate(homes, start=1):
        given, surname = _name(number * 5, number * 7)
        key = person_key(pepper, demo_iin(number))
        rows.append(
            _account(
                f"resident{number}@demo.example",
                hashed,
                given,
                surname,
                cast.begun_at,
                "ru" if number % 3 == 0 else "kk",
            )
            | {"verified_at": cast.begun_at, "person_key": key, "home_id": places[kato].id}
        )
        register.append(
            {
                "person_key": key,
                "surname_key": keyed(pepper, "surname", fold_name(surname)),
                "home_id": places[kato].id,
                "imported_at": cast.begun_at,
            }
        )
    db.session.execute(insert(User), rows)
    db.session.execute(insert(RegisterEntry), register)
    by_email = {user.email: user for user in db.session.scalars(select(User))}
    for number, kato in enumerate(homes, start=1):
        cast.residents.setdefault(kato, []).append(by_email[f"resident{number}@demo.example"])
    _organisations(cast, hashed, places, now)
    _staff(cast, hashed)
    return cast


def _name(given: int, surname: int) -> tuple[str, str]:
    """A given name with a surname in the form that goes with it."""
    first, last = GIVEN[given % len(GIVEN)], SURNAMES[surname % len(SURNAMES)]
    return first, f"{last}а" if first in WOMEN and last.endswith("в") else last


def _account(email: str, hashed: str, given: str, surname: str, at: datetime, lang: str = "kk") -> dict[str, Any]:
    return {
        "email": email,
        "password_hash": hashed,
        "given_name": given,
        "surname": surname,
        "lang": lang,
        "created_at": at,
        "email_confirmed_at": at,
        "shows_full_name": False,
    }


def _organisations(cast: Cast, hashed: str, places: dict[str, Territory], now: datetime) -> None:
    for number in range(1, 31):
        name, kato, kind = ORGANISATIONS[(number - 1) % len(ORGANISATIONS)]
        if number > len(ORGANISATIONS):
            name = f"{name} {'І' * ((number - 1) // len(ORGANISATIONS) + 1)}"
        base, serial = "", number
        while not base or check_digit(base) is None:
            base = f"15{serial % 12 + 1:02d}40{serial:05d}"
            serial += 100
        organisation = Organisation(
            bin=f"{base}{check_digit(base)}", kind=kind, name=name, home_id=places[kato].id, verified_at=cast.begun_at
        )
        _join(cast, organisation, f"business{number}@demo.example", hashed, number)
    base = next(f"151040{serial:05d}" for serial in range(900, 999) if check_digit(f"151040{serial:05d}") is not None)
    association = Organisation(
        bin=f"{base}{check_digit(base)}",
        kind="business_association",
        name="Түркістан өңірі кәсіпкерлерінің бірлестігі",
        home_id=places["611000000"].id,
        verified_at=cast.begun_at,
        certificate_number="KZ-2026/17",
        certificate_on=local_date(now) - timedelta(days=60),
        accredited_until=local_date(now) + timedelta(days=305),
    )
    _join(cast, association, "association@demo.example", hashed, 31)
    _waiting(hashed, places["611000000"], now)


def _waiting(hashed: str, home: Territory, now: datetime) -> None:
    """One that the moderator of Turkistan has to verify."""
    base = next(f"260940{serial:05d}" for serial in range(1, 99) if check_digit(f"260940{serial:05d}") is not None)
    owner = User(**_account("founder@demo.example", hashed, "Сәуле", "Төлегенова", now - timedelta(days=30)))
    db.session.add(owner)
    db.session.flush()
    letter_on = local_date(now) - timedelta(days=3)
    name = "«Керуен базары» ЖШС"
    register(owner, Application(f"{base}{check_digit(base)}", "business", name, home, "03-11/42", letter_on), now)


def _join(cast: Cast, organisation: Organisation, email: str, hashed: str, number: int) -> None:
    member = User(**_account(email, hashed, *_name(number, number), cast.begun_at))
    db.session.add_all([organisation, member])
    db.session.flush()
    db.session.add(Membership(organisation_id=organisation.id, user_id=member.id, role="owner"))
    cast.organisations.append(organisation)
    cast.members[organisation.id] = member


STAFF_PLACES = (
    ("611000000", "turkistan"),
    ("612000000", "kentau"),
    ("611600000", "arys"),
    ("790000000", "shymkent"),
    ("750000000", "almaty"),
    ("710000000", "astana"),
    ("101000000", "semey"),
    ("431000000", "kyzylorda"),
    ("351000000", "karaganda"),
    ("311000000", "taraz"),
    ("613900000", "keles"),
    ("471000000", "aktau"),
    ("610000000", "turkistan-region"),
    ("100000000", "abai-region"),
    ("430000000", "kyzylorda-region"),
    ("350000000", "karaganda-region"),
    ("310000000", "zhambyl-region"),
    ("470000000", "mangystau-region"),
    ("000000000", "nation"),
)


def _staff(cast: Cast, hashed: str) -> None:
    for number, (kato, name) in enumerate(STAFF_PLACES):
        place = db.session.scalars(select(Territory).where(Territory.kato == kato)).one()
        for role, group in ((Role.MODERATOR, cast.moderators), (Role.OFFICER, cast.officers)):
            person = User(
                **_account(
                    f"{role}@{name}.demo.example",
                    hashed,
                    *_name(number * 3 + len(role), number + len(role)),
                    cast.begun_at,
                )
            )
            db.session.add(person)
            db.session.flush()
            give_role(person, role, place, cast.begun_at)
            group[kato] = person
    operator = User(**_account("operator@demo.example", hashed, "Әсел", "Жүнісова", cast.begun_at, "ru"))
    db.session.add(operator)
    db.session.flush()
    give_role(
        operator,
        Role.OPERATOR,
        db.session.scalars(select(Territory).where(Territory.kato == "000000000")).one(),
        cast.begun_at,
    )
