"""A milestone is reported done, partly done, or to come later with the reason; its first date stays beside the new one

Revision ID: 0028
Revises: 0026
Create Date: 2026-11-30 18:05:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0028'
down_revision = '0026'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('milestone', sa.Column('promised_on', sa.Date(), nullable=True))
    op.add_column('milestone', sa.Column('first_missed_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('milestone', sa.Column('moves', sa.SmallInteger(), server_default=sa.text('0'), nullable=False))
    op.add_column('milestone_report', sa.Column('outcome', sa.String(length=6), server_default=sa.text("'done'"), nullable=False))
    op.add_column('milestone_report', sa.Column('early_kk', sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column('milestone_report', sa.Column('early_ru', sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column('milestone_report', sa.Column('moved_from', sa.Date(), nullable=True))
    op.add_column('milestone_report', sa.Column('moved_to', sa.Date(), nullable=True))


def downgrade():
    # what was partly done or moved to another date would read as done without its column
    op.execute(sa.text("DELETE FROM photo WHERE report_id IN (SELECT id FROM milestone_report WHERE outcome <> 'done')"))
    op.execute(sa.text("DELETE FROM milestone_report WHERE outcome <> 'done'"))
    with op.batch_alter_table('milestone_report', schema=None) as batch_op:
        for column in ('moved_to', 'moved_from', 'early_ru', 'early_kk', 'outcome'):
            batch_op.drop_column(column)
    with op.batch_alter_table('milestone', schema=None) as batch_op:
        batch_op.drop_column('moves')
        batch_op.drop_column('first_missed_at')
        batch_op.drop_column('promised_on')
