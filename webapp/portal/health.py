"""For those who keep the service alive: is the process up, are database and worker well, and how many of what."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, jsonify
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Gauge,
    generate_latest,
)
from sqlalchemy import func, select, text

from webapp.kernel.clock import now
from webapp.kernel.database import db, rollback
from webapp.kernel.dead_letters import how_many
from webapp.kernel.jobs import Heartbeat
from webapp.kernel.mail import Message
from webapp.kernel.outage import trouble_of
from webapp.kernel.presence import AWAY_AFTER, SITE, there_until
from webapp.kernel.refused import how_many_refused
from webapp.people.models import Organisation
from webapp.proposals.models import Proposal
from webapp.voting.recounting import last_round

bp = Blueprint("health", __name__)
WORKER_SILENCE = timedelta(minutes=3)


@bp.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
def readyz() -> Response:
    """Database and worker are well; 503 with the reason otherwise."""
    problems = []
    try:
        db.session.execute(text("SELECT 1"))
        beat = db.session.scalar(select(func.max(Heartbeat.ran_at)).where(Heartbeat.name != SITE))
        if beat is None or now() - beat > WORKER_SILENCE:
            problems.append("worker: no sign of life within three minutes")
        if there_until(now()) < now() - AWAY_AFTER:
            problems.append("site: no beat within five minutes, so no date falls due")
    except Exception as error:
        rollback()
        problems.append(f"database: {type(error).__name__}")
    response = jsonify({"ready": not problems, "problems": problems})
    response.status_code = 503 if problems else 200
    return response


@bp.get("/metrics")
def metrics() -> Response:
    """Prometheus text; of a database that cannot be asked only that it is so."""
    registry = CollectorRegistry()
    up = Gauge("saty_database_up", "Whether the database answers", registry=registry)
    try:
        _measure(registry)
        up.set(1)
    except Exception as error:
        if trouble_of(error) is None:
            raise
        rollback()
        registry = CollectorRegistry()
        Gauge("saty_database_up", "Whether the database answers", registry=registry).set(0)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _measure(registry: CollectorRegistry) -> None:
    stages = Gauge("saty_proposals", "Proposals by stage", ["stage"], registry=registry)
    for stage, count in db.session.execute(select(Proposal.stage, func.count()).group_by(Proposal.stage)):
        stages.labels(stage).set(count)
    waiting = Gauge("saty_mail_waiting", "Messages that wait to be sent", registry=registry)
    waiting.set(db.session.scalar(select(func.count()).select_from(Message).where(Message.next_at.is_not(None))) or 0)
    dead = Gauge("saty_mail_dead_letters", "Messages that were not sent in twelve attempts", registry=registry)
    dead.set(how_many())
    refused = Gauge("saty_mail_refused_addresses", "Addresses that a mail server refused for good", registry=registry)
    refused.set(how_many_refused())
    late = Gauge("saty_deadlines_passed", "Due dates that have passed and nothing has acted on yet", registry=registry)
    hanging = db.session.scalar(select(func.count()).select_from(Proposal).where(Proposal.due_at <= now())) or 0
    unseen = select(func.count()).select_from(Organisation)
    unseen = unseen.where(Organisation.verify_due_at <= now(), Organisation.overdue_at.is_(None))
    late.set(hanging + (db.session.scalar(unseen) or 0))
    _of_recount(registry)
    beats = Gauge("saty_job_age_seconds", "Seconds since a job last ran", ["job"], registry=registry)
    for beat in db.session.scalars(select(Heartbeat)):
        beats.labels(beat.name).set((now() - beat.ran_at).total_seconds())


def _of_recount(registry: CollectorRegistry) -> None:
    """What the last whole round of counting all votes anew found."""
    row = last_round()
    if row is None or row.ended_at is None:
        return
    for name, said, number in (
        (
            "saty_recount_age_seconds",
            "Seconds since all votes were last counted anew",
            (now() - row.ended_at).total_seconds(),
        ),
        ("saty_recount_proposals", "Proposals in that round", row.ended_proposals),
        ("saty_recount_corrected", "Proposals that had to be corrected in that round", row.ended_corrected),
        ("saty_recount_corrected_ever", "Corrections of all rounds", row.repairs),
    ):
        Gauge(name, said, registry=registry).set(number)
