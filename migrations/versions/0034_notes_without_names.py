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


def upgrade():
    _change(nullable=True)


def downgrade():
    op.execute('DELETE FROM mention WHERE note_id IN (SELECT id FROM staff_note WHERE author_id IS NULL)')
    for table, column in COLUMNS:
        op.execute(f'DELETE FROM {table} WHERE {column} IS NULL')
    _change(nullable=False)


def _change(nullable):
    for table, column in COLUMNS:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column(column, existing_type=sa.Integer(), nullable=nullable)
