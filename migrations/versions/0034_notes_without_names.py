"""Notes, templates and invitations stay when those who wrote them leave, without their names

Revision ID: 0034
Revises: 0033
Create Date: 2026-12-01 03:45:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0034'
down_revision = '0033'
branch_labels = None
depends_on = None

COLUMNS = (('staff_note', 'author_id'), ('phrase', 'by_id'), ('invitation', 'invited_by_id'))
MENTION = sa.table('mention', sa.column('note_id'), sa.column('user_id'), sa.column('seen_at', sa.DateTime(timezone=True)))


def upgrade():
    _change(nullable=True)


def downgrade():
    for table, column in COLUMNS:
        op.execute(f'DELETE FROM {table} WHERE {column} IS NULL')
    _change(nullable=False)


def _change(nullable):
    # SQLite makes a table anew and drops the old one: with the notes it would delete who is mentioned in them
    bind = op.get_bind()
    kept = [row._asdict() for row in bind.execute(sa.select(MENTION))] if bind.dialect.name == 'sqlite' else []
    for table, column in COLUMNS:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column(column, existing_type=sa.Integer(), nullable=nullable)
    if kept:
        op.bulk_insert(MENTION, kept)
