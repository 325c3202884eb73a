"""Numbers of persons, looked for wherever the program leaves something behind.

An IIN begins with a date of birth, so its fifth digit (the tens of the day) is 0 to 3. The fifth digit of a
BIN is 4, 5 or 6, the kind of the organisation; BINs are public. The two cannot be mistaken for one another.
The check is written down here once more, not borrowed from the program that it looks after.
"""

from __future__ import annotations

import re
from datetime import date

#: Twelve digits on their own: not a part of a longer number, a hash or a name.
TWELVE = re.compile(r"(?<![0-9A-Za-z_])\d{12}(?![0-9A-Za-z_])")
CENTURIES = {1: 1800, 2: 1800, 3: 1900, 4: 1900, 5: 2000, 6: 2000}


def digit(eleven: str) -> int | None:
    """The twelfth digit (order P030000565_ of the Government), or None where there is none."""
    for weights in ((1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)):
        rest = sum(int(figure) * weight for figure, weight in zip(eleven, weights, strict=True)) % 11
        if rest < 10:
            return rest
    return None


def is_iin(number: str) -> bool:
    """Whether twelve digits can be the number of a person."""
    if number[4] in "456789" or int(number[6]) not in CENTURIES:
        return False
    try:
        date(CENTURIES[int(number[6])] + int(number[:2]), int(number[2:4]), int(number[4:6]))
    except ValueError:
        return False
    return digit(number[:11]) == int(number[11])


def is_bin(number: str) -> bool:
    """Whether twelve digits can be the public number of an organisation."""
    return (
        "01" <= number[2:4] <= "12"
        and number[4] in "456"
        and number[5] in "0123"
        and digit(number[:11]) == int(number[11])
    )


def canaries(text: str) -> list[str]:
    """The numbers of persons in a text."""
    return sorted({number for number in TWELVE.findall(text) if is_iin(number)})


def number(eleven: str) -> str:
    """A number that passes its check; it belongs to nobody."""
    return f"{eleven}{digit(eleven)}"
