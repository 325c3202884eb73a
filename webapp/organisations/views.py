"""Registering an organisation, correcting its application, its members, invitations."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, url_for
from flask_login import current_user, login_required

from webapp.access.permissions import Permission
from webapp.access.predicates import Reason
from webapp.access.services import refusal, require, sentence
from webapp.kernel.clock import now
from webapp.kernel.database import LARGEST_KEY
from webapp.kernel.errors import DomainError
from webapp.kernel.htmx import render
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import localized
from webapp.kernel.loading import there
from webapp.kernel.once import once
from webapp.kernel.security import limiter
from webapp.organisations import members, services
from webapp.organisations.choices import kinds, roles
from webapp.organisations.forms import ApplicationForm, InvitationForm
from webapp.organisations.rules import State
from webapp.organisations.services import Application
from webapp.people.models import Organisation
from webapp.people.presence import person
from webapp.proposals.choices import place_choices
from webapp.territories.directory import directory
from webapp.territories.services import by_kato

bp = Blueprint("organisations", __name__)


def _organisation(key: int, lock: bool = True) -> Organisation:
    return there(services.found(key, lock))


def _application_page(form: ApplicationForm, organisation: Organisation | None = None, status: int = 200) -> Response:
    form.kind.choices = kinds()
    regions = {group.region.kato: localized(group.region) for group in directory().groups}
    form.home.choices = {"": _("Choose a place"), **place_choices(), _("Regions"): regions}
    home = by_kato((form.home.data or "")[:9])
    term = services.terms_at(home, now()).verify_working_days if home is not None else None
    context = {"form": form, "organisation": organisation, "term": term}
    return render("organisations/edit.html", status=status, **context, active="my")


def _said(form: ApplicationForm) -> Application:
    return Application(
        form.bin.data,
        form.kind.data,
        form.name.data,
        by_kato((form.home.data or "")[:9]),
        form.letter_number.data,
        form.letter_on.data,
    )


@bp.get("/organisations/new")
@login_required
def new() -> Response:
    """The form; whoever has not confirmed the address is led there first."""
    if refusal(current_user, Permission.REGISTER_ORGANISATION, None, now()) is Reason.CONFIRM_EMAIL:
        return redirect(url_for("doors.confirm", next=url_for("organisations.new")), 303)
    require(current_user, Permission.REGISTER_ORGANISATION, None, now())
    home = current_user.home
    return _application_page(ApplicationForm(home=home.kato if home else ""))


@bp.post("/organisations/new")
@login_required
@limiter.limit("10 per hour", key_func=lambda: f"organisation:{current_user.get_id()}")
@once
def create() -> Response:
    """Register it."""
    require(current_user, Permission.REGISTER_ORGANISATION, None, now())
    form = ApplicationForm()
    form.kind.choices, form.home.choices = kinds(), {}
    if form.validate():
        try:
            organisation = services.register(person(), _said(form), now())
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("The application is sent. You get an e-mail when it is decided."), "success")
            return redirect(url_for("public_organisations.show", key=organisation.id), 303)
    else:
        form.refuse_too(lambda: services.register(person(), _said(form), now()))
    return _application_page(form, status=422)


@bp.get("/organisations/<key:key>/correction")
@login_required
def edit(key: int) -> Response:
    """The refused application, to be corrected."""
    organisation = _organisation(key, lock=False)
    require(current_user, Permission.CORRECT_ORGANISATION, organisation, now())
    if services.state_of(organisation) is not State.REFUSED:
        return redirect(url_for("public_organisations.show", key=key), 303)
    form = ApplicationForm(obj=organisation)
    form.home.data = organisation.home.kato
    return _application_page(form, organisation)


@bp.post("/organisations/<key:key>/correction")
@login_required
def update(key: int) -> Response:
    """Send it again."""
    organisation, form = _organisation(key), ApplicationForm()
    require(current_user, Permission.CORRECT_ORGANISATION, organisation, now())
    form.kind.choices, form.home.choices = kinds(), {}
    if form.validate():
        try:
            services.correct(person(), organisation, _said(form), now())
        except DomainError as error:
            if error.field is None:
                raise
            form.refuse(error)
        else:
            flash(_("The application is sent. You get an e-mail when it is decided."), "success")
            return redirect(url_for("public_organisations.show", key=key), 303)
    else:
        form.refuse_too(lambda: services.correct(person(), organisation, _said(form), now()))
    return _application_page(form, organisation, 422)


def _members_page(organisation: Organisation, form: InvitationForm, status: int = 200) -> Response:
    form.role.choices = roles()
    moment = now()
    reason = refusal(current_user, Permission.INVITE_MEMBER, organisation, moment)
    is_owner = refusal(current_user, Permission.MANAGE_MEMBERS, organisation, moment) is None
    return render(
        "organisations/members.html",
        status=status,
        organisation=organisation,
        form=form,
        members=members.members_of(organisation.id),
        invitations=members.open_invitations(organisation.id, moment) if is_owner else [],
        roles=roles(),
        is_owner=is_owner,
        why_not=sentence(reason) if reason and is_owner else "",
        active="my",
    )


@bp.get("/organisations/<key:key>/members")
@login_required
def show_members(key: int) -> Response:
    """Who speaks for it; only its members see that."""
    organisation = _organisation(key, lock=False)
    require(current_user, Permission.LEAVE_ORGANISATION, organisation, now())
    return _members_page(organisation, InvitationForm(formdata=None))


@bp.post("/organisations/<key:key>/invitations")
@login_required
@limiter.limit("20 per hour", key_func=lambda: f"invite:{current_user.get_id()}")
def invite(key: int) -> Response:
    """Send an invitation."""
    organisation, form = _organisation(key), InvitationForm()
    require(current_user, Permission.INVITE_MEMBER, organisation, now())
    form.role.choices = roles()
    if form.validate():
        try:
            members.invite(person(), organisation, form.email.data, form.role.data, now())
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("The invitation is being sent."), "success")
            return redirect(url_for("organisations.show_members", key=key), 303)
    return _members_page(organisation, form, 422)


@bp.post("/organisations/<key:key>/invitations/<int:invitation>/withdrawal")
@login_required
def take_back(key: int, invitation: int) -> Response:
    """An invitation stops working."""
    members.take_back(person(), _organisation(key), min(invitation, LARGEST_KEY), now())
    flash(_("The invitation does not work any more."), "success")
    return redirect(url_for("organisations.show_members", key=key), 303)


@bp.post("/organisations/<key:key>/members/<key:user>/removal")
@login_required
def remove(key: int, user: int) -> Response:
    """End somebody's mandate."""
    organisation = _organisation(key)
    members.remove(person(), organisation, user, now())
    flash(_("This person does not represent the organisation any more."), "success")
    if user == current_user.id:
        return redirect(url_for("portal.my"), 303)
    return redirect(url_for("organisations.show_members", key=key), 303)


@bp.post("/organisations/<key:key>/members/<key:user>/ownership")
@login_required
def hand_over(key: int, user: int) -> Response:
    """Make another member the owner."""
    members.hand_over(person(), _organisation(key), user, now())
    flash(_("The organisation is handed over. You represent it from now on."), "success")
    return redirect(url_for("organisations.show_members", key=key), 303)


@bp.post("/organisations/<key:key>/departure")
@login_required
def leave(key: int) -> Response:
    """Speak for it no more."""
    organisation = _organisation(key)
    members.leave(person(), organisation, now())
    flash(_("You do not represent %(name)s any more.", name=organisation.name), "success")
    return redirect(url_for("portal.my"), 303)


@bp.get("/invitations/<token>")
def invitation(token: str) -> Response:
    """Who invites; a stranger is shown both doors, and comes back here."""
    found = members.invitation_of(token, now())
    reason = refusal(current_user, Permission.ACCEPT_INVITATION, found, now())
    return render(
        "organisations/invitation.html",
        organisation=found.organisation,
        role=roles()[found.role],
        expires_at=found.expires_at,
        reason=reason,
        why_not=sentence(reason) if reason else "",
        address=url_for("organisations.invitation", token=token),
        active="my",
    )


@bp.post("/invitations/<token>/acceptance")
@login_required
@limiter.limit("30 per hour")
def accept(token: str) -> Response:
    """Join."""
    organisation = members.accept(person(), token, now())
    flash(_("You represent %(name)s now.", name=organisation.name), "success")
    return redirect(url_for("public_organisations.show", key=organisation.id), 303)
