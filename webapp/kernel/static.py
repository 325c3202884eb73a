"""Static files: named by their content, cached for a year, compressed once before the first request."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import structlog
from flask import Flask
from whitenoise import WhiteNoise
from whitenoise.compress import Compressor

log = structlog.get_logger("saty.static")
YEAR_SECONDS = 31_536_000
COMPRESSED = (".br", ".gz")


def static_versions(folder: Path) -> dict[str, str]:
    """First letters of each static file's hash."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:10]
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in COMPRESSED
    }


def compress_static(folder: Path) -> int:
    """Write a `.br` and a `.gz` beside each file that lacks a fresh one; returns how many files were compressed.

    A first visit on a village connection is 30 kB instead of 100. Where the folder cannot be written
    the plain files are served.
    """
    compressor = Compressor(quiet=True)
    done = 0
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.suffix in COMPRESSED or not compressor.should_compress(path.name):
            continue
        fresh = path.with_name(path.name + COMPRESSED[0])
        if fresh.exists() and fresh.stat().st_mtime_ns >= path.stat().st_mtime_ns:
            continue
        try:
            done += bool(compressor.compress(str(path)))
            if fresh.exists():
                os.utime(fresh)
        except OSError as error:
            log.warning("static files stay uncompressed", folder=str(folder), error=str(error))
            break
    return done


def init_static(app: Flask) -> None:
    """Serve `static/` in front of the application."""
    folder = Path(app.static_folder or "")
    app.extensions["static_versions"] = static_versions(folder)
    compress_static(folder)
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app, root=str(folder), prefix="static/", max_age=YEAR_SECONDS, allow_all_origins=False
    )
