"""The source of a population is a code with a name in three languages; other texts stay as they were imported

Revision ID: 0032
Revises: 0031
Create Date: 2026-11-30 22:20:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None

SOURCES = (
    ('national-statistics', 'Bureau of National Statistics'),
    ('parasat', 'parasat.club'),
    ('vlast-rounded', 'vlast.kz (rounded)'),
)
territory = sa.table('territory', sa.column('population_source'))


def _rename(pairs):
    for old, new in pairs:
        op.execute(territory.update().where(territory.c.population_source == old).values(population_source=new))


def upgrade():
    _rename((text, code) for code, text in SOURCES)


def downgrade():
    _rename(SOURCES)
