"""What the factory takes from this package: its pages and jobs."""

from __future__ import annotations

from webapp.kernel.jobs import Job
from webapp.moderation.jobs import triage_terms
from webapp.moderation.views import bp as moderation
from webapp.moderation.word_views import bp as moderation_words

BLUEPRINTS = (moderation, moderation_words)
JOBS = (Job("triage terms", triage_terms),)
