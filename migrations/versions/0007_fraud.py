"""Votes set aside for checking, networks for a term, used challenges

Revision ID: 0007
Revises: 0006
Create Date: 2026-11-25 02:30:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade():
    # Plain ALTER TABLE, no batch and no foreign keys: a batch would copy the largest table of all.
    op.add_column('vote', sa.Column('network', sa.String(length=16), nullable=True))
    op.add_column('vote', sa.Column('quarantine_id', sa.Integer(), nullable=True))
    op.create_index('ix_vote_set_aside', 'vote', ['quarantine_id', 'proposal_id'], unique=False,
                    sqlite_where=sa.text('quarantine_id IS NOT NULL'), postgresql_where=sa.text('quarantine_id IS NOT NULL'))
    op.add_column('user', sa.Column('quarantine_id', sa.Integer(), nullable=True))
    op.create_index('ix_user_quarantine_id', 'user', ['quarantine_id'], unique=False,
                    sqlite_where=sa.text('quarantine_id IS NOT NULL'), postgresql_where=sa.text('quarantine_id IS NOT NULL'))
    op.create_index('ix_user_unconfirmed', 'user', ['created_at'], unique=False,
                    sqlite_where=sa.text('email_confirmed_at IS NULL'), postgresql_where=sa.text('email_confirmed_at IS NULL'))
    op.create_index('ix_user_deleted_at', 'user', ['deleted_at'], unique=False,
                    sqlite_where=sa.text('deleted_at IS NOT NULL'), postgresql_where=sa.text('deleted_at IS NOT NULL'))
    op.create_index('ix_message_kept', 'message', ['created_at'], unique=False,
                    sqlite_where=sa.text("recipient <> ''"), postgresql_where=sa.text("recipient <> ''"))
    op.create_index(op.f('ix_email_code_created_at'), 'email_code', ['created_at'], unique=False)
    op.create_table('quarantine',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('kinds', sa.String(length=120), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('accounts', sa.Integer(), nullable=False),
    sa.Column('votes', sa.Integer(), nullable=False),
    sa.Column('proposals', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quarantine'))
    )
    op.create_table('check_request',
    sa.Column('quarantine_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['quarantine_id'], ['quarantine.id'], name=op.f('fk_check_request_quarantine_id_quarantine'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_check_request_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('quarantine_id', 'user_id', name=op.f('pk_check_request'))
    )
    op.create_table('arrival',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('event', sa.String(length=10), nullable=False),
    sa.Column('network', sa.String(length=16), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_arrival_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', 'event', name=op.f('pk_arrival'))
    )
    op.create_index('ix_arrival_traced', 'arrival', ['at'], unique=False,
                    sqlite_where=sa.text('network IS NOT NULL'), postgresql_where=sa.text('network IS NOT NULL'))
    op.create_table('used_challenge',
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_used_challenge'))
    )
    op.create_index(op.f('ix_used_challenge_expires_at'), 'used_challenge', ['expires_at'], unique=False)
    op.create_table('photo',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=32), nullable=False),
    sa.Column('draft_id', sa.Integer(), nullable=True),
    sa.Column('proposal_id', sa.Integer(), nullable=True),
    sa.Column('alt', sa.String(length=300), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('sent_by', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['draft_id'], ['draft.id'], name=op.f('fk_photo_draft_id_draft'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_photo_proposal_id_proposal'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_photo')),
    sa.UniqueConstraint('draft_id', name=op.f('uq_photo_draft_id')),
    sa.UniqueConstraint('name', name=op.f('uq_photo_name')),
    sa.UniqueConstraint('proposal_id', name=op.f('uq_photo_proposal_id'))
    )
    op.create_index('ix_photo_sent_by_at', 'photo', ['sent_by', 'at'], unique=False)


def downgrade():
    op.drop_table('photo')
    op.drop_table('used_challenge')
    op.drop_table('arrival')
    op.drop_table('check_request')
    op.drop_table('quarantine')
    op.drop_index(op.f('ix_email_code_created_at'), table_name='email_code')
    op.drop_index('ix_message_kept', table_name='message')
    op.drop_index('ix_user_deleted_at', table_name='user')
    op.drop_index('ix_user_unconfirmed', table_name='user')
    op.drop_index('ix_user_quarantine_id', table_name='user')
    op.drop_column('user', 'quarantine_id')
    op.drop_index('ix_vote_set_aside', table_name='vote')
    op.drop_column('vote', 'quarantine_id')
    op.drop_column('vote', 'network')
