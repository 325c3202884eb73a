"""What is filled in to find the other proposal, and the others."""

from __future__ import annotations

from wtforms import HiddenField

from webapp.kernel.forms import BaseForm, required, text_field
from webapp.kernel.i18n import lazy_gettext as _l
from webapp.proposals.rules import TITLE_MAX


class ChoiceForm(BaseForm):
    """The proposal that stays."""

    into = text_field(
        _l("Number of the other proposal"),
        40,
        description=_l("From its talon, for example 6110-2026-00041, or the number in the address of its page."),
        validators=(required(_l("Choose a published proposal on the same matter.")),),
    )


class SearchForm(BaseForm):
    """What the proposals are about."""

    class Meta(BaseForm.Meta):
        """Reading needs no token."""

        csrf = False

    about = text_field(_l("What are they about?"), TITLE_MAX * 2, description=_l("A few words, as in a title."))


class MatterForm(BaseForm):
    """The territory; what is ticked is read from the rows."""

    territory = HiddenField()
    about = HiddenField()
