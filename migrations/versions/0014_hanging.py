"""What has hung, from when until when, and reminders before

Revision ID: 0014
Revises: 0013
Create Date: 2026-11-26 18:41:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('hanging_case',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('cause', sa.String(length=20), nullable=False),
    sa.Column('level', sa.String(length=10), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('territory_id', sa.Integer(), nullable=False),
    sa.Column('direction_id', sa.Integer(), nullable=True),
    sa.Column('region_id', sa.Integer(), nullable=True),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['territory_id'], ['territory.id'], name=op.f('fk_hanging_case_territory_id_territory')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hanging_case'))
    )
    with op.batch_alter_table('hanging_case', schema=None) as batch_op:
        batch_op.create_index('ix_hanging_case_direction_id_region_id', ['direction_id', 'region_id'], unique=False, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.create_index('ix_hanging_case_opened_at', ['opened_at'], unique=False)
        batch_op.create_index('uq_hanging_case_open', ['cause', 'level', 'subject_id', 'territory_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.create_table('hanging_reminder',
    sa.Column('cause', sa.String(length=20), nullable=False),
    sa.Column('level', sa.String(length=10), nullable=False),
    sa.Column('subject_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('territory_id', sa.Integer(), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['territory_id'], ['territory.id'], name=op.f('fk_hanging_reminder_territory_id_territory')),
    sa.PrimaryKeyConstraint('cause', 'level', 'subject_id', 'territory_id', 'since', name=op.f('pk_hanging_reminder'))
    )


def downgrade():
    op.drop_table('hanging_reminder')
    with op.batch_alter_table('hanging_case', schema=None) as batch_op:
        batch_op.drop_index('uq_hanging_case_open', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.drop_index('ix_hanging_case_opened_at')
        batch_op.drop_index('ix_hanging_case_direction_id_region_id', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.drop_table('hanging_case')
