"""Facts are sealed with commitments; numbers of votes that are set aside are gathered before they are told

Revision ID: 0018
Revises: 0017
Create Date: 2026-11-30 15:00:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('fact', sa.Column('seal', sa.SmallInteger(), nullable=True))
    op.add_column('fact', sa.Column('actor', sa.String(length=64), nullable=True))
    op.add_column('fact', sa.Column('acting_for', sa.String(length=64), nullable=True))
    op.execute("UPDATE fact SET seal = 1 WHERE hash IS NOT NULL")
    # What one check did to one proposal, recorded and not sealed yet: with the second seal it would be shown. A small
    # check is one person's list of votes.
    op.execute("UPDATE fact SET public = (1 = 0) WHERE hash IS NULL "
               "AND verb IN ('votes:set-aside', 'votes:given-back', 'check:begun', 'check:ended')")
    op.create_index('ix_fact_actor_id', 'fact', ['actor_id'], unique=False,
                    sqlite_where=sa.text('actor_id IS NOT NULL'), postgresql_where=sa.text('actor_id IS NOT NULL'))
    op.create_table('fact_salt',
    sa.Column('fact_id', sa.Integer(), nullable=False),
    sa.Column('part', sa.String(length=10), nullable=False),
    sa.Column('salt', sa.String(length=32), nullable=False),
    sa.ForeignKeyConstraint(['fact_id'], ['fact.id'], name=op.f('fk_fact_salt_fact_id_fact'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('fact_id', 'part', name=op.f('pk_fact_salt'))
    )
    op.create_table('untold_votes',
    sa.Column('proposal_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('is_back', sa.Boolean(), nullable=False),
    sa.Column('votes', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_untold_votes_proposal_id_proposal'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('proposal_id', 'is_back', name=op.f('pk_untold_votes'))
    )
    op.create_table('untold_accounts',
    sa.Column('is_back', sa.Boolean(), nullable=False),
    sa.Column('accounts', sa.Integer(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('is_back', name=op.f('pk_untold_accounts'))
    )
    op.add_column('user', sa.Column('returns_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index('ix_user_returns_at', 'user', ['returns_at'], unique=False,
                    sqlite_where=sa.text('returns_at IS NOT NULL'), postgresql_where=sa.text('returns_at IS NOT NULL'))


def downgrade():
    op.drop_index('ix_user_returns_at', table_name='user', sqlite_where=sa.text('returns_at IS NOT NULL'),
                  postgresql_where=sa.text('returns_at IS NOT NULL'))
    op.drop_column('user', 'returns_at')
    op.drop_table('untold_accounts')
    op.drop_table('untold_votes')
    op.drop_table('fact_salt')
    op.drop_index('ix_fact_actor_id', table_name='fact', sqlite_where=sa.text('actor_id IS NOT NULL'),
                  postgresql_where=sa.text('actor_id IS NOT NULL'))
    # what the second seal covers the first one does not: such facts are sealed anew
    op.execute("UPDATE fact SET hash = NULL, prev_hash = NULL, position = NULL WHERE seal = 2")
    op.drop_column('fact', 'acting_for')
    op.drop_column('fact', 'actor')
    op.drop_column('fact', 'seal')
