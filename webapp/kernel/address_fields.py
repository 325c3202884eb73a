"""The field for an e-mail address: only what a mail of ours can reach is taken, and what is wrong is said."""

from __future__ import annotations

from typing import Any

from wtforms import EmailField
from wtforms.validators import ValidationError

from webapp.kernel.addresses import AddressFault, address_fault
from webapp.kernel.forms import at_most, required
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import lazy_gettext as _l
from webapp.kernel.text import tidy


def reachable(_form: Any, field: EmailField) -> None:
    """An address of the usual shape, with Latin letters before the @."""
    fault = address_fault(field.data)
    if fault is AddressFault.LETTERS:
        raise ValidationError(
            _(
                "Before the @ there is a letter that is not Latin, perhaps a Cyrillic one that looks the same. Mails do not arrive there. Type the address again with the English keyboard."
            )
        )
    if fault is not None:
        raise ValidationError(_("Write an e-mail address like name@example.kz."))


def email_field(label: Any, *, description: Any = "", ask: Any = "", autocomplete: str = "email") -> EmailField:
    """A field in which an address is written to which a mail will go; `ask` is said where it is empty."""
    return EmailField(
        label,
        description=description,
        filters=[tidy],
        validators=[required(ask or _l("Write your e-mail address.")), at_most(254), reachable],
        render_kw={"autocomplete": autocomplete},
    )
