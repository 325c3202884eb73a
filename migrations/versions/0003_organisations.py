"""organisations

Registration with a letter and a due date, refusal, accreditation with a certificate, invitations.

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-24 23:50:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

CHECK = 'verified_at IS NOT NULL OR refused_at IS NOT NULL OR verify_due_at IS NOT NULL'
COLUMNS = (
    ('letter_number', sa.String(length=60)),
    ('letter_on', sa.Date()),
    ('sent_at', sa.DateTime(timezone=True)),
    ('refused_at', sa.DateTime(timezone=True)),
    ('refusal', sa.Text()),
    ('overdue_at', sa.DateTime(timezone=True)),
    ('certificate_number', sa.String(length=60)),
    ('certificate_on', sa.Date()),
    ('reminded_at', sa.DateTime(timezone=True)),
)


def upgrade():
    for name, kind in COLUMNS:
        op.add_column('organisation', sa.Column(name, kind, nullable=True))
    # one that nobody could verify until now owes its akimat nothing: it may be sent again
    op.execute("UPDATE organisation SET refused_at = '2026-11-24 00:00:00+00', refusal = '' WHERE verified_at IS NULL"
               if op.get_bind().dialect.name == 'postgresql' else
               "UPDATE organisation SET refused_at = '2026-11-24 00:00:00.000000', refusal = '' WHERE verified_at IS NULL")
    if op.get_bind().dialect.name == 'sqlite':
        # a batch would copy the table, and dropping the old one breaks the rows that point to it
        op.execute('ALTER TABLE organisation ADD COLUMN verify_due_at DATETIME '
                   f'CONSTRAINT ck_organisation_waiting_has_due_date CHECK ({CHECK})')
    else:
        op.add_column('organisation', sa.Column('verify_due_at', sa.DateTime(timezone=True), nullable=True))
        op.create_check_constraint(op.f('ck_organisation_waiting_has_due_date'), 'organisation', CHECK)
    op.create_index(op.f('ix_organisation_verify_due_at'), 'organisation', ['verify_due_at'], unique=False)
    op.create_index(op.f('ix_organisation_accredited_until'), 'organisation', ['accredited_until'], unique=False)
    op.create_index('ix_organisation_vote_organisation_id', 'organisation_vote', ['organisation_id'], unique=False)
    op.create_index(op.f('ix_proposal_organisation_id'), 'proposal', ['organisation_id'], unique=False)
    op.create_table('invitation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('code_key', sa.String(length=64), nullable=False),
    sa.Column('invited_by_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['invited_by_id'], ['user.id'], name=op.f('fk_invitation_invited_by_id_user')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_invitation_organisation_id_organisation'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invitation')),
    sa.UniqueConstraint('code_key', name=op.f('uq_invitation_code_key'))
    )
    op.create_index(op.f('ix_invitation_organisation_id'), 'invitation', ['organisation_id'], unique=False)


def downgrade():
    op.drop_index(op.f('ix_invitation_organisation_id'), table_name='invitation')
    op.drop_table('invitation')
    op.drop_index(op.f('ix_proposal_organisation_id'), table_name='proposal')
    op.drop_index('ix_organisation_vote_organisation_id', table_name='organisation_vote')
    op.drop_index(op.f('ix_organisation_accredited_until'), table_name='organisation')
    op.drop_index(op.f('ix_organisation_verify_due_at'), table_name='organisation')
    if op.get_bind().dialect.name != 'sqlite':
        op.drop_constraint(op.f('ck_organisation_waiting_has_due_date'), 'organisation', type_='check')
    op.drop_column('organisation', 'verify_due_at')  # on SQLite the check goes with it
    for name, _kind in reversed(COLUMNS):
        op.drop_column('organisation', name)
