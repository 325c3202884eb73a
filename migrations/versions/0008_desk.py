"""The desk: teams, notes, reading marks, reasons and templates, decisions that can be taken back

Revision ID: 0008
Revises: 0007
Create Date: 2026-11-25 22:40:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('department',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('territory_id', sa.Integer(), nullable=False),
    sa.Column('name_kk', sa.String(length=120), nullable=False),
    sa.Column('name_ru', sa.String(length=120), nullable=False),
    sa.Column('name_en', sa.String(length=120), nullable=False),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['territory_id'], ['territory.id'], name=op.f('fk_department_territory_id_territory')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_department'))
    )
    op.create_index(op.f('ix_department_territory_id'), 'department', ['territory_id'], unique=False)
    op.create_table('batch',
    sa.Column('token', sa.String(length=32), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('act', sa.String(length=12), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_batch_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('token', name=op.f('pk_batch'))
    )
    op.create_index('ix_batch_user_id_at', 'batch', ['user_id', 'at'], unique=False)
    op.create_table('desk_setting',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('keys', sa.Boolean(), nullable=False),
    sa.Column('languages', sa.String(length=12), nullable=False),
    sa.Column('department_id', sa.Integer(), nullable=True),
    sa.Column('away_until', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_desk_setting_department_id_department')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_desk_setting_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_desk_setting'))
    )
    op.create_table('desk_view',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('query', sa.String(length=400), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_desk_view_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_desk_view')),
    sa.UniqueConstraint('user_id', 'name', name=op.f('uq_desk_view_user_id_name'))
    )
    op.create_table('phrase',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('territory_id', sa.Integer(), nullable=False),
    sa.Column('use', sa.String(length=12), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('text_kk', sa.Text(), nullable=False),
    sa.Column('text_ru', sa.Text(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_phrase_by_id_user')),
    sa.ForeignKeyConstraint(['territory_id'], ['territory.id'], name=op.f('fk_phrase_territory_id_territory')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_phrase'))
    )
    op.create_index(op.f('ix_phrase_territory_id'), 'phrase', ['territory_id'], unique=False)
    op.create_table('rejection_reason',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('valid_from', sa.DateTime(timezone=True), nullable=False),
    sa.Column('is_offered', sa.Boolean(), nullable=False),
    sa.Column('label_kk', sa.String(length=120), nullable=False),
    sa.Column('label_ru', sa.String(length=120), nullable=False),
    sa.Column('label_en', sa.String(length=120), nullable=False),
    sa.Column('text_kk', sa.Text(), nullable=False),
    sa.Column('text_ru', sa.Text(), nullable=False),
    sa.Column('text_en', sa.Text(), nullable=False),
    sa.Column('way_kk', sa.Text(), nullable=False),
    sa.Column('way_ru', sa.Text(), nullable=False),
    sa.Column('way_en', sa.Text(), nullable=False),
    sa.Column('law_kk', sa.String(length=300), nullable=False),
    sa.Column('law_ru', sa.String(length=300), nullable=False),
    sa.Column('law_en', sa.String(length=300), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_rejection_reason_by_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rejection_reason'))
    )
    op.create_index(op.f('ix_rejection_reason_code'), 'rejection_reason', ['code'], unique=False)
    op.create_table('assignment',
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('assignee_id', sa.Integer(), nullable=True),
    sa.Column('department_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['assignee_id'], ['user.id'], name=op.f('fk_assignment_assignee_id_user')),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_assignment_department_id_department')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_assignment_proposal_id_proposal'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('proposal_id', name=op.f('pk_assignment'))
    )
    op.create_index('ix_assignment_assignee_id_at', 'assignment', ['assignee_id', 'at'], unique=False)
    op.create_index('ix_assignment_department_id', 'assignment', ['department_id'], unique=False)
    op.create_table('reading',
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_reading_proposal_id_proposal'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_reading_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('proposal_id', name=op.f('pk_reading'))
    )
    op.create_table('staff_note',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['user.id'], name=op.f('fk_staff_note_author_id_user')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_staff_note_proposal_id_proposal'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_note'))
    )
    op.create_index(op.f('ix_staff_note_proposal_id'), 'staff_note', ['proposal_id'], unique=False)
    op.create_table('mention',
    sa.Column('note_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['note_id'], ['staff_note.id'], name=op.f('fk_mention_note_id_staff_note'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_mention_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('note_id', 'user_id', name=op.f('pk_mention'))
    )
    op.create_index('ix_mention_user_id', 'mention', ['user_id', 'seen_at'], unique=False)
    op.add_column('proposal', sa.Column('paused_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('proposal', sa.Column('paused_due_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('triage_decision', sa.Column('note_kk', sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column('triage_decision', sa.Column('note_ru', sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column('triage_decision', sa.Column('fact_id', sa.Integer(), nullable=True))
    op.add_column('triage_decision', sa.Column('before', sa.JSON(), nullable=True))
    op.add_column('triage_decision', sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('triage_decision', sa.Column('batch', sa.String(length=32), nullable=True))
    op.add_column('triage_decision', sa.Column('read_seconds', sa.Integer(), nullable=True))
    op.create_index('ix_triage_decision_batch', 'triage_decision', ['batch'], unique=False)
    op.create_index('ix_triage_decision_moderator_id_at', 'triage_decision', ['moderator_id', 'at'], unique=False)


def downgrade():
    op.drop_index('ix_triage_decision_moderator_id_at', table_name='triage_decision')
    op.drop_index('ix_triage_decision_batch', table_name='triage_decision')
    op.drop_column('triage_decision', 'read_seconds')
    op.drop_column('triage_decision', 'batch')
    op.drop_column('triage_decision', 'undone_at')
    op.drop_column('triage_decision', 'before')
    op.drop_column('triage_decision', 'fact_id')
    op.drop_column('triage_decision', 'note_ru')
    op.drop_column('triage_decision', 'note_kk')
    op.drop_column('proposal', 'paused_due_at')
    op.drop_column('proposal', 'paused_at')
    op.drop_index('ix_mention_user_id', table_name='mention')
    op.drop_table('mention')
    op.drop_index(op.f('ix_staff_note_proposal_id'), table_name='staff_note')
    op.drop_table('staff_note')
    op.drop_table('reading')
    op.drop_index('ix_assignment_department_id', table_name='assignment')
    op.drop_index('ix_assignment_assignee_id_at', table_name='assignment')
    op.drop_table('assignment')
    op.drop_index(op.f('ix_rejection_reason_code'), table_name='rejection_reason')
    op.drop_table('rejection_reason')
    op.drop_index(op.f('ix_phrase_territory_id'), table_name='phrase')
    op.drop_table('phrase')
    op.drop_table('desk_view')
    op.drop_table('desk_setting')
    op.drop_index('ix_batch_user_id_at', table_name='batch')
    op.drop_table('batch')
    op.drop_index(op.f('ix_department_territory_id'), table_name='department')
    op.drop_table('department')
