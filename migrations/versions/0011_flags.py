"""Flags, their reviews, hidings; what of a proposal is hidden

Revision ID: 0011
Revises: 0010
Create Date: 2026-11-25 22:30:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('proposal', sa.Column('hidden', sa.String(length=16), nullable=True))
    op.add_column('proposal', sa.Column('hidden_reason', sa.String(length=20), nullable=True))
    op.add_column('proposal', sa.Column('photo_hidden_reason', sa.String(length=20), nullable=True))
    op.create_table('flag_review',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('what', sa.String(length=8), nullable=False),
    sa.Column('desk_id', sa.Integer(), nullable=False),
    sa.Column('flags', sa.Integer(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('overdue_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decision', sa.String(length=10), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('decided_at IS NOT NULL OR due_at IS NOT NULL', name=op.f('ck_flag_review_open_has_due_date')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user.id'], name=op.f('fk_flag_review_decided_by_id_user')),
    sa.ForeignKeyConstraint(['desk_id'], ['territory.id'], name=op.f('fk_flag_review_desk_id_territory')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_flag_review_proposal_id_proposal'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_flag_review'))
    )
    op.create_index(op.f('ix_flag_review_proposal_id'), 'flag_review', ['proposal_id'], unique=False)
    op.create_index('ix_flag_review_open', 'flag_review', ['proposal_id', 'what'], unique=True,
                    sqlite_where=sa.text('decided_at IS NULL'), postgresql_where=sa.text('decided_at IS NULL'))
    op.create_index('ix_flag_review_due_at', 'flag_review', ['due_at'], unique=False,
                    sqlite_where=sa.text('due_at IS NOT NULL'), postgresql_where=sa.text('due_at IS NOT NULL'))
    op.create_table('flag',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('review_id', sa.Integer(), nullable=False),
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('what', sa.String(length=8), nullable=False),
    sa.Column('reason', sa.String(length=20), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('reporter_id', sa.Integer(), nullable=True),
    sa.Column('network', sa.String(length=16), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_flag_proposal_id_proposal'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['reporter_id'], ['user.id'], name=op.f('fk_flag_reporter_id_user'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['review_id'], ['flag_review.id'], name=op.f('fk_flag_review_id_flag_review'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_flag'))
    )
    op.create_index(op.f('ix_flag_review_id'), 'flag', ['review_id'], unique=False)
    op.create_index('ix_flag_of_person', 'flag', ['reporter_id', 'proposal_id', 'what', 'reason'], unique=True,
                    sqlite_where=sa.text('reporter_id IS NOT NULL'), postgresql_where=sa.text('reporter_id IS NOT NULL'))
    op.create_index('ix_flag_untold', 'flag', ['review_id'], unique=False,
                    sqlite_where=sa.text('reporter_id IS NOT NULL AND told_at IS NULL'),
                    postgresql_where=sa.text('reporter_id IS NOT NULL AND told_at IS NULL'))
    op.create_index('ix_flag_traced', 'flag', ['network', 'at'], unique=False,
                    sqlite_where=sa.text('network IS NOT NULL'), postgresql_where=sa.text('network IS NOT NULL'))
    op.create_table('hiding',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('what', sa.String(length=8), nullable=False),
    sa.Column('with_title', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.String(length=20), nullable=False),
    sa.Column('sentence', sa.Text(), nullable=False),
    sa.Column('desk_id', sa.Integer(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('appeal_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('appealed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('appeal_note', sa.Text(), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decision', sa.String(length=10), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('lifted_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_hiding_by_id_user')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user.id'], name=op.f('fk_hiding_decided_by_id_user')),
    sa.ForeignKeyConstraint(['desk_id'], ['territory.id'], name=op.f('fk_hiding_desk_id_territory')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_hiding_proposal_id_proposal'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hiding'))
    )
    op.create_index(op.f('ix_hiding_proposal_id'), 'hiding', ['proposal_id'], unique=False)
    op.create_index('ix_hiding_in_force', 'hiding', ['proposal_id', 'what'], unique=True,
                    sqlite_where=sa.text('lifted_at IS NULL'), postgresql_where=sa.text('lifted_at IS NULL'))
    op.create_index('ix_hiding_due_at', 'hiding', ['due_at'], unique=False,
                    sqlite_where=sa.text('due_at IS NOT NULL'), postgresql_where=sa.text('due_at IS NOT NULL'))


def downgrade():
    op.drop_table('hiding')
    op.drop_table('flag')
    op.drop_table('flag_review')
    op.drop_column('proposal', 'photo_hidden_reason')
    op.drop_column('proposal', 'hidden_reason')
    op.drop_column('proposal', 'hidden')
