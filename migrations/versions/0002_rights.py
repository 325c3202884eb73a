"""rights over one's own data: consents, deleted accounts

Revision ID: 0002
Revises: 0001
Create Date: 2026-11-24 23:50:00

"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_consent_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_user_id"), "consent", ["user_id"])
    op.add_column("user", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))


def downgrade():
    # not as a batch: on SQLite that drops the table "user" for a moment, and with it what refers to it
    op.drop_column("user", "deleted_at")
    op.drop_table("consent")
