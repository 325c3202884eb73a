"""Files that people send, kept outside the database under names that nobody can guess."""

from __future__ import annotations

import os
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import structlog
from flask import current_app

from webapp.kernel.database import after_commit

log = structlog.get_logger("saty.files")

#: A file without a row is left alone that long: its request may still be under way.
STRAY_AFTER = timedelta(hours=1)


def path_of(name: str, suffix: str) -> Path:
    """Where a file lies; `suffix` with its dot."""
    return Path(current_app.config["UPLOADS"]) / f"{name}{suffix}"


def write(path: Path, data: bytes) -> None:
    """Keep a file: beside its place first, on the disk, then in its place, so that nobody ever reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.rename(path)
        sync_folder(path.parent)
    except OSError:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """A name that was given to a file survives a power cut from here on."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(path: Path) -> None:
    """Delete a file once the transaction that takes its row away is durable: a row never lacks its file.

    Where the process dies in between, or the disk refuses, the file is a stray, and `forget_strays` deletes it.
    """
    after_commit(partial(_delete, path))


def _delete(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.warning("a file was not deleted", kind=path.suffix, error=type(error).__name__)


def forget_strays(known: Collection[str], suffix: str, now: datetime) -> int:
    """Delete files of a kind whose name is not known any more; returns how many."""
    folder, gone = Path(current_app.config["UPLOADS"]), 0
    for file in [*folder.glob(f"*{suffix}"), *folder.glob(f".*{suffix}.part")] if folder.is_dir() else []:
        if file.stem not in known and file.stat().st_mtime < (now - STRAY_AFTER).timestamp():
            file.unlink(missing_ok=True)
            gone += 1
    return gone
