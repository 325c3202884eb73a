"""An organisation's own vote on its proposal is kept until the proposal is public; lists are read by publication

Revision ID: 0029
Revises: 0028
Create Date: 2026-11-30 18:10:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        'pending_organisation_vote',
        sa.Column('proposal_id', sa.Integer(), nullable=False),
        sa.Column('organisation_id', sa.Integer(), nullable=False),
        sa.Column('choice', sa.SmallInteger(), nullable=False),
        sa.Column('member_id', sa.Integer(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['member_id'], ['user.id'], name=op.f('fk_pending_organisation_vote_member_id_user'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_pending_organisation_vote_organisation_id_organisation'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_pending_organisation_vote_proposal_id_proposal'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('proposal_id', 'organisation_id', name=op.f('pk_pending_organisation_vote')),
    )
    op.create_index('ix_proposal_published_at_id', 'proposal', ['published_at', 'id'])
    op.create_index('ix_proposal_stage_published_at_id', 'proposal', ['stage', 'published_at', 'id'])
    op.create_index(op.f('ix_pending_organisation_vote_member_id'), 'pending_organisation_vote', ['member_id'])


def downgrade():
    op.drop_index('ix_proposal_stage_published_at_id', table_name='proposal')
    op.drop_index('ix_proposal_published_at_id', table_name='proposal')
    op.drop_index(op.f('ix_pending_organisation_vote_member_id'), table_name='pending_organisation_vote')
    op.drop_table('pending_organisation_vote')
