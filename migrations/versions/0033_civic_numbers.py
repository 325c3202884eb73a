"""Numbers that a citizen may dispute are columns of the rule sets; what was promised by them keeps them

Revision ID: 0033
Revises: 0032
Create Date: 2026-12-01 02:55:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0033'
down_revision = '0032'
branch_labels = None
depends_on = None

#: The numbers that the code held until now; existing rows get them.
NUMBERS = (
    ('rule_set', 'questions', '2'),
    ('rule_set', 'verify_working_days', '2'),
    ('rule_set', 'letter_days', '365'),
    ('rule_set', 'offer_working_days', '15'),
    ('rule_set', 'promise_working_days', '15'),
    ('rule_set', 'moves', '2'),
    ('rule_set', 'move_days', '180'),
    ('rule_set', 'missed_again_working_days', '10'),
    ('rule_set', 'judging_days', '28'),
    ('rule_set', 'judging_minimum', '3'),
    ('rule_set', 'replan_working_days', '10'),
    ('rule_set', 'merger_days', '30'),
    ('rule_set', 'plan_wait_days', '30'),
    ('rule_set', 'progress_percent', '25'),
    ('rule_set', 'home_days', '90'),
    ('merger', 'undo_days', '30'),
    ('milestone', 'most_moves', '2'),
    ('milestone', 'move_days', '180'),
    ('hanging_case', 'number', '0'),
)
#: The numbers that stand in the reasons of what has stalled already.
CASES = (('no-milestones', 30), ('no-progress', 25))


def upgrade():
    for table, name, usual in NUMBERS:
        op.add_column(table, sa.Column(name, sa.Integer(), server_default=usual, nullable=False))
    case = sa.table('hanging_case', sa.column('cause'), sa.column('number'))
    for cause, number in CASES:
        op.execute(case.update().where(case.c.cause == cause).values(number=number))


def downgrade():
    for table, name, _usual in reversed(NUMBERS):
        op.drop_column(table, name)
