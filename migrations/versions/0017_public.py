"""Only a fact of publication makes a proposal public

Revision ID: 0017
Revises: 0016
Create Date: 2026-11-30 14:30:00

What was taken back, lapsed or left with its author before anybody had checked it stood in public. The pages ask
`published_at` now, so that such rows are closed by themselves. Here whoever met them meanwhile stops following
them, and what was published before the column was always written gets the moment of its publication.

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

PUBLISHED = ('proposal:published', 'proposal:imported')
CHECKED = ('collecting', 'review', 'accepted', 'implementing', 'done', 'declined', 'unsupported')


def upgrade():
    proposal = sa.table('proposal', sa.column('id'), sa.column('stage'), sa.column('published_at'),
                        sa.column('submitted_at'), sa.column('author_id'))
    fact = sa.table('fact', sa.column('proposal_id'), sa.column('verb'), sa.column('at'), sa.column('id'))
    follow = sa.table('follow', sa.column('kind'), sa.column('key'), sa.column('person_id'))
    notice = sa.table('notice', sa.column('fact_id'), sa.column('kind'))
    first = sa.select(sa.func.min(fact.c.at)).where(fact.c.proposal_id == proposal.c.id, fact.c.verb.in_(PUBLISHED))
    op.execute(sa.update(proposal).where(proposal.c.published_at.is_(None), proposal.c.stage.in_(CHECKED)).values(
        published_at=sa.func.coalesce(first.scalar_subquery(), proposal.c.submitted_at)))
    unseen = sa.select(proposal.c.id).where(proposal.c.published_at.is_(None), proposal.c.stage != 'merged')
    names = sa.select(sa.cast(proposal.c.id, sa.String)).where(proposal.c.id.in_(unseen))
    op.execute(sa.delete(follow).where(follow.c.kind == 'proposal', follow.c.key.in_(names)))
    facts = sa.select(fact.c.id).where(fact.c.proposal_id.in_(unseen))
    op.execute(sa.delete(notice).where(notice.c.kind == 'follower', notice.c.fact_id.in_(facts)))


def downgrade():
    pass
