"""Forms: shapes are checked here, decisions are made by rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.datastructures import CombinedMultiDict, FileStorage, MultiDict
from wtforms import DateField, FileField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional, StopValidation, ValidationError

from webapp.kernel.clock import EARLIEST, day_in_years, local_date, now
from webapp.kernel.database import rehearsal
from webapp.kernel.errors import DomainError, Invalid
from webapp.kernel.faults import at_fields, each_of
from webapp.kernel.i18n import format_date
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import lazy_gettext as _l
from webapp.kernel.text import is_visible, iso_date, one_line, spaced_number, tidy_lines


class Required(DataRequired):  # type: ignore[misc]
    """Something has to stand in a field; in a text, something that can be seen."""

    def __call__(self, form: Any, field: Any) -> None:
        """Stop at what is empty or invisible, with the message of the field; what could not be read has its own."""
        if field.process_errors:
            raise StopValidation()
        if isinstance(field.data, str) and not is_visible(field.data):
            field.errors[:] = []
            raise StopValidation(self.message)
        super().__call__(form, field)


def required(message: Any) -> DataRequired:
    """The field must be filled in; the message says with what."""
    return Required(message=message)


def at_most(count: int) -> Length:
    """No longer than `count` characters."""
    return Length(max=count, message=_l("Shorten it: at most %(max)d characters fit."))


def not_blank(_form: Any, field: Any) -> None:
    """Blanks alone, of whatever kind, are not a text."""
    if not is_visible(field.data):
        raise ValidationError(_("Write something here."))


class Words:
    """The library's own sentences in the words of this site; it has no Kazakh."""

    def gettext(self, text: str) -> str:
        """A sentence of the library."""
        return {
            "Not a valid choice.": _("Choose one of the options."),
            "Not a valid date value.": _("Write the date as year-month-day, for example 2026-12-31."),
            "Not a valid integer value.": _("Write a whole number."),
        }.get(text, _("Check this field again."))

    def ngettext(self, one: str, many: str, _count: int) -> str:
        """A sentence with a number; our own validators say theirs themselves."""
        return self.gettext(one)


#: What somebody typed into the form of this very address and did not send. The factory names who knows.
ON_FRESH: list[Callable[[], MultiDict[str, str] | None]] = []
#: How an act ends that is rehearsed with what a form could not read.
_CANNOT_TELL = (DomainError, TypeError, AttributeError, AssertionError, SQLAlchemyError)


class BaseForm(FlaskForm):  # type: ignore[misc]
    """A form that knows how to carry a refusal of the domain back to its field.

    One that says `keeps_typed` shows what was typed into it before, letter by letter, until it is sent.
    """

    keeps_typed = False

    class Meta:
        """What the library asks of a form."""

        def get_translations(self, _form: Any) -> Words:
            """Its sentences are ours."""
            return Words()

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """A file sent under the name of a text is no text: only a field for files ever sees one."""
            if form.keeps_typed and request.method == "GET" and ON_FRESH:
                return ON_FRESH[0]()
            sent = FlaskForm.Meta.wrap_formdata(self, form, formdata)
            if not isinstance(sent, CombinedMultiDict):
                return sent
            files = MultiDict(
                (name, file)
                for name, file in request.files.items(multi=True)
                if isinstance(form._fields.get(name), FileField)
            )
            return CombinedMultiDict([files, request.form])

    def process(self, formdata: Any = None, *args: Any, **named: Any) -> None:
        """Fill the fields; what was typed and not sent stands there as it was typed, blanks at its ends too."""
        super().process(formdata, *args, **named)
        if self.keeps_typed and request.method == "GET":
            for field in self:
                if isinstance(field, StringField) and field.raw_data:
                    field.data = str(field.raw_data[0])

    def refuse(self, error: DomainError) -> None:
        """Show each sentence at its field, or above the form; what a field says already it does not say twice."""
        for one in each_of(error):
            assert isinstance(one, DomainError)
            field = self._fields.get(one.field or "")
            if field is None:
                self.form_errors.append(one.message)
            elif one.message not in field.errors:
                field.errors = [*field.errors, one.message]

    def refuse_too(self, check: Callable[[], object], names: Mapping[str, str] | None = None) -> None:
        """Beside what the fields say themselves, show what a service would refuse: everything at once.

        `check` is a rehearsal: whatever it does is rolled back. A field that says something already says no more;
        `names` are those that the form calls otherwise.
        """
        try:
            with rehearsal():
                check()
        except Invalid as error:
            for one in each_of(at_fields(error, names or {})):
                assert isinstance(one, DomainError)
                field = self._fields.get(one.field or "")
                if field is None or not field.errors:
                    self.refuse(one)
        except _CANNOT_TELL:
            return  # of what could not be read nothing more can be said; it is when the rest is right


def text_field(label: Any, limit: int, *, description: Any = "", validators: tuple[Any, ...] = ()) -> StringField:
    """One line of text, tidied and limited: every run of blanks and line ends is one blank."""
    return StringField(label, description=description, filters=[one_line], validators=[*validators, at_most(limit)])


def area_field(label: Any, limit: int, *, description: Any = "", validators: tuple[Any, ...] = ()) -> TextAreaField:
    """A text of several lines, tidied and limited; it is shown with its lines (`|lines`)."""
    return TextAreaField(label, description=description, filters=[tidy_lines], validators=[*validators, at_most(limit)])


class ProseField(TextAreaField):  # type: ignore[misc]
    """A text of several lines that is shown with the three marks of `kernel/markdown.py`; the page says which."""

    marks = True

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.type = TextAreaField.__name__  # to a page it is one


def prose_field(label: Any, limit: int, *, description: Any = "", validators: tuple[Any, ...] = ()) -> TextAreaField:
    """A text that may hold marks, tidied and limited; it is shown by `|markdown`."""
    return ProseField(label, description=description, filters=[tidy_lines], validators=[*validators, at_most(limit)])


def digits_field(
    label: Any, *, description: Any = "", validators: tuple[Any, ...] = (), signed: bool = False
) -> StringField:
    """A number as people write it, with blanks between the digits; the form or a rule reads and bounds it."""
    keys = {"autocomplete": "off"} if signed else {"inputmode": "numeric", "autocomplete": "off"}
    return StringField(
        label,
        description=description,
        filters=[lambda value: one_line(value) if isinstance(value, str) else value],  # a number out of a row stays one
        validators=[*validators, at_most(40)],
        render_kw=keys,
    )


class BoundedDateField(DateField):  # type: ignore[misc]
    """A day between two others; the browser knows both, and so does the sentence of refusal."""

    def __init__(
        self, label: Any, *, earliest: Callable[[], date], latest: Callable[[], date], validators: Any, **options: Any
    ) -> None:
        super().__init__(label, validators=validators, **options)
        self.earliest, self.latest = earliest, latest
        self.type = DateField.__name__  # to a page it is one

    def __call__(self, **attributes: Any) -> Any:
        """The control, with the first and the last day that it takes."""
        return super().__call__(**{"min": self.earliest().isoformat(), "max": self.latest().isoformat()} | attributes)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was sent: a day of the calendar, written as year-month-day, in its bounds."""
        self.data = None
        raw = " ".join(map(str, valuelist)).strip()
        if not raw:
            return
        day = iso_date(raw)
        if day is None:
            raise ValueError(_("Write the date as year-month-day, for example 2026-12-31."))
        if not self.earliest() <= day <= self.latest():
            bounds = {"first": format_date(self.earliest()), "last": format_date(self.latest())}
            raise ValueError(_("Choose a day from %(first)s to %(last)s.", **bounds))
        self.data = day


def date_field(
    label: Any,
    *,
    description: Any = "",
    needed: Any = None,
    earliest: Callable[[], date] = lambda: EARLIEST,
    latest: Callable[[], date] = lambda: day_in_years(30, local_date(now())),
) -> DateField:
    """A day, by default from the independence of the country to thirty years on; `needed` says that it must be there."""
    validators = [required(needed)] if needed else [Optional()]
    return BoundedDateField(label, description=description, earliest=earliest, latest=latest, validators=validators)


def today() -> date:
    """The latest day of what has happened already."""
    return local_date(now())


def amount_of(field: StringField, message: str) -> int | None:
    """The sum that a field holds, in whole units; None where it is empty. Raises `Invalid` at it for anything else."""
    number = spaced_number(field.data)
    if number is None and field.data:
        raise Invalid(message, field.short_name)
    return number


def file_of(field: FileField) -> FileStorage | None:
    """The file that was chosen; a text sent under the name of a file is none."""
    sent = field.data
    return sent if isinstance(sent, FileStorage) and sent.filename else None
