"""Requests that nobody would send on purpose, many of them, to every route."""
