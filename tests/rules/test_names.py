"""Names of people: letters alone; names of organisations in mails; surnames that look the same are the same."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.people.rules import NAME_MAX, fold_name, former_fold, is_name, name_in_mail


@pytest.mark.parametrize(
    "name",
    [
        "Айгерім",
        "Әл-Фараби",
        "Jean-Luc",
        "O'Neil",
        "О’Нил",
        "Анна Мария",
        "А. Б.",
        "Ғ.",
        "Ұлы Ж.",
        "Nguyễn",
        "李",
        "محمد",
        "Ки\u0306м",
        "М" * NAME_MAX,
    ],
)
def test_these_are_names(name):
    assert is_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "-",
        ".'",
        "client.\n\nYour account is blocked",
        "Айгерім\tСәрсенова",
        "evil.example",
        "www.evil.example",
        "А.Б",
        "https://evil.example/u",
        "a@b",
        "Ivan 5",
        "Ivan!",
        "<b>Ivan</b>",
        "Ivan\u200b",
        "\u2800\u2800",
        "Ivan, call 8",
        "М" * (NAME_MAX + 1),
    ],
)
def test_these_are_none(name):
    assert not is_name(name)


@given(st.text(max_size=80))
def test_no_name_can_be_pressed_on(name):
    if is_name(name):
        assert not any(sign in name for sign in "\n\r\t:/@<>&0123456789")
        assert all(after in " ." for dot, after in pairwise(name) if dot == ".")


@given(st.text(max_size=300))
def test_the_name_of_an_organisation_in_a_mail_is_one_short_line_without_an_address(name):
    said = name_in_mail(name)
    assert len(said) <= 100 and not any(sign in said for sign in "\n\r:/@<>\\")
    assert said == " ".join(said.split()) or said.endswith("…")


def test_the_name_of_an_organisation_stays_readable():
    assert name_in_mail("ТОО «Сырдария сервис»") == "ТОО «Сырдария сервис»"
    assert name_in_mail("ТОО evil.example/pay\n\nNow!") == "ТОО evil. example pay Now!"


@pytest.mark.parametrize(
    "one, other",
    [
        ("Ахметов", "Axметов"),
        ("СЕРІКОВ", "CEPIKOB"),
        ("Нұрланов", "Hұрланов"),
        ("Қасымов", "Қaсымов"),
        ("һәкім", "hәкім"),
        ("Ким", "кИm"),
        ("Семёнова-Ли", "ceменова ли"),
        ("Smith", "smith"),
    ],
)
def test_letters_that_look_the_same_are_the_same(one, other):
    assert fold_name(one) == fold_name(other)


@pytest.mark.parametrize(
    "kazakh, russian",
    [
        ("Қасымов", "Касымов"),
        ("Өтегенов", "Отегенов"),
        ("Үсенов", "Усенов"),
        ("Ұлықов", "Улыков"),
        ("Ғани", "Гани"),
        ("Әбенов", "Абенов"),
        ("Сәрсенов", "Сарсенов"),
        ("Серіков", "Сериков"),
        ("Таңатов", "Танатов"),
        ("Һади", "Нади"),
    ],
)
def test_kazakh_letters_are_no_russian_ones(kazakh, russian):
    assert fold_name(kazakh) != fold_name(russian)


def test_the_former_fold_changes_no_letter_for_another():
    assert former_fold("Axметов") != former_fold("Ахметов") == fold_name("Ахметов")
