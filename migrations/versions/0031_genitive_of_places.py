"""Names of territories have their Russian genitive beside them

Revision ID: 0031
Revises: 0030
Create Date: 2026-11-30 22:10:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None


def upgrade():
    # In place, as SQLite can: the table is not built anew, for others point at it.
    op.add_column('territory', sa.Column('name_ru_gen', sa.String(length=160), nullable=False, server_default=sa.text("''")))


def downgrade():
    op.drop_column('territory', 'name_ru_gen')
