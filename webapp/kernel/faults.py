"""Everything that is wrong with a form at once: a service gathers its refusals and raises them together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from webapp.kernel.database import rehearsal
from webapp.kernel.errors import Invalid
from webapp.kernel.text import all_written

T = TypeVar("T")


class Several(Invalid):
    """More than one thing to change. As a sentence it is the first; a form shows each at its own field."""

    def __init__(self, faults: list[Invalid]) -> None:
        super().__init__(faults[0].message, faults[0].field)
        self.faults = tuple(faults)


def each_of(error: Exception) -> tuple[Exception, ...]:
    """The refusals in one: of several each, of another itself."""
    return error.faults if isinstance(error, Several) else (error,)


def at_fields(error: Invalid, names: Mapping[str, str]) -> Invalid:
    """The same refusals at the fields of a form that calls some of them otherwise."""
    moved = [
        Invalid(one.message, names.get(one.field or "", one.field))
        for one in each_of(error)
        if isinstance(one, Invalid)
    ]
    return moved[0] if len(moved) == 1 else Several(moved)


class Faults:
    """A list of what has to be changed, in the order of the fields; one sentence stands at a field once."""

    def __init__(self) -> None:
        self._found: list[Invalid] = []

    def add(self, message: str, field: str) -> None:
        """Note one."""
        if not any((one.message, one.field) == (message, field) for one in self._found):
            self._found.append(Invalid(message, field))

    def both(self, message: str, **texts: str | None) -> None:
        """Note each field of a text in several languages that nothing is written in."""
        for field, text in texts.items():
            if not all_written(text or ""):
                self.add(message, field)

    def take(self, others: Faults) -> None:
        """Note what another list holds."""
        for one in others._found:
            self.add(one.message, one.field or "")

    def of(self, read: Callable[[], T], fallback: T) -> T:
        """What `read` returns; its refusal is noted, and `fallback` stands for what could not be read."""
        try:
            return read()
        except Invalid as error:
            for one in each_of(error):
                assert isinstance(one, Invalid)
                self.add(one.message, one.field or "")
            return fallback

    def stop_or(self, act: Callable[[], T]) -> T:
        """Do it where nothing was noted. Else rehearse it, so that its own refusals are told too, and raise all."""
        if not self._found:
            return act()
        with rehearsal():
            self.of(act, None)
        self.stop()
        raise AssertionError("there was something to raise")

    def stop(self) -> None:
        """Raise all that was noted; nothing where nothing was."""
        if len(self._found) == 1:
            raise self._found[0]
        if self._found:
            raise Several(self._found)
