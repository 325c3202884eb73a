"""Kazakh endings: what a native reader writes after every month, number and kind of place, and what holds for any word."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.kernel.kazakh import BELONGING, MONTHS, Case, day_in, ending, moment_in, spoken_end, words_in

BACK, FRONT = set("аоұыяёю"), set("әөүіеэ")
#: Written by hand: until, since, on, of that day, of, the object.
MONTHS_IN_CASES = """
қаңтарға қаңтардан қаңтарда қаңтардағы қаңтардың қаңтарды
ақпанға ақпаннан ақпанда ақпандағы ақпанның ақпанды
наурызға наурыздан наурызда наурыздағы наурыздың наурызды
сәуірге сәуірден сәуірде сәуірдегі сәуірдің сәуірді
мамырға мамырдан мамырда мамырдағы мамырдың мамырды
маусымға маусымнан маусымда маусымдағы маусымның маусымды
шілдеге шілдеден шілдеде шілдедегі шілденің шілдені
тамызға тамыздан тамызда тамыздағы тамыздың тамызды
қыркүйекке қыркүйектен қыркүйекте қыркүйектегі қыркүйектің қыркүйекті
қазанға қазаннан қазанда қазандағы қазанның қазанды
қарашаға қарашадан қарашада қарашадағы қарашаның қарашаны
желтоқсанға желтоқсаннан желтоқсанда желтоқсандағы желтоқсанның желтоқсанды
"""
#: Until and since, by the last word that is read aloud.
NUMBERS = {
    0: "ге ден",
    1: "ге ден",
    2: "ге ден",
    3: "ке тен",
    4: "ке тен",
    5: "ке тен",
    6: "ға дан",
    7: "ге ден",
    8: "ге ден",
    9: "ға дан",
    10: "ға нан",
    20: "ға дан",
    30: "ға дан",
    40: "қа тан",
    50: "ге ден",
    60: "қа тан",
    70: "ке тен",
    80: "ге нен",
    90: "ға нан",
    100: "ге ден",
    1000: "ға нан",
    1_000_000: "ға нан",
    1_000_000_000: "қа тан",
}
NAMES = {
    "Түркістан қаласы": "қаласына қаласынан қаласында қаласындағы қаласының қаласын",
    "Абай облысы": "облысына облысынан облысында облысындағы облысының облысын",
    "Сауран ауданы": "ауданына ауданынан ауданында ауданындағы ауданының ауданын",
    "Қазақстан Республикасы": "Республикасына Республикасынан Республикасында Республикасындағы Республикасының Республикасын",
    "Семей қаласының әкімдігі": "әкімдігіне әкімдігінен әкімдігінде әкімдігіндегі әкімдігінің әкімдігін",
    "Қазақстан Республикасының Үкіметі": "Үкіметіне Үкіметінен Үкіметінде Үкіметіндегі Үкіметінің Үкіметін",
    "Ескелді аудан": "ауданға ауданнан ауданда аудандағы ауданның ауданды",
    "Шорнақ ауылы": "ауылына ауылынан ауылында ауылындағы ауылының ауылын",
    "Жаңаталап ауылдық округі": "округіне округінен округінде округіндегі округінің округін",
    "Шиелі кенті": "кентіне кентінен кентінде кентіндегі кентінің кентін",
}


@pytest.mark.parametrize(("month", "line"), list(zip(MONTHS, MONTHS_IN_CASES.strip().split("\n"), strict=True)))
def test_each_month_in_each_case(month, line):
    assert [month + ending(month, case) for case in Case] == line.split()


@pytest.mark.parametrize(("name", "forms"), NAMES.items())
def test_each_kind_of_place_in_each_case(name, forms):
    before = name.rsplit(" ", 1)[0]
    assert [words_in(case, name) for case in Case] == [f"{before} {form}" for form in forms.split()]


def test_numbers_take_the_ending_of_the_word_that_is_read_last():
    for number in range(10_001):
        last = next(part for part in (number % 10, number % 100, number % 1000, number) if part or not number)
        if last not in NUMBERS:  # 300: of a hundred; 7,000: of a thousand
            last = 100 if last < 1000 else 1000
        until, since = NUMBERS[last].split()
        assert words_in(Case.DAT, str(number)) == f"{number}-{until}"
        assert words_in(Case.ABL, str(number)) == f"{number}-{since}"
        assert ending(spoken_end(number), Case.DAT) == until
    for number in (1_000_000, 1_000_000_000):
        assert [ending(spoken_end(number), case) for case in (Case.DAT, Case.ABL)] == NUMBERS[number].split()
    assert words_in(Case.ABL, "12\u00a0345") == "12\u00a0345-тен"
    assert words_in(Case.DAT, "71%") == "71%-ға" and words_in(Case.DAT, "40\u00a0₸") == "40\u00a0₸-ге"
    assert words_in(Case.GEN, "№ 6110-26-0042") == "№ 6110-26-0042-нің"


def test_every_day_of_two_years_and_the_ends_of_the_calendar():
    day = date(2027, 1, 1)
    while day < date(2029, 1, 1):
        assert day_in(Case.DAT, day) == f"{day.year} жылғы {day.day} {MONTHS[day.month - 1]}" + (
            "ке" if day.month == 9 else "ге" if day.month in {4, 7} else "ға"
        )
        day += timedelta(days=1)
    assert day_in(Case.ABL, date.max) == "9999 жылғы 31 желтоқсаннан"
    assert moment_in(Case.DAT, date(2026, 12, 15), "10:45") == "2026 жылғы 15 желтоқсан сағат 10:45-ке"
    assert moment_in(Case.ABL, date(2026, 12, 15), "10:00") == "2026 жылғы 15 желтоқсан сағат 10:00-нан"
    assert moment_in(Case.DAT, date(2026, 12, 15), "00:00") == "2026 жылғы 15 желтоқсан сағат 00:00-ге"
    assert moment_in(Case.LOC, date(2026, 12, 15), "09:06") == "2026 жылғы 15 желтоқсанда сағат 09:06-да"


@given(st.text("абвгғдежзийкқлмнңопрстуұүфхһцчшыіәө", min_size=2, max_size=12), st.sampled_from(list(Case)))
def test_an_ending_agrees_with_the_word_in_harmony_and_in_voice(word, case):
    put = ending(word, case)
    heard = [sign for sign in word if sign in BACK | FRONT]
    if heard and put != "н":
        vowels = {sign for sign in put if sign in BACK | FRONT}
        assert vowels <= (BACK if heard[-1] in BACK else FRONT)
    if word not in BELONGING and case is not Case.ACC:
        assert put[0] in ("қктғгдн" if case is Case.DAT else "тдн")
        if word[-1] in "пткқсш":
            assert put[0] in "қкт"


@pytest.mark.parametrize("text", ["", "Saty", "«Жарық» ЖШС (KZ)", "<b>", "—", "“Mandarin”"])
def test_what_takes_no_ending_stays(text):
    assert [words_in(case, text) for case in Case] == [text] * len(Case)


@given(st.text(max_size=40), st.sampled_from(list(Case)))
def test_nothing_is_lost_of_any_text(text, case):
    assert words_in(case, text).startswith(text.rstrip())
