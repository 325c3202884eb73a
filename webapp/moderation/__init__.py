"""Triage: what arrives at a body's desk, and the decisions that a moderator gives reasons for."""
