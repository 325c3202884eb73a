"""Mergers of duplicate proposals, and the mark on votes that they brought

Revision ID: 0010
Revises: 0009
Create Date: 2026-11-25 22:40:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade():
    # Plain ALTER TABLE, no batch and no foreign keys: a batch would copy the largest table of all.
    for table in ('vote', 'organisation_vote', 'pending_vote'):
        op.add_column(table, sa.Column('merger_id', sa.Integer(), nullable=True))
    op.create_index('ix_proposal_merged_into_id', 'proposal', ['merged_into_id'], unique=False,
                    sqlite_where=sa.text('merged_into_id IS NOT NULL'), postgresql_where=sa.text('merged_into_id IS NOT NULL'))
    op.create_table('merger',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('into_id', sa.Integer(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('stage', sa.String(length=20), nullable=False),
    sa.Column('seat_id', sa.Integer(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closes_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('supports', sa.Integer(), nullable=False),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('undone_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_merger_proposal_id_proposal'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['into_id'], ['proposal.id'], name=op.f('fk_merger_into_id_proposal'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_merger_by_id_user')),
    sa.ForeignKeyConstraint(['undone_by_id'], ['user.id'], name=op.f('fk_merger_undone_by_id_user')),
    sa.ForeignKeyConstraint(['seat_id'], ['territory.id'], name=op.f('fk_merger_seat_id_territory')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_merger'))
    )
    op.create_index(op.f('ix_merger_proposal_id'), 'merger', ['proposal_id'], unique=False)
    op.create_index(op.f('ix_merger_into_id'), 'merger', ['into_id'], unique=False)
    op.create_index('uq_merger_in_force', 'merger', ['proposal_id'], unique=True,
                    sqlite_where=sa.text('undone_at IS NULL'), postgresql_where=sa.text('undone_at IS NULL'))


def downgrade():
    op.drop_table('merger')
    op.drop_index('ix_proposal_merged_into_id', table_name='proposal')
    for table in ('pending_vote', 'organisation_vote', 'vote'):
        op.drop_column(table, 'merger_id')
