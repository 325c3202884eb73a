"""Registration, invitation, and what a moderator fills in."""

from __future__ import annotations

from wtforms import HiddenField, RadioField, SelectField, StringField

from webapp.kernel.address_fields import email_field
from webapp.kernel.forms import BaseForm, area_field, at_most, date_field, required, text_field
from webapp.kernel.i18n import lazy_gettext as _l


class ApplicationForm(BaseForm):
    """What an organisation says of itself."""

    bin = StringField(
        _l("BIN"),
        description=_l("12 digits, in the registration document. The BIN of an organisation is public."),
        filters=[lambda v: "".join((v or "").split())],
        validators=[required(_l("Write the BIN of the organisation.")), at_most(20)],
        render_kw={"autocomplete": "off", "inputmode": "numeric"},
    )
    kind = RadioField(
        _l("Kind of organisation"),
        validate_choice=False,
        validators=[required(_l("Choose what kind of organisation it is."))],
    )
    name = text_field(
        _l("Name of the organisation"),
        200,
        description=_l("As in the registration document; everybody will see it."),
        validators=(required(_l("Write the name of the organisation.")),),
    )
    home = SelectField(
        _l("City, district or region where it is based"),
        description=_l("Its akimat verifies the organisation, and its votes count there."),
        validate_choice=False,
        validators=[required(_l("Choose the city, district or region where it is based."))],
    )
    letter_number = text_field(
        _l("Number of the official letter"),
        60,
        description=_l(
            "A letter of the organisation to the akimat that names you as its representative. We keep its number and date, no copies of documents."
        ),
        validators=(required(_l("Write the number of the letter.")),),
    )
    letter_on = date_field(_l("Date of the letter"), needed=_l("Write the date of the letter."))


class InvitationForm(BaseForm):
    """Whom to invite."""

    email = email_field(
        _l("E-mail of the person"),
        description=_l("We send a code there that works once, for seven days."),
        ask=_l("Write the e-mail address of the person."),
        autocomplete="off",
    )
    role = RadioField(_l("The person becomes"), default="representative", validate_choice=False)


class VerifyForm(BaseForm):
    """Which sending of the application the page shows."""

    seen = HiddenField()


class RefuseForm(BaseForm):
    """Why not."""

    seen = HiddenField()
    reason = area_field(
        _l("Reason"),
        2000,
        description=_l("The owner reads it, corrects the application and sends it again."),
        validators=(required(_l("Write the reason: the owner has to know what to correct.")),),
    )


class AccreditForm(BaseForm):
    """A certificate of accreditation."""

    certificate_number = text_field(
        _l("Number of the certificate"), 60, validators=(required(_l("Write the number of the certificate.")),)
    )
    certificate_on = date_field(_l("Date of the certificate"), needed=_l("Write the date of the certificate."))
    until = date_field(_l("Accredited until"), needed=_l("Write the last day of the accreditation."))
