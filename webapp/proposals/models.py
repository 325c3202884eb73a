"""A draft on its way to be a proposal, and the proposal."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    case,
    exists,
    or_,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from webapp.kernel.database import Model, UTCDateTime
from webapp.people.models import Organisation, User
from webapp.photos.models import Photo
from webapp.proposals.hiding import TITLE_AND_TEXT, mark, shown_lang
from webapp.proposals.rules import VOTABLE, Stage, is_public
from webapp.territories.models import Territory


class Draft(Model):
    """What somebody has typed so far. The token is the key to it for people without an account."""

    __tablename__ = "draft"
    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(43), unique=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    title: Mapped[str] = mapped_column(Text, default="")
    text: Mapped[str] = mapped_column(Text, default="")
    lang: Mapped[str] = mapped_column(String(2), default="kk")
    origin_id: Mapped[int | None] = mapped_column(ForeignKey("territory.id"))
    place: Mapped[str] = mapped_column(Text, default="")
    sphere: Mapped[str] = mapped_column(String(20), default="")
    funding: Mapped[str] = mapped_column(String(10), default="unknown")
    wants_submission: Mapped[bool] = mapped_column(Boolean, default=False)
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    origin: Mapped[Territory | None] = relationship()


class Proposal(Model):
    """One proposal with one origin and one seat: the territory whose body holds it now.

    The check constraint is the promise that nothing hangs: open means owner and due date.
    `supports` to `organisation_opposes` are the tallies of the whole nation, kept in step with
    `tally`; `progress` (per mille of the next threshold) is there to sort by. `paused_at` and
    `paused_due_at` say since when the body's clock stands still, and when it would have ended.

    `title`, `text` and `place` are what everybody may read (`proposals/hiding.py`), in Python and, empty
    where they are hidden, in SQL; `hidden` says how much is: nothing, "text" or "title_and_text".
    """

    __tablename__ = "proposal"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(24), default="", index=True)
    written_title: Mapped[str] = mapped_column("title", String(200))
    written_text: Mapped[str] = mapped_column("text", Text)
    lang: Mapped[str] = mapped_column(String(2))
    sphere: Mapped[str] = mapped_column(String(20), default="")
    funding: Mapped[str] = mapped_column(String(10), default="unknown")
    written_place: Mapped[str] = mapped_column("place", String(200), default="")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    origin_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    seat_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    stage: Mapped[str] = mapped_column(String(20))
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    submitted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closes_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    #: Until when a refusal may be appealed: as it was promised, whatever the calendar says later.
    appeal_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    overdue_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    silent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    paused_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    paused_due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    withdraw_below: Mapped[int] = mapped_column(Integer, default=100)
    supports: Mapped[int] = mapped_column(Integer, default=0)
    opposes: Mapped[int] = mapped_column(Integer, default=0)
    organisation_supports: Mapped[int] = mapped_column(Integer, default=0)
    organisation_opposes: Mapped[int] = mapped_column(Integer, default=0)
    progress: Mapped[int] = mapped_column(SmallInteger, default=0)
    next_supports: Mapped[int] = mapped_column(Integer, default=0)
    next_threshold: Mapped[int] = mapped_column(Integer, default=0)
    next_territory_id: Mapped[int | None] = mapped_column(ForeignKey("territory.id"))
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"))
    external_id: Mapped[str | None] = mapped_column(String(120), unique=True)
    hidden: Mapped[str | None] = mapped_column(String(16))
    hidden_reason: Mapped[str | None] = mapped_column(String(20))
    photo_hidden_reason: Mapped[str | None] = mapped_column(String(20))

    author: Mapped[User | None] = relationship(foreign_keys=[author_id])
    organisation: Mapped[Organisation | None] = relationship()
    origin: Mapped[Territory] = relationship(foreign_keys=[origin_id])
    seat: Mapped[Territory] = relationship(foreign_keys=[seat_id])
    photo: Mapped[Photo | None] = relationship(viewonly=True, uselist=False)
    has_joined: ClassVar[Any]
    has_serving: ClassVar[Any]

    __table_args__ = (
        CheckConstraint("closed_at IS NOT NULL OR due_at IS NOT NULL", name="open_has_due_date"),
        CheckConstraint("supports >= 0 AND opposes >= 0", name="tallies_not_negative"),
        Index("ix_proposal_due_at", "due_at", sqlite_where=due_at.is_not(None), postgresql_where=due_at.is_not(None)),
        Index("ix_proposal_listed", "stage", "id"),
        Index("ix_proposal_seat_id_stage_due_at", "seat_id", "stage", "due_at"),
        Index("ix_proposal_origin_id_id", "origin_id", "id"),
        Index("ix_proposal_progress_id", "progress", "id"),
        Index("ix_proposal_published_at_id", "published_at", "id"),
        Index("ix_proposal_stage_published_at_id", "stage", "published_at", "id"),
        Index("ix_proposal_supports_id", "supports", "id"),
        Index(
            "ix_proposal_merged_into_id",
            "merged_into_id",
            sqlite_where=merged_into_id.is_not(None),
            postgresql_where=merged_into_id.is_not(None),
        ),
    )

    @hybrid_property
    def title(self) -> str:
        """The title as everybody may read it."""
        return mark(self.hidden_reason) if self.hidden == TITLE_AND_TEXT else self.written_title

    @title.inplace.setter
    def _write_title(self, words: str) -> None:
        self.written_title = words

    @title.inplace.expression
    @classmethod
    def _title_in_sql(cls) -> ColumnElement[str]:
        return case((cls.hidden == TITLE_AND_TEXT, ""), else_=cls.written_title)

    @hybrid_property
    def text(self) -> str:
        """The text as everybody may read it."""
        return mark(self.hidden_reason) if self.hidden else self.written_text

    @text.inplace.setter
    def _write_text(self, words: str) -> None:
        self.written_text = words

    @text.inplace.expression
    @classmethod
    def _text_in_sql(cls) -> ColumnElement[str]:
        return case((cls.hidden.is_not(None), ""), else_=cls.written_text)

    @hybrid_property
    def place(self) -> str:
        """The address as everybody may read it; it goes with the text."""
        return "" if self.hidden else self.written_place

    @place.inplace.setter
    def _write_place(self, words: str) -> None:
        self.written_place = words

    @place.inplace.expression
    @classmethod
    def _place_in_sql(cls) -> ColumnElement[str]:
        return case((cls.hidden.is_not(None), ""), else_=cls.written_place)

    @property
    def shown_lang(self) -> str:
        """The language of `title`: the author's, or for a mark the page's."""
        return shown_lang(self)

    @property
    def is_open(self) -> bool:
        """Whether something is still owed."""
        return self.closed_at is None

    @hybrid_property
    def is_public(self) -> bool:
        """Whether everybody may read it: `proposals.rules.is_public`."""
        return is_public(self.stage, self.published_at is not None)

    @is_public.inplace.expression
    @classmethod
    def _is_public_in_sql(cls) -> ColumnElement[bool]:
        return or_(cls.published_at.is_not(None), cls.stage == Stage.MERGED.value)

    def accepts_votes(self, now: datetime) -> bool:
        """Whether a vote cast now would count."""
        return (
            self.closed_at is None
            and Stage(self.stage) in VOTABLE
            and self.closes_at is not None
            and now < self.closes_at
        )


#: What a row needs so that `shown_title` and `shown_lang` of `proposals/hiding.py` can read it.
TITLED = (Proposal.title, Proposal.lang, Proposal.hidden, Proposal.hidden_reason)

_joined = Proposal.__table__.alias("joined")
#: Whether another proposal was joined to it: for a page that asks for it in the same query (`undefer`).
Proposal.has_joined = column_property(exists().where(_joined.c.merged_into_id == Proposal.id), deferred=True)


class ProposalTerm(Model):
    """The beginnings of a proposal's words, folded, so that similar ones are found in any spelling."""

    __tablename__ = "proposal_term"
    term: Mapped[str] = mapped_column(String(12), primary_key=True)
    proposal_id: Mapped[int] = mapped_column(
        ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    weight: Mapped[int] = mapped_column(SmallInteger, default=1)
