"""Tables that the operator hands over as CSV files."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import click


def read_table(file: Path, columns: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """Rows of a CSV file in UTF-8, each with the line it ends on. Refuses what is no such table, or an empty one."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            rows = [(reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise click.ClickException(f"{file} is not a CSV file in UTF-8: {error}") from error
    if missing:
        raise click.ClickException(f"The first line of {file} does not name the columns: {', '.join(missing)}.")
    if not rows:
        raise click.ClickException(f"{file} has no rows below its heading.")
    return rows
