"""Staff: grants that end, the second step of signing in

Revision ID: 0004
Revises: 0003
Create Date: 2026-11-24 23:50:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade():
    # Plain ALTER TABLE, no batch: a batch would copy the table "user", and dropping the old one
    # takes with it whatever refers to its rows.
    op.add_column('user', sa.Column('second_step_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('grant', sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index('ix_grant_unended', 'grant', ['valid_until'], unique=False,
                    sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
    op.create_table('second_step',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('secret', sa.String(length=255), nullable=False),
    sa.Column('wanted_secret', sa.String(length=255), nullable=False),
    sa.Column('last_step', sa.Integer(), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('tries_since', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_second_step_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_second_step'))
    )
    op.create_table('recovery_code',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('code_key', sa.String(length=64), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_recovery_code_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recovery_code')),
    sa.UniqueConstraint('user_id', 'code_key', name=op.f('uq_recovery_code_user_id_code_key'))
    )


def downgrade():
    op.drop_table('recovery_code')
    op.drop_table('second_step')
    op.drop_index('ix_grant_unended', table_name='grant')
    op.drop_column('grant', 'ended_at')
    op.drop_column('user', 'second_step_at')
