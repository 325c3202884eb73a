"""What staff fill in on the desk, decisions apart."""

from __future__ import annotations

from wtforms import HiddenField, RadioField, SelectField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.kernel.forms import BaseForm, area_field, date_field, required, text_field
from webapp.kernel.i18n import lazy_gettext as _l
from webapp.teamwork.rules import NOTE_MAX


class Boxes(SelectMultipleField):
    """Several of a list, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class NoteForm(BaseForm):
    """An internal note."""

    note = area_field(_l("Note for colleagues"), NOTE_MAX, validators=(required(_l("Write the note.")),))
    mention = Boxes(_l("Mention"), validate_choice=False, coerce=str)
    back = HiddenField()


class AssignForm(BaseForm):
    """Who is to have it: "me", "nobody", "turn" or the number of a colleague."""

    assignee = SelectField(_l("Assigned to"), validate_choice=False)
    back = HiddenField()


class ViewForm(BaseForm):
    """A name for the filter."""

    name = text_field(_l("Save this filter as"), 60, validators=(required(_l("Give the filter a name.")),))
    query = HiddenField()


class SettingForm(BaseForm):
    """How one works."""

    languages = Boxes(_l("Languages that I read"), validate_choice=False, coerce=str)
    department = SelectField(_l("My department"), validate_choice=False)
    away_until = date_field(_l("Away; back on"), description=_l("Until then nothing is shown to you in turn."))


class DepartmentForm(BaseForm):
    """A department of a body."""

    territory = SelectField(_l("Body"), validate_choice=False)
    name_kk = text_field(
        _l("Name in Kazakh"), 120, validators=(required(_l("Write the name in all three languages.")),)
    )
    name_ru = text_field(
        _l("Name in Russian"), 120, validators=(required(_l("Write the name in all three languages.")),)
    )
    name_en = text_field(
        _l("Name in English"), 120, validators=(required(_l("Write the name in all three languages.")),)
    )


class BatchForm(BaseForm):
    """One act on many."""

    act = HiddenField()
    back = HiddenField()
    assignee = SelectField(_l("Assign to"), validate_choice=False)
    sphere = SelectField(_l("Sphere"), validate_choice=False)
    target = SelectField(_l("Body that can take them"), validate_choice=False)
    reason = RadioField(_l("Reason, the same for all"), validate_choice=False)
