"""A desk that is at work: departments, templates, a note, something given to somebody, a report to look at."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from webapp.demo.people import Cast
from webapp.flagging.services import Report, flag
from webapp.kernel.database import db, locked
from webapp.moderation.phrases import keep_phrase
from webapp.people.services import by_email
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage
from webapp.teamwork.notes import write_note
from webapp.teamwork.services import assign, change_setting, open_department
from webapp.territories.services import by_kato

CITY = "611000000"
DEPARTMENTS = (
    {"kk": "Көлік бөлімі", "ru": "Отдел транспорта", "en": "Transport department"},
    {"kk": "Тұрғын үй-коммуналдық шаруашылық бөлімі", "ru": "Отдел жилищно-коммунального хозяйства", "en": "Housing and utilities department"},
)  # fmt: skip
TEMPLATES = (
    (
        "question", "Нақты жері / Точное место",
        "«{title}» ұсынысыңыз үшін рақмет. Қай көшеде және қай үйдің жанында екенін жазыңыз.",
        "Спасибо за предложение «{title}». Напишите, на какой улице и у какого дома это место.",
    ),
    (
        "rejection", "e-Otinish арқылы / Через e-Otinish",
        "Бұл мәселе бір адамның өтініші ретінде тезірек шешіледі: оны e-Otinish порталына жіберіңіз.",
        "Этот вопрос быстрее решается как обращение одного человека: отправьте его через e-Otinish.",
    ),
    (
        "answer", "Жоспарға енгізілді / Включено в план",
        "{body} «{title}» ұсынысын қарады. Жұмыс {ай} айына жоспарланды.",
        "{body}: предложение «{title}» рассмотрено. Работа запланирована на {месяц}.",
    ),
)  # fmt: skip
NOTE = "Былтыр ұқсас ұсыныс болған, сметасы көлік бөлімінде. Қарап шығайықшы."


def set_up(cast: Cast, now: datetime) -> None:
    """The desk of Turkistan city."""
    city, at = by_kato(CITY), now - timedelta(days=30)
    moderator, officer = cast.moderators[CITY], by_email("officer@turkistan.demo.example")
    assert city is not None and officer is not None
    rooms = [open_department(moderator, city, names, at) for names in DEPARTMENTS]
    change_setting(moderator, languages=["kk", "ru", "en"], department_id=rooms[0].id)
    for use, name, text_kk, text_ru in TEMPLATES:
        keep_phrase(moderator, city, use, name, text_kk, text_ru, at)
    waiting = select(Proposal).where(Proposal.seat_id == city.id, Proposal.stage == Stage.SUBMITTED.value)
    first = db.session.scalars(waiting.order_by(Proposal.due_at).limit(1)).first()
    if first is not None:
        assign(moderator, locked(Proposal, first.id) or first, moderator, now - timedelta(hours=1))
        write_note(officer, first, NOTE, [moderator.id], now - timedelta(hours=1))
    public = select(Proposal).where(Proposal.seat_id == city.id, Proposal.stage == Stage.COLLECTING.value)
    shown = db.session.scalars(public.order_by(Proposal.id).limit(1)).first()
    reader = by_email("resident7@demo.example")
    if shown is not None and reader is not None:
        proposal = locked(Proposal, shown.id) or shown
        flag(reader, proposal, Report("text", "untrue", "Бағасы дұрыс көрсетілмеген."), None, now - timedelta(hours=2))
