"""What an operator writes when votes are set aside."""

from __future__ import annotations

from webapp.kernel.forms import BaseForm, area_field, required
from webapp.kernel.i18n import lazy_gettext as _l

NOTE_MAX = 1000


class CheckForm(BaseForm):
    """Why, in the operator's own words."""

    note = area_field(
        _l("Why you set them aside"),
        NOTE_MAX,
        description=_l("For your colleagues. It is not public."),
        validators=(required(_l("Write in a sentence why you set these votes aside.")),),
    )
