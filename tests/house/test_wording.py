"""What `make check` finds in the texts of the interface; each kind is planted here and found."""

from datetime import UTC, date, datetime

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from tests.conftest import ROOT
from tests.spoken import counted, faults_of
from tools.wording import (
    HOLE,
    catalogue_faults,
    data_faults,
    english_faults,
    forms_of,
)
from webapp.kernel.cases import PlaceName, filled, marked
from webapp.kernel.i18n import format_date, format_datetime, format_number, in_language

#: kind: (language, English, translation)
PLANTED = {
    "a postposition after a value": [
        ("kk", "by %(date)s", "%(date)s дейін"),
        ("kk", "since %(moment)s", "%(moment)s бастап қолда"),
        ("kk", "up to %(place)s", "%(place)s дейін"),
    ],
    "a day without its case": [("kk", "decided on %(date)s", "%(date)s шешілді")],
    "an ending that is right for one value": [
        ("kk", "of %(num)d", "%(num)d-нан аз"),
        ("ru", "%(num)d of them", "%(num)d-ми из них"),
    ],
    "an ending of another number": [("kk", "fewer than 20", "20-тен аз")],
    "a Latin word with a Cyrillic ending": [("kk", "on Saty", "Saty-де"), ("ru", "by SMS", "SMS-кой")],
    "two scripts in one word": [("kk", "Floor", "едендi"), ("ru", "Akimat", "Aкимат")],
    "with a capital letter": [("kk", "For you", "бұл Сізге керек: Сіз"), ("ru", "For you", "ответ для Вас")],
    "a dash is —": [("kk", "A – b", "Аумақ – қала"), ("ru", "A – b", "Город – это место")],
    "a hyphen for a dash": [("ru", "A: b", "Город - место")],
    "straight quotation marks": [("kk", "“Yes”", '"Иә"'), ("ru", "“Yes”", '"Да"')],
    "quotation marks of another language": [("ru", "“Yes”", "“Да”")],
    "two blanks": [("kk", "Two words", "Екі  сөз")],
    "write аккаунт": [("kk", "Account", "Сіздің тіркелгіңіз")],
    "write учётная запись": [("ru", "Account", "Ваш аккаунт")],
    "write без движения": [("ru", "Stalled", "Дело зависло")],
    "a case mark where nothing is declined": [
        ("kk", "of %(name)s", "%(name)s{gen} ұсынысы"),
        ("ru", "on %(date)s", "с %(date)s{abl}"),
        ("kk", "at %(place)s", "%(place)s{inst} бірге"),
        ("kk", "by %(date)s", "%(date)s {dat} дейін"),
    ],
    "a single per cent sign": [("ru", "%(num)s of them", "%(num)s % из них")],
    "angle brackets": [("kk", "Yes", "<b>Иә</b>")],
    "ends otherwise": [("kk", "Answered:", "Жауап берілді"), ("ru", "Is it done?", "Сделано ли это")],
    "a count before a noun": [("ru", "%(num)d things", "ещё %(num)d дел")],
}


def catalogue_of(lang, **texts):
    made = Catalog(locale=lang)
    for english, said in texts.items():
        made.add(english, said)
    return made


@pytest.mark.parametrize(
    ("kind", "lang", "english", "said"), [(k, *row) for k, rows in PLANTED.items() for row in rows]
)
def test_a_planted_fault_is_found(kind, lang, english, said):
    found = [str(fault) for fault in catalogue_faults(catalogue_of(lang, **{english: said}), lang)]
    assert any(kind in fault for fault in found), found


def test_one_word_for_two_things_and_two_for_one_are_found():
    two = catalogue_of("ru", Back="Назад", Previous="Назад")
    assert [fault.kind for fault in catalogue_faults(two, "ru")] == ["one translation for two things"]
    one = catalogue_of("ru", **{"Taken back": "Отозвано", "taken back": "отменено"})
    assert [fault.kind for fault in catalogue_faults(one, "ru")] == ["one thing with two translations"]
    same = catalogue_of(
        "ru", **{"Taken back": "Отозвано", "taken back": "отозвано", "The photo": "Фото", "Photo": "Фото"}
    )
    assert not list(catalogue_faults(same, "ru"))


def test_english_is_looked_at_too():
    found = {fault.kind for fault in english_faults(catalogue_of("ru", **{"It hangs": "x", 'Say "yes"': "y"}))}
    assert found == {"“hang”: write stalled", "straight quotation marks"} or "straight quotation marks" in found
    assert len(found) == 2


def test_data_files_have_one_script_in_a_word():
    assert [str(fault) for fault in data_faults(["аласа едендi автобус"])] == ["two scripts in one word: 'едендi'"]
    assert not list(data_faults(["eGov mobile қосымшасы, QR-код, «Жарық» ЖШС"]))


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("kk", "Мерзімі 2026 ж. 15 желтоқсан дейін созылды"),
        ("kk", "Ол 2026 ж. 15 желтоқсан, 10:45 бастап жұмыс істейді"),
        ("kk", "Орган 2026 ж. 15 желтоқсан қарады."),
        ("kk", "Түркістан қаласы бастап"),
        ("kk", "Барлығы 21 ішінен 2"),
        ("kk", "20-тен аз"),
        ("kk", "%(date)s дейін"),
        ("kk", "Семей қаласы{gen}"),
        ("ru", "жители город Семей"),
        ("ru", "из Туркестанская область"),
        ("ru", "до 15 декабря 2026 года года"),
        ("ru", "осталось 21 дней"),
        ("ru", "из 21 дней"),
    ],
)
def test_a_wrong_case_on_a_page_is_found(lang, text):
    assert faults_of([text], lang)


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("kk", "2026 жылғы 15 желтоқсанға дейін · 2026 ж. 15 желтоқсан"),
        ("kk", "Жауап мерзімі: 2026 ж. 15 желтоқсан"),
        ("kk", "Семей қаласынан бастап 20-дан аз, 12 345-тен көп"),
        ("kk", "5-жол, № 6110-26-0042 ұсыныс"),
        ("ru", "до 15 декабря 2026 года, 21 день, 2 дня, 5 дней, 11 дней, из 21 дня, 1 день"),
        ("ru", "жители города Семея; город Семей"),
    ],
)
def test_what_is_right_is_left_alone(lang, text):
    assert not faults_of([text], lang)


DAY = date(2026, 12, 15)
MOMENT = datetime(2026, 12, 15, 5, 45, tzinfo=UTC)
PLACES = {
    "kk": ("Түркістан қаласы", "Абай облысы", "Сауран ауданы", "Қазақстан Республикасы"),
    "ru": (
        PlaceName("город Туркестан", "города Туркестана"),
        PlaceName("область Абай", "области Абай"),
        PlaceName("Сауранский район", "Сауранского района"),
        PlaceName("Республика Казахстан", "Республики Казахстан"),
    ),
}
BODIES = {
    "kk": ("Семей қаласының әкімдігі", "Қазақстан Республикасының Үкіметі"),
    "ru": ("Акимат города Семея", "Правительство Республики Казахстан"),
}
NUMBERS = (0, 1, 2, 4, 5, 9, 10, 11, 21, 22, 40, 50, 100, 1000, 10_000)


def values(name, kind, lang, turn):
    """What may stand for a placeholder, by its name: days and moments, places and bodies, numbers."""
    if kind == "d":
        return NUMBERS[turn % len(NUMBERS)]
    if name in {"place", "other", "territory", "here", "city", "region"}:
        return PLACES[lang][turn % 4]
    if name in {"body"}:
        return BODIES[lang][turn % 2]
    if name in {"time", "moment"}:
        return format_datetime(MOMENT)
    if "date" in name or name in {"due", "until", "since", "day", "on", "first_day", "last_day"}:
        return format_date(DAY)
    if name == "number":
        return "6110-26-0042"
    if name in {"count", "num", "votes", "most", "limit", "wanted", "done", "promised", "supports"}:
        return format_number(NUMBERS[turn % len(NUMBERS)])
    return "—"


@pytest.mark.parametrize("lang", ["kk", "ru"])
def test_every_text_reads_right_with_whatever_is_filled_in(lang):
    """Pages and mails speak through the catalogue: each text is filled in fifteen times and read."""
    with (ROOT / "translations" / lang / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale=lang)
    found = []
    with in_language(lang):
        for message in catalogue:
            if not message.id or "%(" not in str(message.string):
                continue
            _sources, texts = forms_of(message)
            for turn, number in enumerate(NUMBERS):
                text = texts[0] if len(texts) == 1 else texts[catalogue_form(lang, number)]
                said = {name: values(name, kind, lang, turn) for name, kind, _mark in HOLE.findall(text)}
                if len(texts) > 1:
                    counts = {name for name, kind, _mark in HOLE.findall(text) if kind == "d" or name == "num"}
                    said |= dict.fromkeys(counts, number)
                found += [(str(f), texts[0]) for f in faults_of([filled(marked(text), said, lang)], lang)]
    assert not found, f"{len(found)}: {sorted(set(found))[:20]}"


def catalogue_form(lang, number):
    if lang == "kk":
        return int(number != 1)
    return (
        0
        if number % 10 == 1 and number % 100 != 11
        else 1
        if number % 10 in {2, 3, 4} and number % 100 not in {12, 13, 14}
        else 2
    )


def test_counted_nouns_are_known():
    assert ("день", "дня", "дней") in counted()["дней"] and len(counted()) > 60
