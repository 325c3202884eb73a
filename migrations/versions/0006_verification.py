"""Verification: attempts, homes with dates, sign-ins elsewhere, versions of the keys of persons

Revision ID: 0006
Revises: 0005
Create Date: 2026-11-25 07:30:00

"""
import hashlib
import hmac
from datetime import datetime, timezone

from alembic import op
from flask import current_app
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade():
    # Plain ALTER TABLE, no batch: a batch would copy the table "user", and dropping the old one
    # takes with it whatever refers to its rows.
    op.add_column('user', sa.Column('key_version', sa.SmallInteger(), server_default='1', nullable=False))
    op.add_column('register_entry', sa.Column('key_version', sa.SmallInteger(), server_default='1', nullable=False))
    op.create_table('verification_attempt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('provider', sa.String(length=20), nullable=False),
    sa.Column('seed', sa.String(length=32), nullable=False),
    sa.Column('handle_key', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('person_key', sa.String(length=64), nullable=True),
    sa.Column('key_version', sa.SmallInteger(), nullable=False),
    sa.Column('home_kato', sa.String(length=9), nullable=True),
    sa.Column('is_declared', sa.Boolean(), nullable=False),
    sa.Column('subject_key', sa.String(length=64), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('code_key', sa.String(length=64), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_verification_attempt_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_verification_attempt')),
    sa.UniqueConstraint('handle_key', name=op.f('uq_verification_attempt_handle_key'))
    )
    op.create_index(op.f('ix_verification_attempt_user_id'), 'verification_attempt', ['user_id'], unique=False)
    op.create_index(op.f('ix_verification_attempt_expires_at'), 'verification_attempt', ['expires_at'], unique=False)
    op.create_table('residence',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('home_id', sa.Integer(), nullable=False),
    sa.Column('provider', sa.String(length=20), nullable=False),
    sa.Column('is_declared', sa.Boolean(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['home_id'], ['territory.id'], name=op.f('fk_residence_home_id_territory')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_residence_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_residence'))
    )
    op.create_index(op.f('ix_residence_user_id'), 'residence', ['user_id'], unique=False)
    op.create_table('outside_subject',
    sa.Column('subject_key', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_outside_subject_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('subject_key', name=op.f('pk_outside_subject'))
    )
    op.create_index(op.f('ix_outside_subject_user_id'), 'outside_subject', ['user_id'], unique=False)
    op.create_table('pepper_mark',
    sa.Column('version', sa.SmallInteger(), autoincrement=False, nullable=False),
    sa.Column('mark', sa.String(length=64), nullable=False),
    sa.Column('noted_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('version', name=op.f('pk_pepper_mark'))
    )
    # until now the register was the only way, so every home that is known came from it
    op.execute("""INSERT INTO residence (user_id, home_id, provider, is_declared, since)
        SELECT id, home_id, 'register', false, verified_at FROM "user"
        WHERE verified_at IS NOT NULL AND home_id IS NOT NULL""")
    _mark_the_pepper(op.get_bind())


def _mark_the_pepper(connection):
    """Keys that are there already were made with the pepper of the settings: a wrong one must be noticed from now on."""
    known = connection.execute(sa.text("""SELECT 1 FROM "user" WHERE person_key IS NOT NULL
        UNION ALL SELECT 1 FROM register_entry LIMIT 1""")).first()
    if known is None:
        return
    pepper = [*current_app.config["PERSON_PEPPER_OLD"], current_app.config["PERSON_PEPPER"]][0]
    mark = hmac.new(pepper.encode(), b"mark:", hashlib.sha256).hexdigest()  # as verification/pepper_marks.py does it
    marks = sa.table('pepper_mark', sa.column('version'), sa.column('mark'), sa.column('noted_at', sa.DateTime(timezone=True)))
    connection.execute(marks.insert().values(version=1, mark=mark, noted_at=datetime.now(timezone.utc)))


def downgrade():
    op.drop_table('pepper_mark')
    op.drop_index(op.f('ix_outside_subject_user_id'), table_name='outside_subject')
    op.drop_table('outside_subject')
    op.drop_index(op.f('ix_residence_user_id'), table_name='residence')
    op.drop_table('residence')
    op.drop_index(op.f('ix_verification_attempt_expires_at'), table_name='verification_attempt')
    op.drop_index(op.f('ix_verification_attempt_user_id'), table_name='verification_attempt')
    op.drop_table('verification_attempt')
    op.drop_column('register_entry', 'key_version')
    op.drop_column('user', 'key_version')
