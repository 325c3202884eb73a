"""Notices, what people follow, their wishes and secret addresses; two parts, failures and one-click unsubscribing of mails

Revision ID: 0012
Revises: 0011
Create Date: 2026-11-25 22:30:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('message', sa.Column('html', sa.Text(), nullable=True))
    op.add_column('message', sa.Column('unsubscribe', sa.String(length=400), nullable=True))
    op.add_column('message', sa.Column('failed_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('message', sa.Column('given_up_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('message', sa.Column('error', sa.String(length=80), nullable=True))
    op.create_index('ix_message_failed_at', 'message', ['failed_at'], unique=False,
                    sqlite_where=sa.text('failed_at IS NOT NULL'), postgresql_where=sa.text('failed_at IS NOT NULL'))
    # mails that were given up silently are dead letters now, until an operator decides or their term is over
    op.execute("UPDATE message SET failed_at = created_at WHERE next_at IS NULL AND sent_at IS NULL AND recipient <> ''")
    op.create_table('notice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('fact_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('mail', sa.String(length=5), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['fact_id'], ['fact.id'], name=op.f('fk_notice_fact_id_fact')),
    sa.ForeignKeyConstraint(['person_id'], ['user.id'], name=op.f('fk_notice_person_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice')),
    sa.UniqueConstraint('fact_id', 'person_id', name=op.f('uq_notice_fact_id_person_id'))
    )
    op.create_index('ix_notice_person_id_id', 'notice', ['person_id', 'id'], unique=False)
    op.create_index('ix_notice_unread', 'notice', ['person_id'], unique=False,
                    sqlite_where=sa.text('read_at IS NULL'), postgresql_where=sa.text('read_at IS NULL'))
    op.create_index('ix_notice_waits', 'notice', ['person_id'], unique=False,
                    sqlite_where=sa.text("mail = 'waits'"), postgresql_where=sa.text("mail = 'waits'"))
    op.create_table('follow',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('key', sa.String(length=20), nullable=False),
    sa.Column('wanted', sa.Boolean(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['user.id'], name=op.f('fk_follow_person_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('person_id', 'kind', 'key', name=op.f('pk_follow'))
    )
    op.create_index('ix_follow_kind_key_person_id', 'follow', ['kind', 'key', 'person_id'], unique=False)
    op.create_table('wish',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('own', sa.Boolean(), nullable=False),
    sa.Column('digest', sa.Boolean(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['user.id'], name=op.f('fk_wish_person_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_wish'))
    )
    op.create_table('secret_address',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('purpose', sa.String(length=10), nullable=False),
    sa.Column('seed', sa.String(length=64), nullable=False),
    sa.Column('fingerprint', sa.String(length=64), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['user.id'], name=op.f('fk_secret_address_person_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('person_id', 'purpose', name=op.f('pk_secret_address')),
    sa.UniqueConstraint('fingerprint', name=op.f('uq_secret_address_fingerprint'))
    )


def downgrade():
    op.drop_table('secret_address')
    op.drop_table('wish')
    op.drop_table('follow')
    op.drop_table('notice')
    op.drop_index('ix_message_failed_at', table_name='message')
    for column in ('error', 'given_up_at', 'failed_at', 'unsubscribe', 'html'):
        op.drop_column('message', column)
