"""Which mails somebody wants."""

from __future__ import annotations

from wtforms import BooleanField

from webapp.kernel.forms import BaseForm
from webapp.kernel.i18n import lazy_gettext as _l


class WishForm(BaseForm):
    """Two switches."""

    own = BooleanField(
        _l("Mails at once about my own proposals, and about what is due in my role"),
        description=_l("At most ten a day; the others come in the weekly mail."),
    )
    digest = BooleanField(
        _l("One mail a week about what I follow or support"),
        description=_l("On Monday morning. If nothing has happened, no mail is sent."),
    )
