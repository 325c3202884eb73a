"""Directions, programmes, measures with their money and commitments; what a proposal serves; milestones of measures

Revision ID: 0013
Revises: 0012
Create Date: 2026-11-26 18:00:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('direction',
    sa.Column('goals', sa.String(length=120), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('title_kk', sa.String(length=200), nullable=False),
    sa.Column('title_ru', sa.String(length=200), nullable=False),
    sa.Column('title_en', sa.String(length=200), nullable=False),
    sa.Column('text_kk', sa.Text(), nullable=False),
    sa.Column('text_ru', sa.Text(), nullable=False),
    sa.Column('owner_kk', sa.String(length=200), nullable=False),
    sa.Column('owner_ru', sa.String(length=200), nullable=False),
    sa.Column('sphere', sa.String(length=20), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=True),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('territory_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['territory_id'], ['territory.id'], name=op.f('fk_direction_territory_id_territory')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_direction'))
    )
    with op.batch_alter_table('direction', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_direction_territory_id'), ['territory_id'], unique=False)

    op.create_table('programme',
    sa.Column('direction_id', sa.Integer(), nullable=False),
    sa.Column('adopted_kk', sa.Text(), nullable=False),
    sa.Column('adopted_ru', sa.Text(), nullable=False),
    sa.Column('altered_kk', sa.Text(), nullable=False),
    sa.Column('altered_ru', sa.Text(), nullable=False),
    sa.Column('left_out_kk', sa.Text(), nullable=False),
    sa.Column('left_out_ru', sa.Text(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('title_kk', sa.String(length=200), nullable=False),
    sa.Column('title_ru', sa.String(length=200), nullable=False),
    sa.Column('title_en', sa.String(length=200), nullable=False),
    sa.Column('text_kk', sa.Text(), nullable=False),
    sa.Column('text_ru', sa.Text(), nullable=False),
    sa.Column('owner_kk', sa.String(length=200), nullable=False),
    sa.Column('owner_ru', sa.String(length=200), nullable=False),
    sa.Column('sphere', sa.String(length=20), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=True),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('territory_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['direction_id'], ['direction.id'], name=op.f('fk_programme_direction_id_direction')),
    sa.ForeignKeyConstraint(['territory_id'], ['territory.id'], name=op.f('fk_programme_territory_id_territory')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_programme'))
    )
    with op.batch_alter_table('programme', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_programme_direction_id'), ['direction_id'], unique=False)
        batch_op.create_index('uq_programme_open', ['direction_id', 'territory_id'], unique=True,
                              sqlite_where=sa.text('published_at IS NOT NULL AND closed_at IS NULL'),
                              postgresql_where=sa.text('published_at IS NOT NULL AND closed_at IS NULL'))
        batch_op.create_index(batch_op.f('ix_programme_territory_id'), ['territory_id'], unique=False)

    op.create_table('strategy_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('level', sa.String(length=10), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('note_kk', sa.String(length=500), nullable=False),
    sa.Column('note_ru', sa.String(length=500), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_strategy_version_by_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_strategy_version'))
    )
    with op.batch_alter_table('strategy_version', schema=None) as batch_op:
        batch_op.create_index('uq_strategy_version', ['level', 'subject_id', 'version'], unique=True)

    op.create_table('indicator',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('direction_id', sa.Integer(), nullable=True),
    sa.Column('programme_id', sa.Integer(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('name_kk', sa.String(length=200), nullable=False),
    sa.Column('name_ru', sa.String(length=200), nullable=False),
    sa.Column('unit_kk', sa.String(length=40), nullable=False),
    sa.Column('unit_ru', sa.String(length=40), nullable=False),
    sa.Column('baseline', sa.Numeric(precision=16, scale=3), nullable=False),
    sa.Column('baseline_year', sa.Integer(), nullable=False),
    sa.Column('target', sa.Numeric(precision=16, scale=3), nullable=False),
    sa.Column('target_year', sa.Integer(), nullable=False),
    sa.CheckConstraint('(direction_id IS NULL) <> (programme_id IS NULL)', name=op.f('ck_indicator_of_one_level')),
    sa.CheckConstraint('target_year >= baseline_year', name=op.f('ck_indicator_target_after_baseline')),
    sa.ForeignKeyConstraint(['direction_id'], ['direction.id'], name=op.f('fk_indicator_direction_id_direction'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_indicator_programme_id_programme'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_indicator'))
    )
    with op.batch_alter_table('indicator', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_indicator_direction_id'), ['direction_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_indicator_programme_id'), ['programme_id'], unique=False)

    op.create_table('measure',
    sa.Column('programme_id', sa.Integer(), nullable=True),
    sa.Column('budget_tenge', sa.BigInteger(), nullable=True),
    sa.Column('replicated_from_id', sa.Integer(), nullable=True),
    sa.Column('lessons_kk', sa.Text(), nullable=False),
    sa.Column('lessons_ru', sa.Text(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('title_kk', sa.String(length=200), nullable=False),
    sa.Column('title_ru', sa.String(length=200), nullable=False),
    sa.Column('title_en', sa.String(length=200), nullable=False),
    sa.Column('text_kk', sa.Text(), nullable=False),
    sa.Column('text_ru', sa.Text(), nullable=False),
    sa.Column('owner_kk', sa.String(length=200), nullable=False),
    sa.Column('owner_ru', sa.String(length=200), nullable=False),
    sa.Column('sphere', sa.String(length=20), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=True),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('territory_id', sa.Integer(), nullable=False),
    sa.CheckConstraint('budget_tenge IS NULL OR budget_tenge >= 0', name=op.f('ck_measure_budget_not_negative')),
    sa.CheckConstraint('replicated_from_id IS NULL OR replicated_from_id <> id', name=op.f('ck_measure_not_its_own_copy')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_measure_programme_id_programme')),
    sa.ForeignKeyConstraint(['replicated_from_id'], ['measure.id'], name=op.f('fk_measure_replicated_from_id_measure')),
    sa.ForeignKeyConstraint(['territory_id'], ['territory.id'], name=op.f('fk_measure_territory_id_territory')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_measure'))
    )
    with op.batch_alter_table('measure', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_measure_programme_id'), ['programme_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_measure_replicated_from_id'), ['replicated_from_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_measure_territory_id'), ['territory_id'], unique=False)

    op.create_table('commitment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('programme_id', sa.Integer(), nullable=True),
    sa.Column('measure_id', sa.Integer(), nullable=False),
    sa.Column('giver_id', sa.Integer(), nullable=False),
    sa.Column('city_id', sa.Integer(), nullable=False),
    sa.Column('amount_tenge', sa.BigInteger(), nullable=False),
    sa.Column('source', sa.String(length=20), nullable=False),
    sa.Column('condition_kk', sa.Text(), nullable=False),
    sa.Column('condition_ru', sa.Text(), nullable=False),
    sa.Column('document', sa.String(length=200), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('accept_due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('refused_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('refusal_kk', sa.Text(), nullable=False),
    sa.Column('refusal_ru', sa.Text(), nullable=False),
    sa.CheckConstraint('accepted_at IS NULL OR refused_at IS NULL', name=op.f('ck_commitment_answered_once')),
    sa.CheckConstraint('amount_tenge > 0', name=op.f('ck_commitment_amount_positive')),
    sa.ForeignKeyConstraint(['city_id'], ['territory.id'], name=op.f('fk_commitment_city_id_territory')),
    sa.ForeignKeyConstraint(['giver_id'], ['territory.id'], name=op.f('fk_commitment_giver_id_territory')),
    sa.ForeignKeyConstraint(['measure_id'], ['measure.id'], name=op.f('fk_commitment_measure_id_measure')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_commitment_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_commitment'))
    )
    with op.batch_alter_table('commitment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_commitment_accept_due_at'), ['accept_due_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_commitment_city_id'), ['city_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_commitment_giver_id'), ['giver_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_commitment_measure_id'), ['measure_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_commitment_programme_id'), ['programme_id'], unique=False)

    op.create_table('serving',
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('direction_id', sa.Integer(), nullable=True),
    sa.Column('programme_id', sa.Integer(), nullable=True),
    sa.Column('measure_id', sa.Integer(), nullable=True),
    sa.Column('begot', sa.Boolean(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('(CASE WHEN direction_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN programme_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN measure_id IS NULL THEN 0 ELSE 1 END) = 1', name=op.f('ck_serving_serves_one')),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_serving_by_id_user')),
    sa.ForeignKeyConstraint(['direction_id'], ['direction.id'], name=op.f('fk_serving_direction_id_direction')),
    sa.ForeignKeyConstraint(['measure_id'], ['measure.id'], name=op.f('fk_serving_measure_id_measure')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_serving_programme_id_programme')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_serving_proposal_id_proposal'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('proposal_id', name=op.f('pk_serving'))
    )
    with op.batch_alter_table('serving', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_serving_direction_id'), ['direction_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_serving_measure_id'), ['measure_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_serving_programme_id'), ['programme_id'], unique=False)

    op.create_table('money_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('programme_id', sa.Integer(), nullable=True),
    sa.Column('measure_id', sa.Integer(), nullable=True),
    sa.Column('commitment_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('source', sa.String(length=20), nullable=False),
    sa.Column('amount_tenge', sa.BigInteger(), nullable=False),
    sa.Column('on_date', sa.Date(), nullable=False),
    sa.Column('document', sa.String(length=200), nullable=False),
    sa.Column('reason_kk', sa.Text(), nullable=False),
    sa.Column('reason_ru', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("kind IN ('planned', 'committed', 'spent')", name=op.f('ck_money_entry_known_kind')),
    sa.CheckConstraint('(programme_id IS NULL) <> (measure_id IS NULL)', name=op.f('ck_money_entry_of_one_owner')),
    sa.CheckConstraint('amount_tenge <> 0', name=op.f('ck_money_entry_amount_not_zero')),
    sa.ForeignKeyConstraint(['commitment_id'], ['commitment.id'], name=op.f('fk_money_entry_commitment_id_commitment')),
    sa.ForeignKeyConstraint(['measure_id'], ['measure.id'], name=op.f('fk_money_entry_measure_id_measure')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_money_entry_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_money_entry'))
    )
    with op.batch_alter_table('money_entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_money_entry_commitment_id'), ['commitment_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_money_entry_measure_id'), ['measure_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_money_entry_programme_id'), ['programme_id'], unique=False)

    with op.batch_alter_table('milestone', schema=None) as batch_op:
        batch_op.add_column(sa.Column('measure_id', sa.Integer(), nullable=True))
        batch_op.alter_column('proposal_id',
               existing_type=sa.Integer(),
               nullable=True)
        batch_op.create_index(batch_op.f('ix_milestone_measure_id'), ['measure_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_milestone_measure_id_measure'), 'measure', ['measure_id'], ['id'])
        batch_op.create_check_constraint(op.f('ck_milestone_belongs_somewhere'), 'proposal_id IS NOT NULL OR measure_id IS NOT NULL')



def downgrade():
    op.execute('DELETE FROM milestone WHERE proposal_id IS NULL')
    with op.batch_alter_table('milestone', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_milestone_belongs_somewhere'), type_='check')
        batch_op.drop_constraint(batch_op.f('fk_milestone_measure_id_measure'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_milestone_measure_id'))
        batch_op.alter_column('proposal_id',
               existing_type=sa.Integer(),
               nullable=False)
        batch_op.drop_column('measure_id')

    with op.batch_alter_table('money_entry', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_money_entry_programme_id'))
        batch_op.drop_index(batch_op.f('ix_money_entry_measure_id'))
        batch_op.drop_index(batch_op.f('ix_money_entry_commitment_id'))

    op.drop_table('money_entry')
    with op.batch_alter_table('serving', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_serving_programme_id'))
        batch_op.drop_index(batch_op.f('ix_serving_measure_id'))
        batch_op.drop_index(batch_op.f('ix_serving_direction_id'))

    op.drop_table('serving')
    with op.batch_alter_table('commitment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_commitment_programme_id'))
        batch_op.drop_index(batch_op.f('ix_commitment_measure_id'))
        batch_op.drop_index(batch_op.f('ix_commitment_giver_id'))
        batch_op.drop_index(batch_op.f('ix_commitment_city_id'))
        batch_op.drop_index(batch_op.f('ix_commitment_accept_due_at'))

    op.drop_table('commitment')
    with op.batch_alter_table('measure', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_measure_territory_id'))
        batch_op.drop_index(batch_op.f('ix_measure_replicated_from_id'))
        batch_op.drop_index(batch_op.f('ix_measure_programme_id'))

    op.drop_table('measure')
    with op.batch_alter_table('indicator', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_indicator_programme_id'))
        batch_op.drop_index(batch_op.f('ix_indicator_direction_id'))

    op.drop_table('indicator')
    with op.batch_alter_table('strategy_version', schema=None) as batch_op:
        batch_op.drop_index('uq_strategy_version')

    op.drop_table('strategy_version')
    with op.batch_alter_table('programme', schema=None) as batch_op:
        batch_op.drop_index('uq_programme_open')
        batch_op.drop_index(batch_op.f('ix_programme_territory_id'))
        batch_op.drop_index(batch_op.f('ix_programme_direction_id'))

    op.drop_table('programme')
    with op.batch_alter_table('direction', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_direction_territory_id'))

    op.drop_table('direction')
