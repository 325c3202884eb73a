"""One's notices, following and no longer following, which mails one wants, and unsubscribing without a sign-in."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from flask_login import current_user, login_required
from sqlalchemy import select

from webapp.access.permissions import Permission
from webapp.access.services import refusal
from webapp.kernel.asking import Asked
from webapp.kernel.clock import now
from webapp.kernel.database import db
from webapp.kernel.htmx import render
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import localized
from webapp.kernel.security import csrf, limiter, safe_next
from webapp.kernel.text import whole_number
from webapp.notifications import follows
from webapp.notifications.addresses import Purpose, addresses_of, make_address, remove_address
from webapp.notifications.forms import WishForm
from webapp.notifications.listing import as_rows, mark_read, notices_page
from webapp.notifications.models import Follow
from webapp.notifications.rules import Stream, Subject
from webapp.notifications.unsubscribing import meant, unsubscribe
from webapp.proposals.choices import spheres
from webapp.proposals.loading import any_proposal
from webapp.proposals.models import Proposal
from webapp.proposals.rules import SPHERES
from webapp.territories.models import Territory
from webapp.territories.services import by_kato

bp = Blueprint("notices", __name__)


@bp.get("/my/notices")
@login_required
def index() -> Response:
    """What has happened to one's own proposals and to what one follows."""
    asked = Asked()
    mark = asked.mark(1)
    asked.by_a_person()
    page = notices_page(current_user.id, mark, now())
    base = url_for("notices.index")
    return render(
        "notifications/index.html",
        active="my",
        rows=as_rows(page.rows),
        next_url=f"{base}?page={page.next}" if page.next else "",
        previous_url=f"{base}?page={page.previous}" if page.previous else "",
    )


@bp.post("/my/notices/reading")
@login_required
def read() -> Response:
    """All of them are read, as far as the page has shown them."""
    upto = whole_number(request.form.get("upto")) or 0
    if mark_read(current_user.id, upto, now()):
        flash(_("Everything is marked as read."), "success")
    return redirect(url_for("notices.index"), 303)


@bp.get("/my/notifications")
@login_required
def settings() -> Response:
    """Which mails one wants, what one follows, and the secret addresses."""
    wish = follows.wish_of(current_user.id)
    form = WishForm(formdata=None, own=wish.own, digest=wish.digest)
    is_staff = refusal(current_user, Permission.SEE_DESK, None, now()) is None
    return render(
        "notifications/settings.html",
        active="my",
        form=form,
        followed=_in_words(follows.followed(current_user.id)),
        addresses=addresses_of(current_user.id),
        purposes=[purpose.value for purpose in Purpose if is_staff or purpose is Purpose.FEED],
    )


def _in_words(rows: list[Follow]) -> list[dict[str, str]]:
    """What somebody follows, with where it is and how to stop."""
    keys = {kind: [row.key for row in rows if row.kind == kind] for kind in Subject}
    followed = [int(key) for key in keys[Subject.PROPOSAL]]
    titles = select(Proposal).where(Proposal.is_public, Proposal.id.in_(followed))
    places = select(Territory).where(Territory.kato.in_(keys[Subject.TERRITORY]))
    langs: dict[str, str] = {}
    known = {(Subject.SPHERE.value, key): label for key, label in spheres().items()}
    if keys[Subject.PROPOSAL]:
        written = [row for row in db.session.scalars(titles) if row.is_public]
        known |= {(Subject.PROPOSAL.value, str(row.id)): row.title for row in written}
        langs = {str(row.id): row.shown_lang for row in written}
    if keys[Subject.TERRITORY]:
        known |= {(Subject.TERRITORY.value, place.kato): localized(place) for place in db.session.scalars(places)}
    pages = {Subject.PROPOSAL: "/proposals/{}", Subject.TERRITORY: "/territories/{}", Subject.SPHERE: "/spheres/{}"}
    found = []
    for row in rows:
        if (row.kind, row.key) in known:
            base = pages[Subject(row.kind)].format(row.key)
            url = f"/proposals?sphere={row.key}" if row.kind == Subject.SPHERE else base
            ending, lang = f"{base}/following/ending", langs.get(row.key, "") if row.kind == Subject.PROPOSAL else ""
            found.append({"label": known[row.kind, row.key], "lang": lang, "url": url, "ending": ending})
    return found


@bp.post("/my/notifications")
@login_required
def save() -> Response:
    """Switch mails on or off."""
    form = WishForm()
    follows.change_wish(current_user.id, now(), own=form.own.data, digest=form.digest.data)
    flash(_("Saved."), "success")
    return redirect(url_for("notices.settings"), 303)


def _purpose(word: str) -> Purpose:
    return Purpose(word) if word in set(Purpose) else abort(404)


@bp.post("/my/notifications/<purpose>")
@login_required
@limiter.limit("30 per hour", key_func=lambda: f"address:{current_user.get_id()}")
def make(purpose: str) -> Response:
    """An address that only one knows; an earlier one stops working."""
    make_address(current_user.id, _purpose(purpose), now())
    flash(_("The address is made. Give it to your program, and to nobody else."), "success")
    return redirect(url_for("notices.settings"), 303)


@bp.post("/my/notifications/<purpose>/removal")
@login_required
def remove(purpose: str) -> Response:
    """No address any more."""
    remove_address(current_user.id, _purpose(purpose))
    flash(_("This address does not work any more."), "success")
    return redirect(url_for("notices.settings"), 303)


def _change(kind: Subject, key: str, page: str, wanted: bool) -> Response:
    change = follows.follow if wanted else follows.stop_following
    change(current_user.id, kind, key, now())
    if wanted:
        said = _("You follow this. News appears on your page, and once a week in a mail.")
    else:
        said = _("You do not follow this any more.")
    flash(said, "success")
    return redirect(safe_next(request.form.get("next"), page), 303)


def _proposal(key: int, wanted: bool) -> Response:
    if not any_proposal(key).is_public:
        abort(404)
    return _change(Subject.PROPOSAL, str(key), url_for("portal.proposal", key=key), wanted)


@bp.post("/proposals/<key:key>/following")
@login_required
def follow_proposal(key: int) -> Response:
    """Follow a proposal."""
    return _proposal(key, True)


@bp.post("/proposals/<key:key>/following/ending")
@login_required
def unfollow_proposal(key: int) -> Response:
    """Follow it no longer."""
    return _proposal(key, False)


def _territory(kato: str, wanted: bool) -> Response:
    if len(kato) != 9 or by_kato(kato) is None:
        abort(404)
    return _change(Subject.TERRITORY, kato, url_for("places.territory", kato=kato), wanted)


@bp.post("/territories/<kato>/following")
@login_required
def follow_territory(kato: str) -> Response:
    """Follow what happens in a place."""
    return _territory(kato, True)


@bp.post("/territories/<kato>/following/ending")
@login_required
def unfollow_territory(kato: str) -> Response:
    """Follow it no longer."""
    return _territory(kato, False)


def _sphere(sphere: str, wanted: bool) -> Response:
    if sphere not in SPHERES:
        abort(404)
    return _change(Subject.SPHERE, sphere, url_for("portal.proposals", sphere=sphere), wanted)


@bp.post("/spheres/<sphere>/following")
@login_required
def follow_sphere(sphere: str) -> Response:
    """Follow one of the eight spheres."""
    return _sphere(sphere, True)


@bp.post("/spheres/<sphere>/following/ending")
@login_required
def unfollow_sphere(sphere: str) -> Response:
    """Follow it no longer."""
    return _sphere(sphere, False)


def _about(stream: Stream, is_done: bool) -> Response:
    response = render("notifications/unsubscribe.html", stream=stream.value, is_done=is_done)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


@bp.get("/unsubscribe/<token>")
@limiter.limit("60 per minute")
def ask_unsubscribe(token: str) -> Response:
    """A page with a button; looking at it changes nothing, whoever looks: a person, or what scans their mail."""
    stream = (meant(token) or abort(404)).stream
    return _about(stream, False)


@bp.post("/unsubscribe/<token>", endpoint="unsubscribe")
@csrf.exempt
def stop_mails(token: str) -> Response:
    """The mails stop. A mail program posts here without a sign-in and without the token of a form (RFC 8058).

    Large mail services post for many people from few addresses: only the limit of every act holds.
    """
    return _about(unsubscribe(token, now()) or abort(404), True)
