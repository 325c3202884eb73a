"""What is typed when a role is given."""

from __future__ import annotations

from wtforms import EmailField, RadioField, SelectField

from webapp.kernel.forms import BaseForm, at_most, date_field, required
from webapp.kernel.i18n import lazy_gettext as _l
from webapp.kernel.text import one_line


class GrantForm(BaseForm):
    """Who, what, where, until when."""

    email = EmailField(
        _l("E-mail of the person"),
        description=_l("The person has signed up and confirmed the e-mail."),
        filters=[one_line],
        validators=[required(_l("Write the e-mail of the person.")), at_most(254)],
        render_kw={"autocomplete": "off"},
    )
    role = RadioField(_l("Role"), validators=[required(_l("Choose a role from the list."))], validate_choice=False)
    territory = SelectField(_l("Territory"), validators=[required(_l("Choose a territory."))], validate_choice=False)
    until = date_field(
        _l("Last day"), description=_l("Empty: until somebody ends it. After this day the role ends automatically.")
    )
