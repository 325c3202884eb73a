"""Forms: shapes are checked here, decisions are made by rules."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import CombinedMultiDict, FileStorage, MultiDict
from wtforms import FileField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from webapp.kernel.errors import DomainError, Invalid
from webapp.kernel.i18n import gettext as _
from webapp.kernel.text import spaced_number, tidy


def required(message: Any) -> DataRequired:
    """The field must be filled in; the message says with what."""
    return DataRequired(message=message)


def at_most(count: int) -> Length:
    """No longer than `count` characters."""
    return Length(max=count, message=_l("Shorten it: at most %(max)d characters fit."))


def not_blank(_form: Any, field: Any) -> None:
    """Blanks alone are not a text."""
    if not (field.data or "").strip():
        raise ValidationError(_("Write something here."))


class Words:
    """The library's own sentences in the words of this site; it has no Kazakh."""

    def gettext(self, text: str) -> str:
        """A sentence of the library."""
        return {
            "Not a valid choice.": _("Choose one of the options."),
            "Not a valid date value.": _("Write the date as year-month-day, for example 2026-12-31."),
            "Not a valid integer value.": _("Write a whole number."),
        }.get(text, _("Look at this field again."))

    def ngettext(self, one: str, many: str, _count: int) -> str:
        """A sentence with a number; our own validators say theirs themselves."""
        return self.gettext(one)


class BaseForm(FlaskForm):  # type: ignore[misc]
    """A form that knows how to carry a refusal of the domain back to its field."""

    class Meta:
        """What the library asks of a form."""

        def get_translations(self, _form: Any) -> Words:
            """Its sentences are ours."""
            return Words()

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """A file sent under the name of a text is no text: only a field for files ever sees one."""
            sent = FlaskForm.Meta.wrap_formdata(self, form, formdata)
            if not isinstance(sent, CombinedMultiDict):
                return sent
            files = MultiDict(
                (name, file)
                for name, file in request.files.items(multi=True)
                if isinstance(form._fields.get(name), FileField)
            )
            return CombinedMultiDict([files, request.form])

    def refuse(self, error: DomainError) -> None:
        """Show the sentence at its field, or above the form."""
        field = self._fields.get(error.field or "")
        if field is None:
            self.form_errors.append(error.message)
        else:
            field.errors = [*field.errors, error.message]


def text_field(label: Any, limit: int, *, description: Any = "", validators: tuple[Any, ...] = ()) -> StringField:
    """A line of text, tidied and limited."""
    return StringField(label, description=description, filters=[tidy], validators=[*validators, at_most(limit)])


def area_field(label: Any, limit: int, *, description: Any = "", validators: tuple[Any, ...] = ()) -> TextAreaField:
    """A text of several lines, tidied and limited."""
    return TextAreaField(label, description=description, filters=[tidy], validators=[*validators, at_most(limit)])


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
