"""The page of the sample."""

from flask import Blueprint

bp = Blueprint("sample", __name__)


@bp.get("/sample/<key:key>")
def show(key: int) -> str:
    """The number of the address."""
    return f"sample {key}"
