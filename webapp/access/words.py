"""Roles, and the table of permissions, in words for everybody."""

from __future__ import annotations

from webapp.access.permissions import POLICY
from webapp.access.rules import Role
from webapp.kernel.i18n import by_language
from webapp.kernel.i18n import gettext as _


@by_language
def role_labels() -> dict[str, str]:
    """Roles as people read them."""
    return {
        Role.MODERATOR: _("Moderator"),
        Role.OFFICER: _("Officer"),
        Role.ANALYST: _("Analyst"),
        Role.OPERATOR: _("Operator"),
    }


@by_language
def role_duties() -> dict[str, str]:
    """A role with what it is for, for whoever gives it."""
    return {
        Role.MODERATOR: _("Moderator: checks texts of the territory and below"),
        Role.OFFICER: _("Officer: answers for the body of this territory"),
        Role.ANALYST: _("Analyst: reads what is not public yet"),
        Role.OPERATOR: _("Operator: runs the site, gives roles"),
    }


@by_language
def act_sentences() -> dict[str, str]:
    """Each permission as something that a person does."""
    return {
        "proposal:see": _("Read a proposal"),
        "draft:keep": _("Go on with a draft"),
        "proposal:submit": _("Send a proposal"),
        "proposal:revise": _("Answer a question about a proposal and change its text"),
        "proposal:withdraw": _("Take a proposal back"),
        "proposal:appeal": _("Appeal against a rejection or a refusal"),
        "proposal:vote": _("Support or oppose a proposal"),
        "proposal:vote-for-organisation": _("Support or oppose a proposal for an organisation"),
        "organisation:speak": _("Vote for an organisation as its representative"),
        "desk:see": _("Open the desk and read what is not public yet"),
        "decision:undo": _("Take a decision back within a minute"),
        "proposal:work-on": _("Write notes, assign and mark what is on the desk"),
        "department:manage": _("Open and close departments of a body"),
        "phrase:keep": _("Save templates of a body"),
        "reason:edit": _("Change the texts of the reasons for a rejection"),
        "proposal:triage": _("Publish a proposal, return it, reject it or forward it"),
        "proposal:merge": _("Join a proposal to another one, and separate them again"),
        "proposal:adopt": _("Take up proposals of several places as one matter"),
        "proposal:answer": _("Give the answer of a body"),
        "milestone:report": _("Report a milestone as done, or open it again"),
        "milestone:plan": _("Promise more milestones of a proposal"),
        "proposal:judge": _("Judge the result of a proposal that they support"),
        "organisation:see": _("See an organisation"),
        "organisation:register": _("Register an organisation"),
        "organisation:correct": _("Correct what an organisation has sent"),
        "organisation:verify": _("Verify an organisation, or refuse it with a reason"),
        "organisation:accredit": _("Record the accreditation of an association"),
        "member:invite": _("Invite somebody to represent an organisation"),
        "invitation:accept": _("Accept an invitation"),
        "member:manage": _("Remove a member, or hand an organisation over"),
        "organisation:leave": _("Leave an organisation"),
        "staff:see": _("See the list of staff, with the buttons to change it"),
        "grant:give": _("Give a role"),
        "grant:end": _("End a role"),
        "resident:be-verified": _("Be verified as a resident, and report a move"),
        "residents-desk:see": _("Open the page on which residents are verified in person"),
        "resident:verify": _("Verify a resident who is present"),
        "photo:remove": _("Remove the photo of a proposal"),
        "flags:review": _("Look at reports about a proposal: let it stay, or hide it with a reason in public"),
        "hiding:judge": _("Decide on an author's appeal against a hiding"),
        "fraud-desk:see": _("See networks, sudden rises and similar accounts"),
        "votes:set-aside": _("Set votes aside for checking, and give them back"),
        "dead-letters:see": _("See mails that could not be sent, send them again or stop trying"),
        "strategy:see": _("Read a direction, a programme or a measure"),
        "strategy:edit": _("Write, publish, change and end a direction, a programme or a measure"),
        "money:enter": _("Enter money that is planned, committed or spent"),
        "commitment:make": _("Promise money to a city"),
        "commitment:answer": _("Accept or refuse promised money"),
        "offer:see": _("Read an offer of an organisation"),
        "offer:keep": _("Agree that an offer is public, or take it back"),
        "offer:answer": _("Take up or decline an offer, and record its stages"),
        "proposal:place": _("Confirm what a proposal is part of"),
        "proposal:join-measure": _("Make a measure of an accepted proposal, or join it to one"),
    }


@by_language
def condition_sentences() -> dict[str, str]:
    """Each predicate of the table, by its name, as a condition."""
    return {
        "signed_in": _("has signed in"),
        "email_confirmed": _("has confirmed the e-mail"),
        "verified": _("is verified as a resident"),
        "voting_open": _("the proposal accepts votes at this moment"),
        "may_read_proposal": _(
            "it is published; before that: is its author, or has a role in the territory that holds it or in the one where it began"
        ),
        "holds_draft": _("the draft is their own, or belongs to no account yet"),
        "is_author": _("is the author of the proposal"),
        "not_own_proposal": _("neither wrote the proposal nor belongs to the organisation that proposed it"),
        "is_staff": _("has a role that is in force"),
        "moderates_seat": _("is moderator of the territory that holds the proposal, or of one above it"),
        "merges_both": _(
            "is moderator of the territory that holds the proposal, or of one above it, and of the territory that holds the other or where it began; or is officer of a territory above the cities of both"
        ),
        "wrote_neither": _("wrote neither of the two, nor belongs to the organisation that did"),
        "answers_above_cities": _("is officer of a region or of the nation"),
        "did_not_reject": _("has not rejected the same proposal before"),
        "moderates_desk": _("is moderator of the territory on whose desk it is, or of one above it"),
        "not_own_matter": _("neither wrote the proposal nor belongs to the organisation that proposed it"),
        "did_not_hide": _("is not the one who hid it"),
        "wrote_or_moderates": _("wrote the proposal, or moderates for the body that holds it"),
        "answers_for_seat": _("is officer of the very territory that holds the proposal"),
        "second_step_taken": _("signs in with a second step, where the site asks it of staff"),
        "still_speaks": _("where it was sent for an organisation: still represents it"),
        "is_member": _("represents the organisation"),
        "owns_organisation": _("is an owner of the organisation"),
        "may_read_organisation": _(
            "it is verified; before that: represents it, or is moderator of its home or of a territory above it"
        ),
        "moderates_home": _("is moderator of the territory where the organisation is based, or of one above it"),
        "not_own_organisation": _("does not belong to the organisation"),
        "verified_organisation": _("the organisation is verified"),
        "is_association": _("the organisation is an association of businesses"),
        "is_invited": _("the invitation was sent to their address"),
        "gives_roles": _("is operator, moderator or officer"),
        "gives_this_role_here": _(
            "is operator of the territory or of one above it; roles of moderator and officer also: is moderator or officer of a territory above it"
        ),
        "moderates_somewhere": _("is moderator of a territory"),
        "moderates_home_of_resident": _("is moderator of the territory where the resident lives, or of one above it"),
        "not_the_resident": _("is not the resident themselves"),
        "operates_everywhere": _("is operator of the whole country"),
        "works_on_seat": _("moderates for the body that holds the proposal, or answers for it"),
        "moderates_territory": _("is moderator of the territory or of one above it"),
        "works_in_body": _("works for the body, or moderates above it"),
        "decided_it": _("made the decision"),
        "still_decides_there": _("moderates there still"),
        "for_somebody_else": _("does it for somebody else, never for themselves"),
        "may_read_strategy": _("it is published; before that: is officer of the very territory whose it is"),
        "answers_for_territory": _("is officer of the very territory whose it is, not of one above or below it"),
        "gives_commitment": _("is officer of the region of the city, or of the nation"),
        "answers_for_origin": _("is officer of the city where the proposal began"),
        "supports_it": _("supports the proposal with a vote that counts"),
        "may_read_offer": _(
            "the organisation has agreed that it is public; before that: represents it, or is officer of the territory or of one above it"
        ),
        "speaks_for_offer": _("represents the organisation that has made it"),
        "not_own_offer": _("does not belong to the organisation that has made it"),
        "answers_for_milestone": _(
            "is officer of the territory that holds the proposal, or of the one whose measure it is"
        ),
        "not_own_milestone": _("neither wrote the proposal nor belongs to the organisation that proposed it"),
        "answers_for_city": _("is officer of the city to which it is promised"),
    }


def table_in_words() -> list[tuple[str, list[str]]]:
    """The table of permissions: each act, and what must all be true of whoever does it."""
    acts, conditions = act_sentences(), condition_sentences()
    return [(acts[act], [conditions[predicate.__name__] for predicate in row]) for act, row in POLICY.items()]
