"""From a number in an address to a row: what is no key has no address, and where no row is, no page is."""

from __future__ import annotations

from typing import TypeVar

from flask import Flask, abort
from werkzeug.routing import IntegerConverter, Map

from webapp.kernel.database import LARGEST_KEY, by_key

Row = TypeVar("Row")


class KeyConverter(IntegerConverter):
    """`<key:...>` in an address: a whole number that a column of keys can hold. A larger one is answered by 404."""

    #: Up to `LARGEST_KEY`. Said here too: a number that fits no pattern is 404 whatever the method, and not 405.
    regex = (
        r"0*(?:\d{1,9}|1\d{9}|20\d{8}|21[0-3]\d{7}|214[0-6]\d{6}|2147[0-3]\d{5}|21474[0-7]\d{4}|214748[0-2]\d{3}"
        r"|2147483[0-5]\d{2}|21474836[0-3]\d|214748364[0-7])"
    )

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=LARGEST_KEY)


def load(model: type[Row], key: int, lock: bool = False) -> Row:
    """The row with a number out of an address, locked for a verb or to be read. Answers 404 where there is none."""
    return there(by_key(model, key, lock))


def there(row: Row | None) -> Row:
    """What a feature has looked up, or 404 where it found nothing."""
    return row if row is not None else abort(404)


def init_loading(app: Flask) -> None:
    """Teach the addresses of the application what `<key:...>` is; before any of them is registered."""
    app.url_map.converters["key"] = KeyConverter
