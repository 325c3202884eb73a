"""Forms that wait for the account that sent them, and forms that were sent already

Revision ID: 0022
Revises: 0021
Create Date: 2026-11-30 14:40:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('waiting_form',
    sa.Column('name', sa.String(length=32), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('path', sa.String(length=400), nullable=False),
    sa.Column('fields', sa.JSON(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_waiting_form_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_waiting_form'))
    )
    with op.batch_alter_table('waiting_form', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_waiting_form_user_id'), ['user_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_waiting_form_at'), ['at'], unique=False)

    op.create_table('form_sent',
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('content', sa.String(length=64), nullable=False),
    sa.Column('location', sa.String(length=400), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_form_sent'))
    )
    with op.batch_alter_table('form_sent', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_form_sent_at'), ['at'], unique=False)


def downgrade():
    with op.batch_alter_table('form_sent', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_form_sent_at'))

    op.drop_table('form_sent')
    with op.batch_alter_table('waiting_form', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_waiting_form_at'))
        batch_op.drop_index(batch_op.f('ix_waiting_form_user_id'))

    op.drop_table('waiting_form')
