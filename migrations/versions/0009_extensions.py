"""More time for an answer: numbers of the rules, counted on each rung

Revision ID: 0009
Revises: 0008
Create Date: 2026-11-25 22:40:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('ladder_rung', sa.Column('extensions', sa.Integer(), server_default='1', nullable=False))
    op.add_column('ladder_rung', sa.Column('extension_working_days', sa.Integer(), server_default='15', nullable=False))
    op.add_column('ladder_rung', sa.Column('extended', sa.Integer(), server_default='0', nullable=False))
    op.add_column('rule_set', sa.Column('extensions', sa.Integer(), server_default='1', nullable=False))
    op.add_column('rule_set', sa.Column('extension_working_days', sa.Integer(), server_default='15', nullable=False))


def downgrade():
    op.drop_column('rule_set', 'extension_working_days')
    op.drop_column('rule_set', 'extensions')
    op.drop_column('ladder_rung', 'extended')
    op.drop_column('ladder_rung', 'extension_working_days')
    op.drop_column('ladder_rung', 'extensions')
