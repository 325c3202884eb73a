"""Mails in their words: plain and HTML, in the language of the reader, with one link, short enough for any mailbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from flask import current_app, render_template
from sqlalchemy import select

from webapp.answering.models import Answer
from webapp.journal.models import Fact
from webapp.journal.verbs import Verb
from webapp.kernel.clock import local_date
from webapp.kernel.database import db
from webapp.kernel.i18n import current_language, format_date, in_language, localized, ngettext
from webapp.kernel.i18n import gettext as _
from webapp.kernel.mail import enqueue
from webapp.kernel.text import shortened
from webapp.moderation.wording import rejection_of_fact
from webapp.notifications.rules import (
    DIGEST_LINES,
    QUOTE_BYTES,
    REASON_BYTES,
    TEXT_BYTES,
    TITLE_BYTES,
    Audience,
    Stream,
)
from webapp.notifications.sentences import sentence
from webapp.notifications.unsubscribing import address_for
from webapp.people.models import User
from webapp.proposals.hiding import reason_labels, shown_title
from webapp.proposals.models import Proposal
from webapp.territories.models import Territory
from webapp.territories.services import body_of


class Letter(NamedTuple):
    """A mail that is written, not yet put anywhere."""

    subject: str
    text: str
    html: str


def send_at_once(fact: Fact, proposal: Proposal, person: User, kind: Audience, now: datetime) -> bool:
    """Put the mail about a fact in the outbox; False where it was there already."""
    letter = letter_about(fact, proposal, person, kind)
    stop = address_for(person.id, Stream.OWN)
    return enqueue(person.email, letter.subject, letter.text, f"fact:{fact.id}:{person.id}", now, letter.html, stop)


def letter_about(fact: Fact, proposal: Proposal, person: User, kind: Audience) -> Letter:
    """The mail about a fact. It says what the public page says; to an author also what concerns them alone."""
    with in_language(person.lang):
        context = _context(fact, proposal, person)
        subject, paragraphs = _rendered(f"mail/{kind.value}.txt", **context)
        return _put_together(
            subject,
            paragraphs,
            kind=kind.value,
            title=shortened(proposal.title, TITLE_BYTES),
            title_lang=proposal.shown_lang,
            number=proposal.number,
            url=current_app.config["PUBLIC_URL"] + place_of(fact, proposal.id, kind, context["answer_id"]),
            link=link_of(fact, kind),
            page=f"{current_app.config['PUBLIC_URL']}/proposals/{proposal.id}" if kind is Audience.MODERATOR else "",
        )


#: Where the act of an author is that a fact asks for, below the page of the proposal.
ACTS: dict[str, str] = {
    Verb.PROPOSAL_RETURNED: "/revision",
    Verb.PROPOSAL_REJECTED: "/appeal",
    Verb.CONTENT_HIDDEN: "/hiding/appeal",
    Verb.PROPOSAL_PUBLISHED: "#vote-panel",
    Verb.IMPLEMENTATION_DONE: "#milestones",
    Verb.MILESTONE_OVERDUE: "#milestones",
    Verb.MILESTONE_MOVED: "#milestones",
    Verb.MILESTONE_REOPENED: "#milestones",
    Verb.JUDGEMENT_CLOSED: "#judging",
}
ANSWERS: frozenset[str] = frozenset(
    {Verb.PROPOSAL_ACCEPTED, Verb.PROPOSAL_DECLINED, Verb.PROPOSAL_PASSED_UP, Verb.PROPOSAL_HANDED_DOWN}
)


def place_of(fact: Fact, key: int, kind: Audience, answer_id: int | None) -> str:
    """Where somebody acts on what a mail tells: staff on their desk, an author where the act is, or at the answer."""
    if kind is Audience.MODERATOR:
        return f"/desk/{key}"
    if kind is Audience.OFFICER:
        return f"/proposals/{key}/" + ("milestones" if fact.verb == Verb.PROPOSAL_REOPENED else "answer")
    if fact.verb == Verb.PROPOSAL_MERGED and fact.facts.get("into"):
        return f"/proposals/{int(fact.facts['into'])}"  # the one that goes on
    if answer_id is not None:
        return f"/proposals/{key}#answer-{answer_id}"
    return f"/proposals/{key}" + ACTS.get(fact.verb, "")


def link_of(fact: Fact, kind: Audience) -> str:
    """The words of the link."""
    if kind is Audience.MODERATOR:
        return _("Open it on the desk")
    if kind is Audience.OFFICER:
        return _("Make a new plan") if fact.verb == Verb.PROPOSAL_REOPENED else _("Answer this proposal")
    return {
        Verb.PROPOSAL_RETURNED.value: _("Answer the question"),
        Verb.PROPOSAL_REJECTED.value: _("Appeal"),
        Verb.CONTENT_HIDDEN.value: _("Appeal against the hiding"),
        Verb.PROPOSAL_MERGED.value: _("To the proposal that goes on"),
    }.get(fact.verb, _("Read the answer") if fact.verb in ANSWERS else _("To the page of the proposal"))


def _answer_of(fact: Fact) -> Answer | None:
    """The answer that a fact tells of: of the same body, the last one until then."""
    if fact.verb not in ANSWERS or fact.proposal_id is None:
        return None
    query = select(Answer).where(Answer.proposal_id == fact.proposal_id, Answer.at <= fact.at)
    return db.session.scalar(query.order_by(Answer.id.desc()).limit(1))


def _first_words(answer: Answer | None) -> str:
    """How the answer begins, in the language of the reader; marks of the text are left out."""
    if answer is None:
        return ""
    text = answer.text_kk if current_language() == "kk" else answer.text_ru
    return shortened(" ".join(text.replace("**", "").split()), QUOTE_BYTES)


def _rendered(template: str, **context: Any) -> tuple[str, list[str]]:
    subject, _line, rest = render_template(template, **context).strip().partition("\n")
    blocks = (block.strip() for block in rest.split("\n\n"))
    return " ".join(subject.split()), [block for block in blocks if block]


def _context(fact: Fact, proposal: Proposal, person: User) -> dict[str, Any]:
    seat = db.session.get(Territory, fact.territory_id) if fact.territory_id else None
    answer = _answer_of(fact)
    stored = fact.facts.get("due_at") or fact.facts.get("closes_at")
    due = datetime.fromisoformat(stored) if stored else proposal.due_at
    appeal = fact.facts.get("appeal_until")
    return {
        "verb": fact.verb,
        "facts": fact.facts,
        "is_top": seat is not None and seat.parent_id is None,
        "answer_id": answer.id if answer is not None else None,
        "answer_words": _first_words(answer),
        "name": shortened(person.given_name, TITLE_BYTES),
        "number": proposal.number,
        "body": shortened(localized(body_of(seat, local_date(fact.at)) or seat), 2 * TITLE_BYTES) if seat else "",
        "due": format_date(due) if due else "",
        "appeal_until": format_date(datetime.fromisoformat(appeal)) if appeal else "",
        "happened": sentence(fact.verb, _with_short_titles(fact.facts)),
        "refusal": [
            shortened(part, REASON_BYTES if place == 0 else QUOTE_BYTES)
            for place, part in enumerate(rejection_of_fact(fact.facts, fact.at))
        ]
        if fact.verb == Verb.PROPOSAL_REJECTED
        else [],
        "hiding_reasons": reason_labels(),
        "quoted": lambda text: shortened(text, QUOTE_BYTES),
    }


def _with_short_titles(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as a mail tells them: somebody has written the titles in them, and a mail is short."""
    titles = {name: shortened(facts[name], TITLE_BYTES) for name in ("title_kk", "title_ru") if facts.get(name)}
    return {**facts, **titles}


def _put_together(
    subject: str,
    paragraphs: Sequence[str],
    *,
    kind: str,
    url: str,
    link: str,
    title: str = "",
    title_lang: str = "",
    number: str = "",
    page: str = "",
    lines: Sequence[str] = (),
    more: str = "",
) -> Letter:
    reason = " ".join(render_template("mail/reason.txt", kind=kind).split())
    about = ["\n".join(filter(None, (title, f"№ {number}", page)))] if title else []
    listed = ["\n".join(f"- {line}" for line in lines)] if lines else []
    parts = [*paragraphs, *listed, *([more] if more else []), *about, url, f"--\n{reason}"]
    html = render_template(
        "mail/frame.html",
        subject=subject,
        paragraphs=paragraphs,
        lines=lines,
        more=more,
        title=title,
        title_lang=title_lang,
        number=number,
        page=page,
        url=url,
        link=link,
        reason=reason,
    )
    return Letter(subject, "\n\n".join(parts) + "\n", html)


def digest_letter(person: User, rows: Sequence[Any], count: int) -> Letter:
    """The mail of a week: as many lines as fit, one for each proposal, and how many there are besides."""
    with in_language(person.lang):
        subject, paragraphs = _rendered("mail/digest.txt", name=shortened(person.given_name, TITLE_BYTES))
        url = f"{current_app.config['PUBLIC_URL']}/my/notices"

        def written(lines: Sequence[str]) -> Letter:
            left = count - len(lines)
            more = ngettext("and %(num)d more.", "and %(num)d more.", left) if left else ""
            link = _("Everything on your page")
            return _put_together(
                subject, paragraphs, kind=Stream.DIGEST.value, url=url, link=link, lines=lines, more=more
            )

        lines: list[str] = []
        for row in rows[:DIGEST_LINES]:
            title, said = shortened(shown_title(row), TITLE_BYTES), sentence(row.verb, row.facts)
            longer = [*lines, shortened(f"{row.number}, {title}: {said}", 4 * TITLE_BYTES)]
            if len(written(longer).text.encode()) > TEXT_BYTES:
                break
            lines = longer
        return written(lines)
