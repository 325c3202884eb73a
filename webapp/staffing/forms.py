"""What is typed when a role is given."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, EmailField, RadioField, SelectField
from wtforms.validators import Optional

from webapp.kernel.forms import BaseForm, at_most, required
from webapp.kernel.text import tidy


class GrantForm(BaseForm):
    """Who, what, where, until when."""

    email = EmailField(
        _l("E-mail of the person"),
        description=_l("The person has signed up and confirmed the e-mail."),
        filters=[tidy],
        validators=[required(_l("Write the e-mail of the person.")), at_most(254)],
        render_kw={"autocomplete": "off"},
    )
    role = RadioField(_l("Role"), validators=[required(_l("Choose a role from the list."))], validate_choice=False)
    territory = SelectField(_l("Territory"), validators=[required(_l("Choose a territory."))], validate_choice=False)
    until = DateField(
        _l("Last day"),
        description=_l("Empty: until somebody ends it. After this day the role ends by itself."),
        validators=[Optional()],
    )
