"""`flask --app wsgi <command>`: what an operator types."""

from __future__ import annotations

from flask import Flask

from webapp.commands import country, deadlines, keeping, loading, serving, staff


def register(app: Flask) -> None:
    """Add every command to the application."""
    for group in (serving, deadlines, country, staff, loading, keeping):
        for command in group.COMMANDS:
            app.cli.add_command(command)
