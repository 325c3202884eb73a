"""Keeping a picture, handing it from the draft to the proposal, removing it with its file."""

from __future__ import annotations

import secrets
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import delete, func, select, update

from webapp.kernel import files
from webapp.kernel.clock import LOCAL_ZONE
from webapp.kernel.database import changed, db, rollback, unit_of_work
from webapp.kernel.errors import Conflict, Invalid
from webapp.kernel.i18n import gettext as _
from webapp.kernel.networks import present_network
from webapp.people.models import User
from webapp.people.passwords import keyed
from webapp.photos.models import Photo
from webapp.photos.rules import PER_DAY, SENT_MAX, PhotoFault, Picture
from webapp.photos.workshop import remade


def sentence(fault: PhotoFault) -> str:
    """A fault in the words of the page."""
    return {
        PhotoFault.EMPTY: _("Choose a photo."),
        PhotoFault.TOO_HEAVY: _(
            "The photo is larger than %(size)d MB. Make it smaller and send it again.", size=SENT_MAX // 2**20
        ),
        PhotoFault.NO_PHOTO: _("This file is not a photo that we can read. Send a JPEG, PNG or WebP."),
        PhotoFault.TOO_LARGE: _("The photo has more than 20 million pixels. Make it smaller and send it again."),
        PhotoFault.TOO_MUCH_WORK: _(
            "This photo is saved in a way that takes too long to read. Save it again and send it again."
        ),
        PhotoFault.TOO_SMALL: _("The photo is too small: it needs at least 32 pixels on each side."),
    }[fault]


def ensure_may_send(user: User | None, now: datetime) -> None:
    """Raise `Conflict` where today's quota is used up; asked before a file is decoded, and again when it is kept."""
    midnight = now.astimezone(LOCAL_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    today = select(func.count()).select_from(Photo).where(Photo.sent_by == sender(user), Photo.at >= midnight)
    if (db.session.scalar(today) or 0) >= PER_DAY:
        raise Conflict(
            _("The limit of photos for one day is reached: %(count)d. Send this one tomorrow.", count=PER_DAY), "photo"
        )


def picture_of(sent: bytes) -> Picture:
    """The picture made anew. Slow: call it outside a writing transaction. Raises `Invalid` or `Conflict` at `photo`."""
    made = remade(sent)
    if isinstance(made, PhotoFault):
        raise Invalid(sentence(made), "photo")
    return made


def path_of(name: str) -> Path:
    """Where the file of a photo lies."""
    return files.path_of(name, ".webp")


def sender(user: User | None) -> str:
    """Who sends, as a keyed hash: the account, or else the network."""
    who = f"user:{user.id}" if user is not None else f"network:{present_network()}"
    return keyed(current_app.config["SECRET_KEY"], "photo", who)


def keep(picture: Picture, alt: str, user: User | None, now: datetime, **owner: int) -> Photo:
    """Store a picture for `draft_id`, `proposal_id` or `report_id`, in place of an earlier one. Raises `Conflict` over the quota."""
    ensure_may_send(user, now)
    remove(**owner)
    photo = Photo(
        name=secrets.token_hex(16),
        alt=alt,
        width=picture.width,
        height=picture.height,
        sent_by=sender(user),
        at=now,
        **owner,
    )
    files.write(path_of(photo.name), picture.data)
    db.session.add(photo)
    db.session.flush()
    return photo


def photo_of(**owner: int) -> Photo | None:
    """The photo of a draft (`draft_id`) or a proposal (`proposal_id`)."""
    return db.session.scalar(select(Photo).filter_by(**owner))


def remove(**owner: int) -> bool:
    """Delete a photo, and its file when that is durable; True when there was one."""
    photo = photo_of(**owner)
    if photo is None:
        return False
    files.remove(path_of(photo.name))
    db.session.execute(delete(Photo).where(Photo.id == photo.id))
    db.session.expire_all()
    return True


def hand_over(draft_id: int, proposal_id: int) -> None:
    """The photo of a draft becomes that of the proposal that was made of it."""
    statement = update(Photo).where(Photo.draft_id == draft_id).values(draft_id=None, proposal_id=proposal_id)
    changed(statement)


def forget_strays(now: datetime) -> int:
    """The job: files whose row is gone, with a forgotten draft or a request that failed, go too."""
    with unit_of_work():
        known = set(db.session.scalars(select(Photo.name)))
    rollback()
    return files.forget_strays(known, ".webp", now)


def shown(photo: Photo | None, url: str) -> dict[str, Any] | None:
    """What a page needs of a photo; None where there is none, or its file was not restored with the database."""
    if photo is None or not path_of(photo.name).is_file():
        return None
    return {"url": url, "alt": photo.alt, "width": photo.width, "height": photo.height}
