"""How far the counting of all votes anew has come, and what the last whole round found

Revision ID: 0026
Revises: 0024
Create Date: 2026-11-30 18:30:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0026'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        'recount',
        sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('is_going', sa.Boolean(), nullable=False),
        sa.Column('last_id', sa.Integer(), nullable=False),
        sa.Column('proposals', sa.Integer(), nullable=False),
        sa.Column('corrected', sa.Integer(), nullable=False),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('ended_proposals', sa.Integer(), nullable=False),
        sa.Column('ended_corrected', sa.Integer(), nullable=False),
        sa.Column('repairs', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_recount')),
    )


def downgrade():
    op.drop_table('recount')
