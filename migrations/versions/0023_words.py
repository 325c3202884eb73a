"""The index of words holds what proposals say now; a kept view of the desk has room for every search

Revision ID: 0023
Revises: 0022
Create Date: 2026-11-30 14:40:00

"""
import re
import unicodedata

from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None

proposal = sa.table('proposal', *map(sa.column, ('id', 'title', 'text', 'hidden')))
term = sa.table('proposal_term', *map(sa.column, ('term', 'proposal_id', 'weight')))

# The words as they were found when this step was written; `flask reindex` follows what has changed since.
LOOK_ALIKES = str.maketrans("әіңғүұқөһёacekmoptxyi", "аингуукохеасекмортхуи")
FREQUENT = frozenset(
    "бы во вы до ее же за из им их ко ли мы на не ни но об он по со та те то ты уж "
    "ал ба бе де ма ме па пе ол ше "
    "am an as at be by do he if in is it me my no of on or so to up us we".split()
)


def _terms(text):
    words = unicodedata.normalize("NFC", text or "").casefold().split()
    folded = " ".join(w.translate(LOOK_ALIKES) if re.search("[а-яәіңғүұқөһё]", w) else w for w in words)
    return list(dict.fromkeys(word[:5] for word in re.findall(r"[^\W_]{2,}|\d", folded)))


def _rows(row):
    title = dict.fromkeys([] if row.hidden == 'title_and_text' else _terms(row.title))
    body = [] if row.hidden else _terms((row.text or "")[:3000])
    body = [word for word in body if word not in title and word not in FREQUENT][:60]
    weights = dict.fromkeys(title, 3) | dict.fromkeys(body, 1)
    return [{"term": word, "proposal_id": row.id, "weight": weight} for word, weight in weights.items()]


def upgrade():
    with op.batch_alter_table('desk_view', schema=None) as batch_op:
        batch_op.alter_column('query', existing_type=sa.String(length=400), type_=sa.String(length=1200), existing_nullable=False)
    # Words that an author took out again were still in the index: nothing of it stays.
    connection = op.get_bind()
    connection.execute(sa.delete(term))
    last = 0
    while True:
        found = connection.execute(
            sa.select(proposal).where(proposal.c.id > last).order_by(proposal.c.id).limit(500)
        ).all()
        if not found:
            break
        rows = [row for one in found for row in _rows(one)]
        if rows:
            connection.execute(sa.insert(term), rows)
        last = found[-1].id


def downgrade():
    # A search that is longer than the column was cannot be kept; it would be cut in the middle of a letter.
    op.execute(sa.text("DELETE FROM desk_view WHERE length(query) > 400"))
    with op.batch_alter_table('desk_view', schema=None) as batch_op:
        batch_op.alter_column('query', existing_type=sa.String(length=1200), type_=sa.String(length=400), existing_nullable=False)
