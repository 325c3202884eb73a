"""The end of the term for an appeal is stored when it is promised

Revision ID: 0020
Revises: 0019
Create Date: 2026-11-30 15:40:00

"""
from datetime import datetime

from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('proposal', sa.Column('appeal_until', sa.DateTime(timezone=True), nullable=True))
    moment = sa.DateTime(timezone=True)
    proposal = sa.table('proposal', sa.column('id'), sa.column('stage'), sa.column('seat_id'), sa.column('due_at', moment),
                        sa.column('closed_at', moment), sa.column('appeal_until', moment))
    fact = sa.table('fact', sa.column('id'), sa.column('proposal_id'), sa.column('verb'), sa.column('facts', sa.JSON))
    connection = op.get_bind()
    is_open = proposal.c.closed_at.is_(None)
    connection.execute(sa.update(proposal).where(proposal.c.stage == 'rejected', is_open).values(
        appeal_until=proposal.c.due_at))
    # at the highest rung an appeal was promised that nobody above could have taken: there it stays closed
    rung = sa.table('ladder_rung', *map(sa.column, ('proposal_id', 'territory_id', 'position')))
    here, above = rung.alias('here'), rung.alias('above')
    is_above = sa.exists().where(here.c.proposal_id == proposal.c.id, here.c.territory_id == proposal.c.seat_id,
                                 above.c.proposal_id == proposal.c.id, above.c.position > here.c.position)
    declined = sa.select(proposal.c.id).where(proposal.c.stage == 'declined', is_open, is_above)
    for key in connection.scalars(declined).all():  # what page, mail and journal have said since
        said = sa.select(fact.c.facts).where(fact.c.proposal_id == key, fact.c.verb == 'proposal:declined')
        promised = connection.scalar(said.order_by(fact.c.id.desc()).limit(1)) or {}
        if promised.get('appeal_until'):
            until = datetime.fromisoformat(promised['appeal_until'])
            connection.execute(sa.update(proposal).where(proposal.c.id == key).values(appeal_until=until))


def downgrade():
    op.drop_column('proposal', 'appeal_until')
