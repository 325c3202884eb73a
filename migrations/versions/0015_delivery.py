"""Reports about milestones with evidence, who is responsible, and the judging of results

Revision ID: 0015
Revises: 0014
Create Date: 2026-11-26 18:50:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('judging_round',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.SmallInteger(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closes_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('is_last', sa.Boolean(), nullable=False),
    sa.Column('has_reopened', sa.Boolean(), nullable=False),
    sa.Column('yes', sa.Integer(), nullable=False),
    sa.Column('partly', sa.Integer(), nullable=False),
    sa.Column('no', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_judging_round_proposal_id_proposal'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_judging_round'))
    )
    with op.batch_alter_table('judging_round', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_judging_round_closes_at'), ['closes_at'], unique=False)
        batch_op.create_index('uq_judging_round_proposal_id_number', ['proposal_id', 'number'], unique=True)

    op.create_table('judgement',
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('choice', sa.String(length=6), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('lang', sa.String(length=2), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("choice IN ('yes', 'partly', 'no')", name=op.f('ck_judgement_known_choice')),
    sa.ForeignKeyConstraint(['round_id'], ['judging_round.id'], name=op.f('fk_judgement_round_id_judging_round'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_judgement_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('round_id', 'user_id', name=op.f('pk_judgement'))
    )
    with op.batch_alter_table('judgement', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_judgement_user_id'), ['user_id'], unique=False)

    op.create_table('milestone_report',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('milestone_id', sa.Integer(), nullable=False),
    sa.Column('reopened', sa.Boolean(), nullable=False),
    sa.Column('text_kk', sa.Text(), nullable=False),
    sa.Column('text_ru', sa.Text(), nullable=False),
    sa.Column('document', sa.String(length=200), nullable=False),
    sa.Column('link', sa.String(length=400), nullable=False),
    sa.Column('amount_tenge', sa.BigInteger(), nullable=True),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('amount_tenge IS NULL OR amount_tenge >= 0', name=op.f('ck_milestone_report_amount_not_negative')),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_milestone_report_by_id_user')),
    sa.ForeignKeyConstraint(['milestone_id'], ['milestone.id'], name=op.f('fk_milestone_report_milestone_id_milestone'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_milestone_report'))
    )
    with op.batch_alter_table('milestone_report', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_milestone_report_milestone_id'), ['milestone_id'], unique=False)

    with op.batch_alter_table('milestone', schema=None) as batch_op:
        batch_op.add_column(sa.Column('responsible_kk', sa.String(length=200), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column('responsible_ru', sa.String(length=200), nullable=False, server_default=sa.text("''")))
        batch_op.create_index('ix_milestone_open', ['due_on'], unique=False, sqlite_where=sa.text('done_at IS NULL'), postgresql_where=sa.text('done_at IS NULL'))

    for code in ('kk', 'ru'):  # who has promised so far stands in the answer that accepted the proposal
        op.execute(
            f"UPDATE milestone SET responsible_{code} = COALESCE((SELECT answer.responsible_{code} FROM answer"
            " WHERE answer.proposal_id = milestone.proposal_id AND answer.kind IN ('accept', 'accept_part')"
            " ORDER BY answer.id DESC LIMIT 1), '')"
        )
    with op.batch_alter_table('photo', schema=None) as batch_op:
        batch_op.add_column(sa.Column('report_id', sa.Integer(), nullable=True))
        batch_op.create_unique_constraint(batch_op.f('uq_photo_report_id'), ['report_id'])
        batch_op.create_foreign_key(batch_op.f('fk_photo_report_id_milestone_report'), 'milestone_report', ['report_id'], ['id'], ondelete='CASCADE')



def downgrade():
    with op.batch_alter_table('photo', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_photo_report_id_milestone_report'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('uq_photo_report_id'), type_='unique')
        batch_op.drop_column('report_id')

    with op.batch_alter_table('milestone', schema=None) as batch_op:
        batch_op.drop_index('ix_milestone_open', sqlite_where=sa.text('done_at IS NULL'), postgresql_where=sa.text('done_at IS NULL'))
        batch_op.drop_column('responsible_ru')
        batch_op.drop_column('responsible_kk')

    with op.batch_alter_table('milestone_report', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_milestone_report_milestone_id'))

    op.drop_table('milestone_report')
    with op.batch_alter_table('judgement', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_judgement_user_id'))

    op.drop_table('judgement')
    with op.batch_alter_table('judging_round', schema=None) as batch_op:
        batch_op.drop_index('uq_judging_round_proposal_id_number')
        batch_op.drop_index(batch_op.f('ix_judging_round_closes_at'))

    op.drop_table('judging_round')
