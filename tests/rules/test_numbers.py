"""IIN and BIN: a filter for typing slips, nothing more."""

import pytest

from webapp.people.rules import NumberFault, bin_fault, check_digit, fold_name, iin_fault, public_name


@pytest.mark.parametrize(
    "iin",
    [
        "000101500001",
        "851231399996",
        "040229600011",
        "500615300078",
        "070707500702",
        "010101509999",
        "000101500206",
        "000101500218",
    ],
)
def test_synthetic_iins_pass(iin):
    assert iin_fault(iin) is None


@pytest.mark.parametrize(
    ("iin", "fault"),
    [
        ("000101500002", NumberFault.CHECKSUM),
        ("990229300000", NumberFault.DATE),
        ("881131300000", NumberFault.DATE),
        ("000101900001", NumberFault.KIND),
        ("00010150000", NumberFault.LENGTH),
        ("00010150000١", NumberFault.LENGTH),
        ("", NumberFault.LENGTH),
    ],
)
def test_faults_are_named(iin, fault):
    assert iin_fault(iin) is fault


@pytest.mark.parametrize("base", ["00010150022", "00010150103"])
def test_some_bases_are_never_issued(base):
    assert check_digit(base) is None


@pytest.mark.parametrize("number", ["150240000016", "201151001233", "000140000121", "240660007770", "991241234561"])
def test_synthetic_bins_pass(number):
    assert bin_fault(number) is None


def test_bin_with_another_last_digit_fails():
    assert bin_fault("150240000017") is NumberFault.CHECKSUM


def test_names_in_public():
    assert public_name("Әйгерім", "Сәрсенова", full=False) == "Әйгерім С."
    assert public_name("Әйгерім", "Сәрсенова", full=True) == "Әйгерім Сәрсенова"
    assert fold_name("Семёнова-Ли ") == fold_name("семенова ли")
