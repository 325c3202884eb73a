"""Whether the migrations make exactly the tables that the models describe: on an empty database, up, then compared."""

from __future__ import annotations

import logging
import sys
import tempfile
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import upgrade

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


def main() -> int:
    """0 when nothing is missing, 1 with a list otherwise."""
    from webapp import create_app
    from webapp.kernel.database import db

    with tempfile.TemporaryDirectory() as folder:
        app = create_app(INSTANCE=folder, SQLALCHEMY_DATABASE_URI=f"sqlite:///{folder}/empty.sqlite3")
        with app.app_context():
            upgrade()
            logging.disable()
            with db.engine.connect() as connection:
                missing = compare_metadata(
                    MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True}),
                    db.metadata,
                )
            db.engine.dispose()
    for difference in missing:
        print(f"not in the migrations: {difference}")
    print("Migrations are in step with the models." if not missing else "Write a migration.")
    return int(bool(missing))


if __name__ == "__main__":
    raise SystemExit(main())
