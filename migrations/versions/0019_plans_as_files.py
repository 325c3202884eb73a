"""Business plans are files; an offer that was taken back is public no more

Revision ID: 0019
Revises: 0018
Create Date: 2026-11-30 15:20:00

"""
import os
import secrets
from pathlib import Path

from alembic import op
from flask import current_app
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def _path(name):
    folder = Path(current_app.config['UPLOADS'])
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f'{name}.pdf'


def _table(*columns):
    """The table made anew, so that its columns stand in the same order whichever way it came."""
    op.create_table(
        'business_plan',
        sa.Column('offer_id', sa.Integer(), nullable=False),
        *columns,
        sa.Column('size', sa.Integer(), nullable=False),
        sa.Column('sha256', sa.String(length=64), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['offer_id'], ['offer.id'], name=op.f('fk_business_plan_offer_id_offer'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('offer_id', name=op.f('pk_business_plan')),
        *([sa.UniqueConstraint('name', name=op.f('uq_business_plan_name'))] if columns[0].name == 'name' else []),
    )


def _plan(name, kind):
    return sa.table('business_plan', sa.column('offer_id', sa.Integer), sa.column(name, kind), sa.column('size', sa.Integer),
                    sa.column('sha256', sa.String), sa.column('at', sa.DateTime(timezone=True)))


def upgrade():
    op.execute("UPDATE offer SET public_at = NULL, plan_public = (1 = 0) WHERE state = 'withdrawn'")
    op.execute("DELETE FROM business_plan WHERE offer_id IN (SELECT id FROM offer WHERE state = 'withdrawn')")
    before, after, connection = _plan('data', sa.LargeBinary), _plan('name', sa.String), op.get_bind()
    kept = sa.select(before.c.offer_id, before.c.size, before.c.sha256, before.c.at)
    rows = [dict(row) | {'name': secrets.token_hex(16)} for row in connection.execute(kept).mappings()]
    for row in rows:  # one at a time: each may have megabytes
        data = connection.scalar(sa.select(before.c.data).where(before.c.offer_id == row['offer_id']))
        with os.fdopen(os.open(_path(row['name']), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640), 'wb') as file:
            file.write(bytes(data))
            file.flush()
            os.fsync(file.fileno())
    op.drop_table('business_plan')
    _table(sa.Column('name', sa.String(length=32), nullable=False))
    if rows:
        connection.execute(sa.insert(after), rows)


def downgrade():
    before, after, connection = _plan('data', sa.LargeBinary), _plan('name', sa.String), op.get_bind()
    rows = [dict(row) for row in connection.execute(sa.select(after)).mappings()]
    op.drop_table('business_plan')
    _table(sa.Column('data', sa.LargeBinary(), nullable=False))
    for row in rows:
        path = _path(row.pop('name'))
        connection.execute(sa.insert(before).values(**row, data=path.read_bytes() if path.is_file() else b''))
