"""The ways that need somebody else: a member of staff, an OpenID provider, a verifier of signatures.

Other machines are asked outside any transaction: what is slow there must not stop votes here.
"""

from __future__ import annotations

import base64

from flask import Blueprint, Response, current_app, redirect, request, url_for
from flask_login import current_user, login_required

from webapp.kernel.clock import now
from webapp.kernel.database import commit, reading
from webapp.kernel.errors import Conflict, DomainError, Invalid
from webapp.kernel.i18n import gettext as _
from webapp.kernel.security import CONTENT_SECURITY_POLICY, limiter
from webapp.territories.services import by_kato
from webapp.verification.attempts import attempt_by, begin, claim, open_attempt, ticket_of
from webapp.verification.forms import AgreeForm, AnswerForm, SignatureForm
from webapp.verification.pages import arrived, guard, page, person, watch, way
from webapp.verification.providers import oidc
from webapp.verification.providers.port import Provider, Ticket
from webapp.verification.services import Done, OtherAccount, complete

bp = Blueprint("verification_ways", __name__)
watch(bp)
guard(bp)
_by_person = "30 per hour"


@bp.get("/verify/desk")
@login_required
def desk() -> Response:
    """The code to be read out, once it was asked for."""
    provider = way("desk")
    attempt = open_attempt(person(), provider, now())
    code = provider.invitation(ticket_of(attempt)) if attempt else ""
    return page("desk", code=code, until=attempt.expires_at if attempt else None, form=AgreeForm(formdata=None))


@bp.post("/verify/desk")
@login_required
@limiter.limit(_by_person, key_func=lambda: f"verify-desk:{current_user.get_id()}")
def show_code() -> Response:
    """Make a code for the next ten minutes."""
    return _begin("desk", url_for("verification_ways.desk"))


def _begin(name: str, target: str) -> Response:
    provider, form = way(name), AgreeForm()
    if not form.validate():
        return page(name, 422, form=form, **_EMPTY[name])
    begin(person(), provider, now())
    return redirect(target, 303)


_EMPTY: dict[str, dict[str, object]] = {
    "desk": {"code": "", "until": None},
    "eds": {"text": "", "until": None, "signature": None},
}


def _oidc_page(form: AgreeForm, status: int = 200, refusal: str = "") -> Response:
    """The one page whose form may lead to the provider; it says so to the browser."""
    allowed = CONTENT_SECURITY_POLICY
    try:
        allowed = allowed.replace("form-action 'self'", f"form-action 'self' {oidc.origin()}")
    except DomainError as error:
        status, refusal = error.status, error.message
    response = page("oidc", status, form=form, outside=current_app.config["OIDC_NAME"], refusal=refusal)
    response.headers["Content-Security-Policy"] = allowed
    return response


@bp.get("/verify/oidc")
@login_required
def outside() -> Response:
    """What happens at the provider, and the way there."""
    way("oidc")
    return _oidc_page(AgreeForm(formdata=None))


@bp.post("/verify/oidc")
@login_required
@limiter.limit(_by_person, key_func=lambda: f"verify-oidc:{current_user.get_id()}")
def leave() -> Response:
    """Go to the provider. Its addresses are learned before the transaction begins."""
    form = AgreeForm()
    with reading():
        provider, is_valid = way("oidc"), form.validate()
    if not is_valid:
        return _oidc_page(form, 422)
    try:
        oidc.metadata()
        attempt = begin(person(), provider, now())
        return redirect(provider.invitation(ticket_of(attempt)), 303)
    except DomainError as error:
        return _oidc_page(form, error.status, error.message)


def _answer_page(form: AnswerForm, status: int = 200) -> Response:
    form.offer_places()
    if not form.home.data and current_user.home:
        form.home.data = current_user.home.kato
    return page("oidc_answer", status, form=form, outside=current_app.config["OIDC_NAME"])


@bp.get("/verify/oidc/answer")
@login_required
def answer() -> Response:
    """Back from the provider. Opening this page changes nothing; its button does."""
    way("oidc")
    if "error" in request.args or not request.args.get("code") or not request.args.get("state"):
        name = current_app.config["OIDC_NAME"]
        return _oidc_page(AgreeForm(formdata=None), 422, _("%(name)s has not confirmed who you are.", name=name))
    return _answer_page(
        AnswerForm(formdata=None, **{key: request.args.get(key, "") for key in ("code", "state", "iss")})
    )


@bp.post("/verify/oidc/answer")
@login_required
@limiter.limit(_by_person, key_func=lambda: f"verify-oidc:{current_user.get_id()}")
def take_answer() -> Response:
    """Use the answer, once: of five at one moment one goes on."""
    form = AnswerForm()
    with reading():
        provider, key = way("oidc"), int(current_user.get_id())
        is_valid = form.validate() and _is_place(form)
        found = attempt_by(provider, form.state.data or "", now())
        ticket = ticket_of(found) if found is not None and found.user_id == key else None
    if not is_valid:
        return _answer_page(form, 422)
    try:
        return arrived(_use_answer(provider, ticket, form))
    except OtherAccount:
        commit()  # what was shown is kept until the person has chosen
        return redirect(url_for("verification.other_account"), 303)
    except DomainError as error:
        return _oidc_page(AgreeForm(formdata=None), error.status, error.message)


def _use_answer(provider: Provider, ticket: Ticket | None, form: AnswerForm) -> Done:
    if ticket is None or not claim(ticket.attempt_id, ticket.user_id, now()):
        raise Conflict(
            _("This answer was used already, is too old, or belongs to another account. If you are not verified, begin again.")
        )  # fmt: skip
    commit()
    told = {name: form[name].data or "" for name in ("code", "iss")}
    identity = provider.prove(ticket, told, now())
    return complete(person(), identity, ticket.attempt_id, now(), declared=form.home.data, is_claimed=True)


def _is_place(form: AnswerForm | SignatureForm) -> bool:
    """Whether the chosen home exists; it must be known before a proof that works once is used."""
    if by_kato((form.home.data or "")[:9]) is None:
        form.home.errors = [_("Choose the place where you live.")]
        return False
    return True


def _signature_page(form: SignatureForm, status: int = 200) -> Response:
    provider = way("eds")
    attempt = open_attempt(person(), provider, now())
    form.offer_places()
    if not form.home.data and current_user.home:
        form.home.data = current_user.home.kato
    return page(
        "eds",
        status,
        form=AgreeForm(formdata=None),
        signature=form,
        text=provider.invitation(ticket_of(attempt)) if attempt else "",
        until=attempt.expires_at if attempt else None,
    )


@bp.get("/verify/eds")
@login_required
def eds() -> Response:
    """The text to be signed, once it was asked for, and where the signature goes."""
    way("eds")
    return _signature_page(SignatureForm(formdata=None))


@bp.post("/verify/eds")
@login_required
@limiter.limit(_by_person, key_func=lambda: f"verify-eds:{current_user.get_id()}")
def make_text() -> Response:
    """Make a text for this account, for the next ten minutes."""
    return _begin("eds", url_for("verification_ways.eds"))


@bp.get("/verify/eds/saty.txt")
@login_required
def text() -> Response:
    """The text as a file, byte for byte."""
    provider = way("eds")
    attempt = open_attempt(person(), provider, now())
    if attempt is None:
        return redirect(url_for("verification_ways.eds"), 303)
    response = Response(provider.invitation(ticket_of(attempt)).encode(), mimetype="application/octet-stream")
    response.headers["Content-Disposition"] = 'attachment; filename="saty.txt"'
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/verify/eds/signature")
@login_required
@limiter.limit(_by_person, key_func=lambda: f"verify-eds:{current_user.get_id()}")
def check_signature() -> Response:
    """Check the signature. Where the verifier is silent the text stays good, so that it can be sent again."""
    form = SignatureForm()
    with reading():
        provider = way("eds")
        is_valid = form.validate() and _is_place(form)
        attempt = open_attempt(person(), provider, now())
        ticket, was_verified = ticket_of(attempt) if attempt else None, current_user.is_verified
    if not is_valid:
        return _signature_page(form, 422)
    try:
        if ticket is None and was_verified:
            return arrived(Done())  # sent twice
        return arrived(_use_signature(provider, ticket, form))
    except OtherAccount:
        commit()  # what was shown is kept until the person has chosen
        return redirect(url_for("verification.other_account"), 303)
    except DomainError as error:
        form.refuse(error)
        return _signature_page(form, error.status)


def _use_signature(provider: Provider, ticket: Ticket | None, form: SignatureForm) -> Done:
    if ticket is None:
        raise Invalid(
            _("The text was valid for ten minutes, or it was used already. Make a new one and sign that."), "cms"
        )
    identity = provider.prove(ticket, {"cms": _signature_of(form)}, now())
    return complete(person(), identity, ticket.attempt_id, now(), declared=form.home.data)


def _signature_of(form: SignatureForm) -> str:
    """What was pasted, else what the file holds: base64 as it is, other bytes in base64."""
    if form.cms.data:
        return str(form.cms.data)
    content = form.file.data.read() if form.file.data else b""
    if not content:
        raise Invalid(_("Paste the signature, or choose its file."), "cms")
    is_text = content.isascii()
    return content.decode("ascii") if is_text else base64.b64encode(content).decode("ascii")
