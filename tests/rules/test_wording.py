"""When an operator's text may stand in the place of ours: placeholders, per cent signs, marks of cases, markup."""

import pytest

from webapp.wording.rules import Fault, fault_of

ONE, MANY = "%(count)s vote in %(place)s", "%(count)s votes in %(place)s"


@pytest.mark.parametrize(
    ("sources", "text", "lang", "fault"),
    [
        (["Hello"], "Сәлем", "kk", None),
        (["Hello"], "Сәлем %(name)s", "kk", Fault.PLACEHOLDERS),
        (["Hello %(name)s"], "Сәлем", "kk", Fault.PLACEHOLDERS),
        (["Hello %(name)s"], "Сәлем %(name)s", "kk", None),
        (["Hello %(name)s"], "Сәлем %(name)d", "kk", Fault.PLACEHOLDERS),
        ([ONE, MANY], "Один голос в %(place)s", "ru", None),  # a singular may leave out its number
        ([ONE, MANY], "%(place)s %(other)s", "ru", Fault.PLACEHOLDERS),
        ([ONE], "Один голос в %(place)s", "ru", Fault.PLACEHOLDERS),
        (["%(part)s of 100%%"], "%(part)s из 100%%", "ru", None),
        (["%(part)s of 100%%"], "%(part)s из 100%", "ru", Fault.PER_CENT),
        (["A hundred%%"], "Сто%", "ru", Fault.PER_CENT),
        (["A hundred"], "Сто%", "ru", None),  # nothing is filled in: a per cent sign is one
        (["To %(place)s"], "%(place)s{dat} дейін", "kk", None),
        (["To %(place)s"], "%(place)s{gen}", "ru", None),
        (["To %(place)s"], "%(place)s{dat}", "ru", Fault.MARK),
        (["To %(place)s"], "%(place)s{gen}", "en", Fault.MARK),
        (["To %(place)s"], "%(place)s {dat}", "kk", Fault.MARK),
        (["To %(place)s"], "%(place)s{dat} {dat}", "kk", Fault.MARK),
        (["To %(place)s"], "%(place)s{none}", "kk", Fault.MARK),
        (["Hello"], "<b>Сәлем", "kk", Fault.MARKUP),
        (["Hello"], "Сәлем>", "kk", Fault.MARKUP),
        (["2 > 1"], "2 > 1", "kk", None),
        (["2 > 1"], "1 < 2", "kk", Fault.MARKUP),
    ],
)
def test_what_may_be_said_instead(sources, text, lang, fault):
    assert fault_of(sources, text, lang) is fault
