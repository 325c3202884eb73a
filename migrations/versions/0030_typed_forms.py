"""Forms that are being typed are kept beside those that were sent too late; a draft has room for all that somebody typed

Revision ID: 0030
Revises: 0029
Create Date: 2026-11-30 18:10:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('waiting_form', schema=None) as batch_op:
        batch_op.add_column(sa.Column('was_sent', sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table('waiting_form', schema=None) as batch_op:
        batch_op.alter_column('was_sent', server_default=None, existing_type=sa.Boolean(), existing_nullable=False)
    with op.batch_alter_table('draft', schema=None) as batch_op:
        batch_op.alter_column('title', existing_type=sa.String(length=400), type_=sa.Text(), existing_nullable=False)
        batch_op.alter_column('place', existing_type=sa.String(length=200), type_=sa.Text(), existing_nullable=False)


def downgrade():
    op.execute('DELETE FROM waiting_form WHERE NOT was_sent')
    op.execute('UPDATE draft SET title = substr(title, 1, 400), place = substr(place, 1, 200)')
    with op.batch_alter_table('draft', schema=None) as batch_op:
        batch_op.alter_column('place', existing_type=sa.Text(), type_=sa.String(length=200), existing_nullable=False)
        batch_op.alter_column('title', existing_type=sa.Text(), type_=sa.String(length=400), existing_nullable=False)
    with op.batch_alter_table('waiting_form', schema=None) as batch_op:
        batch_op.drop_column('was_sent')
