"""Absences of the site, and what the rule set says of dates that somebody sets for somebody else

Revision ID: 0024
Revises: 0023
Create Date: 2026-11-30 18:10:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None

NUMBERS = (('plan_days', '1095'), ('accreditation_days', '1826'), ('outage_hours', '4'))


def upgrade():
    moment = sa.DateTime(timezone=True)
    op.create_table(
        'outage',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('began_at', moment, nullable=False),
        sa.Column('ended_at', moment, nullable=False),
        sa.Column('noted_at', moment, nullable=False),
        sa.Column('hours', sa.Integer(), nullable=False),
        sa.Column('moved', sa.Integer(), nullable=False),
        sa.Column('reason', sa.String(length=200), server_default='', nullable=False),
        sa.Column('fact_id', sa.Integer(), nullable=True),
        sa.CheckConstraint('ended_at > began_at', name=op.f('ck_outage_ends_after_it_began')),
        sa.ForeignKeyConstraint(['fact_id'], ['fact.id'], name=op.f('fk_outage_fact_id_fact')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_outage')),
    )
    op.create_index(op.f('ix_outage_ended_at'), 'outage', ['ended_at'])
    for name, usual in NUMBERS:
        op.add_column('rule_set', sa.Column(name, sa.Integer(), server_default=usual, nullable=False))


def downgrade():
    for name, _usual in reversed(NUMBERS):
        with op.batch_alter_table('rule_set') as table:
            table.drop_column(name)
    op.drop_index(op.f('ix_outage_ended_at'), 'outage')
    op.drop_table('outage')
