"""Tries at the doors, codes that are asked for from everywhere, refused addresses; one spelling for one mailbox

Revision ID: 0021
Revises: 0020
Create Date: 2026-11-30 15:00:00

"""
import unicodedata

from alembic import op
import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email


# revision identifiers, used by Alembic.
revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None

#: Where addresses stand, and whether one may stand there once only.
ADDRESSES = (('user', 'email', True), ('invitation', 'email', False), ('email_code', 'email', False), ('message', 'recipient', False))


def upgrade():
    op.create_table('failed_try',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('mark', sa.String(length=64), nullable=False),
    sa.Column('whose', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_failed_try'))
    )
    with op.batch_alter_table('failed_try', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_failed_try_at'), ['at'], unique=False)
        batch_op.create_index('ix_failed_try_mark_at', ['mark', 'at'], unique=False)

    op.create_table('refused_address',
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('error', sa.String(length=80), nullable=False),
    sa.PrimaryKeyConstraint('email', name=op.f('pk_refused_address'))
    )
    op.add_column('email_code', sa.Column('same_as', sa.Integer(), nullable=True))
    op.add_column('email_code', sa.Column('is_long', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('email_code', sa.Column('whose', sa.String(length=64), nullable=True))
    _one_spelling()


def _one_spelling():
    """Domains in ASCII, as the mail server is asked for them. Left alone: what would meet another account, and what
    has another letter before the @ than a Latin one; the look-up finds both under the old spelling too.
    """
    connection = op.get_bind()
    for table, column, is_unique in ADDRESSES:
        rows = sa.table(table, sa.column('id', sa.Integer), sa.column(column, sa.String))
        address = rows.c[column]
        size = sa.func.octet_length(address) if connection.dialect.name == 'postgresql' else sa.func.length(sa.cast(address, sa.LargeBinary))
        odd = sa.select(rows.c.id, address).where(size != sa.func.length(address))
        for key, old in connection.execute(odd).all():
            new = _in_ascii(old)
            if new == old:
                continue
            taken = sa.select(rows.c.id).where(address == new).limit(1)
            if is_unique and connection.execute(taken).first() is not None:
                continue
            connection.execute(sa.update(rows).where(rows.c.id == key).values({column: new}))


def _in_ascii(email):
    text = unicodedata.normalize('NFC', email).strip().lower()
    try:
        found = validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return email
    return email if found.ascii_email is None else found.ascii_email.lower()


def downgrade():
    op.drop_column('email_code', 'whose')
    op.drop_column('email_code', 'is_long')
    op.drop_column('email_code', 'same_as')
    op.drop_table('refused_address')
    with op.batch_alter_table('failed_try', schema=None) as batch_op:
        batch_op.drop_index('ix_failed_try_mark_at')
        batch_op.drop_index(batch_op.f('ix_failed_try_at'))

    op.drop_table('failed_try')
