"""Saty: proposals that climb from a city to the nation. Nobody imports this module but `wsgi.py`."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import (
    Flask,
    Response,
    flash,
    g,
    get_flashed_messages,
    has_request_context,
    redirect,
    request,
    session,
    url_for,
)
from flask_login import current_user
from flask_migrate import Migrate

from webapp import cli, config
from webapp.access.permissions import Permission
from webapp.access.predicates import Reason
from webapp.access.services import note_ended_grants, refusal
from webapp.account.jobs import forget_invitations, forget_refused, forget_rest, forget_unconfirmed
from webapp.account.views import bp as account
from webapp.answering.views import bp as answering
from webapp.cascade.edit_views import bp as cascade_edit
from webapp.cascade.money_views import bp as cascade_money
from webapp.cascade.serving_views import bp as cascade_serving
from webapp.cascade.views import bp as cascade
from webapp.delivery.jobs import milestones, miss_of_measures
from webapp.delivery.judging import close_rounds
from webapp.delivery.reporting import miss_first_dates
from webapp.delivery.views import bp as delivery
from webapp.desk.aside import bp as desk_aside
from webapp.desk.batch_views import bp as desk_batches
from webapp.desk.letters import bp as desk_letters
from webapp.desk.strategy import bp as desk_strategy
from webapp.desk.team import bp as desk_team
from webapp.desk.views import bp as desk
from webapp.doors.address import bp as address
from webapp.doors.entrance import door_with_form, form_of_another
from webapp.doors.kept import bp as kept
from webapp.doors.passkeys import bp as passkeys
from webapp.doors.passwords import bp as passwords
from webapp.doors.second_step import bp as second_step
from webapp.doors.typing import bp as typing
from webapp.doors.typing import restored, typed_form, typed_here
from webapp.doors.views import bp as doors
from webapp.escalation.jobs import windows_and_silence
from webapp.flagging.desk import bp as flagging_desk
from webapp.flagging.jobs import flag_terms, forget_flag_networks, tell_reporters
from webapp.flagging.views import bp as flagging
from webapp.fraud.jobs import forget_networks, keep_checks_complete
from webapp.fraud.returning import return_votes
from webapp.fraud.telling import tell_of_checks
from webapp.fraud.views import bp as fraud
from webapp.hanging.jobs import remind
from webapp.hanging.pages import bp as hanging
from webapp.hanging.services import forget_reminders, keep_cases
from webapp.journal.services import seal_facts
from webapp.kernel import outage
from webapp.kernel.challenge import forget_used
from webapp.kernel.clock import now
from webapp.kernel.components import init_components
from webapp.kernel.database import SAFE_METHODS, TransactionalFlask, db, init_database
from webapp.kernel.dead_letters import forget_messages
from webapp.kernel.errors import ON_SIGN_IN_OVER, SENTENCES_OF_THE_SITE, init_errors, problem
from webapp.kernel.forms import ON_FRESH
from webapp.kernel.htmx import wants_fragment
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import init_i18n, language_links
from webapp.kernel.jobs import jobs
from webapp.kernel.loading import init_loading
from webapp.kernel.mail import deliver_due, init_mail
from webapp.kernel.once import forget_sent_forms
from webapp.kernel.security import CSRFError, init_security, put_on_armour
from webapp.kernel.static import init_static
from webapp.kernel.typed import begun_as, is_own_form
from webapp.merging.views import bp as merging
from webapp.moderation.jobs import triage_terms
from webapp.moderation.views import bp as moderation
from webapp.moderation.word_views import bp as moderation_words
from webapp.notifications.digest import forget_notices, send_digests
from webapp.notifications.ops import bp as mail_desk
from webapp.notifications.reading import bp as secret_addresses
from webapp.notifications.services import tell
from webapp.notifications.views import bp as notices
from webapp.offers.pages import bp as offers
from webapp.offers.plans import forget_stray_plans
from webapp.offers.services import note_silence
from webapp.organisations.desk import bp as organisations_desk
from webapp.organisations.jobs import accreditations, verification_terms
from webapp.organisations.views import bp as organisations
from webapp.people.codes import forget_codes
from webapp.people.passkeys import forget_challenges
from webapp.people.presence import TOKEN, init_presence
from webapp.people.rules import ABSOLUTE
from webapp.people.sign_ins import forget_old as forget_old_sign_ins
from webapp.people.tries import forget_tries
from webapp.people.waiting_forms import forget_forms
from webapp.photos.services import forget_strays
from webapp.portal.health import bp as health
from webapp.portal.journal import bp as journal
from webapp.portal.machines import bp as machines
from webapp.portal.moderation_log import bp as moderation_log
from webapp.portal.open_data import bp as open_data
from webapp.portal.organisations import bp as public_organisations
from webapp.portal.places import bp as places
from webapp.portal.views import bp as portal
from webapp.proposals.photo import bp as photo
from webapp.proposals.saving import bp as saving
from webapp.proposals.services import forget_old_drafts
from webapp.proposals.views import bp as proposing
from webapp.replicating.pages import bp as replicating
from webapp.staffing.views import bp as staffing
from webapp.verification.clerk import bp as verification_desk
from webapp.verification.jobs import forget_old_attempts
from webapp.verification.views import bp as verification
from webapp.verification.ways import bp as verification_ways
from webapp.voting.recounting import recount_on
from webapp.voting.views import bp as voting
from webapp.voting.wishes import count_wishes
from webapp.wording.overrides import init_wording

ROOT = config.ROOT
BLUEPRINTS = (
    *(portal, machines, open_data, places, public_organisations, journal),
    *(proposing, saving, photo, voting, moderation, merging),
    *(answering, organisations, organisations_desk, staffing, fraud),
    *(doors, kept, typing, second_step, passwords, passkeys, address, account, health),
    *(verification, verification_ways, verification_desk),
    *(desk, desk_aside, desk_batches, desk_letters, desk_team, desk_strategy, moderation_words),
    *(flagging, flagging_desk, moderation_log),
    *(notices, secret_addresses, mail_desk),
    *(cascade, cascade_edit, cascade_money, cascade_serving, hanging, delivery, replicating, offers),
)


def create_app(**settings: Any) -> Flask:
    """The application. `settings` override what the environment says (tests use this)."""
    instance = Path(settings.pop("INSTANCE", os.environ.get("INSTANCE_PATH", ROOT / "instance"))).resolve()
    instance.mkdir(parents=True, exist_ok=True)
    app = TransactionalFlask(
        __name__,
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
        instance_path=str(instance),
    )
    app.config.from_mapping(config.load(instance))
    app.config.from_mapping(settings)
    if app.config["PRODUCTION"] and (faults := config.unsafe(app.config)):
        raise config.SettingError("Production does not start like this:\n- " + "\n- ".join(faults))
    if faults := config.incomplete(app.config):
        raise config.SettingError("These settings do not fit together:\n- " + "\n- ".join(faults))
    app.permanent_session_lifetime = ABSOLUTE[False]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    init_database(app)
    init_errors(app)
    init_security(app)
    init_loading(app)
    init_i18n(app)
    init_wording(app)
    init_mail(app)
    init_components(app)
    _init_sign_in(app)
    _init_pages(app)
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True, compare_type=True)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    _register_jobs()
    cli.register(app)
    init_static(app)
    put_on_armour(app)
    return app


def _register_jobs() -> None:
    """Deadlines first, then the mails that tell of them, then the seal."""
    jobs.add("wishes of authors", count_wishes, timedelta(minutes=1))
    jobs.add("triage terms", triage_terms)
    jobs.add("windows and silence", windows_and_silence)
    jobs.add("milestones", milestones)
    jobs.add("milestones of measures", miss_of_measures)
    jobs.add("dates promised first", miss_first_dates, timedelta(minutes=5))
    jobs.add("judging", close_rounds)
    jobs.add("hanging", keep_cases, timedelta(minutes=5))
    jobs.add("reminders of what hangs", remind, timedelta(hours=1))
    jobs.add("offers", note_silence, timedelta(minutes=5))
    jobs.add("organisations", verification_terms)
    jobs.add("accreditations", accreditations, timedelta(hours=1))
    jobs.add("flags", flag_terms)
    jobs.add("grants", note_ended_grants)
    jobs.add("checks", keep_checks_complete, timedelta(minutes=1))
    jobs.add("votes given back", return_votes, timedelta(minutes=5))
    jobs.add("sums of checks", tell_of_checks, timedelta(minutes=30))
    jobs.add("notices", tell)
    jobs.add("answers to reports", tell_reporters)
    jobs.add("digests", send_digests, timedelta(minutes=1))
    jobs.add("mail", deliver_due)
    jobs.add("seal", seal_facts)
    jobs.add("recount", recount_on, timedelta(seconds=5))
    jobs.add("sign-ins", forget_old_sign_ins, timedelta(hours=6))
    jobs.add("codes", forget_codes, timedelta(hours=6))
    jobs.add("failed tries", forget_tries, timedelta(hours=1))
    jobs.add("refused addresses", forget_refused, timedelta(hours=6))
    jobs.add("challenges", forget_challenges, timedelta(hours=6))
    jobs.add("drafts", forget_old_drafts, timedelta(hours=6))
    jobs.add("sent forms", forget_sent_forms, timedelta(hours=6))
    jobs.add("waiting forms", forget_forms, timedelta(hours=6))
    jobs.add("verification", forget_old_attempts, timedelta(minutes=10))
    jobs.add("unconfirmed accounts", forget_unconfirmed, timedelta(hours=6))
    jobs.add("invitations", forget_invitations, timedelta(hours=6))
    jobs.add("sent mails", forget_messages, timedelta(hours=6))
    jobs.add("old notices", forget_notices, timedelta(hours=6))
    jobs.add("deleted accounts", forget_rest, timedelta(hours=6))
    jobs.add("old reminders", forget_reminders, timedelta(hours=6))
    jobs.add("stray photos", forget_strays, timedelta(hours=6))
    jobs.add("stray plans", forget_stray_plans, timedelta(hours=6))
    jobs.add("used challenges", forget_used, timedelta(hours=1))
    jobs.add("networks", forget_networks, timedelta(hours=6))
    jobs.add("networks of reports", forget_flag_networks, timedelta(hours=6))


def _init_sign_in(app: Flask) -> None:
    login = init_presence(app)

    @login.unauthorized_handler
    def to_the_door() -> Response:
        """To the door; a form that was sent by somebody whose sign-in is over waits there and is offered again."""
        if request.method in SAFE_METHODS:
            flash(_("Sign in to go on. What you have saved is kept."), "info")
            return redirect(url_for("doors.sign_in", next=request.full_path.rstrip("?")), 303)
        if wants_fragment():
            return problem(401, way_out=("/sign-in", _("Sign in")))
        return door_with_form()

    ON_SIGN_IN_OVER[:] = [door_with_form]

    @app.errorhandler(CSRFError)
    def stale_form(_error: CSRFError) -> Response:
        """A form from before a sign-out, another tab or a restart: nothing is done, nothing typed is lost."""
        title = _("The form has to be sent again")
        if not is_own_form():
            return problem(400, _("This form did not come from this site, so nothing was done."), title)
        whose = begun_as()
        if whose is not None and current_user.is_authenticated and whose != current_user.id:
            return form_of_another()
        message = _(
            "The page had been open for too long, so the form was not accepted. What you typed is kept: send it again."
        )
        return problem(400, message, title, may_resend=True)


def _init_pages(app: Flask) -> None:
    ON_FRESH[:] = [typed_here]
    SENTENCES_OF_THE_SITE[404] = lambda: _(
        "The address may be mistyped, or the page has moved. The list of proposals is a good place to start."
    )
    app.jinja_env.globals.update(typed_form=typed_form, typed_before=restored)

    @app.context_processor
    def page() -> dict[str, Any]:
        """What the layout needs on every page; mails are written without a request and need none of it."""
        if not has_request_context():
            return {}
        return {"nav": _nav(), "language_links": language_links(), "flashes": _flashes(), "oob": False}


def _flashes() -> list[tuple[str, str]]:
    return get_flashed_messages(with_categories=True) if "_flashes" in session else []


def _nav() -> dict[str, Any]:
    is_known = outage.noted() is None
    try:
        signed_in = TOKEN in session and current_user.is_authenticated
        name = current_user.public_name if signed_in else ""
        # who owes the second step sees the ways too: each of them leads to setting it up
        shown = (None, Reason.SECOND_STEP)
        staff = signed_in and refusal(current_user, Permission.SEE_DESK, None, now()) in shown
        gives = staff and refusal(current_user, Permission.SEE_STAFF, None, now()) in shown
    except Exception:
        signed_in, name, staff, gives, is_known = False, "", False, False, False
    return {
        "is_known": is_known and outage.noted() is None,  # whether anybody could be asked who this is
        "signed_in": signed_in,
        "name": name,
        "is_staff": staff,
        "gives_roles": gives,
        "active": g.get("active", ""),
    }
