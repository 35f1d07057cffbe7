"""the whole of a situation"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


FORM_0_ID = UUID('019a0000-0000-7000-8000-000000000000')


def _field(key: str, kind: str, fr: str, en: str, *, required: bool = True) -> dict[str, object]:
    words = {'label': {'fr': fr, 'en': en}, 'help': {'fr': '', 'en': ''}}
    return {'key': key, 'kind': kind, **words, 'required': required, 'retired': False}


def _section(key: str, fr: str, en: str, *fields: dict[str, object]) -> dict[str, object]:
    return {'key': key, 'title': {'fr': fr, 'en': en}, 'help': {'fr': '', 'en': ''}, 'fields': list(fields)}


FORM_0 = {
    'sections': [
        _section(
            'reperes', 'Repères', 'Bearings',
            _field('title', 'line', 'Titre neutre', 'Neutral title'),
            _field('supervisor', 'person', 'Superviseur·e', 'Supervisor'),
        ),
        _section(
            'recit', 'Ce qui s’est passé', 'What happened',
            _field('account', 'prose', 'Récit factuel', 'Factual account'),
            _field('critical_moment', 'prose', 'Moment critique', 'Critical moment'),
            _field('what_i_did', 'prose', 'Ce que j’ai fait, ou pas fait', 'What I did, or did not do'),
        ),
        _section(
            'demande', 'Ma demande', 'My request',
            _field('question_1', 'prose', 'Ma première question', 'My first question'),
            _field('question_2', 'prose', 'Une deuxième question', 'A second question', required=False),
            _field('question_3', 'prose', 'Une troisième question', 'A third question', required=False),
        ),
        _section(
            'garanties', 'Garanties', 'Safeguards',
            _field('pseudonyms', 'agree', 'Je n’ai employé que des pseudonymes.', 'I have used pseudonyms only.'),
            _field(
                'frame_allows', 'agree', 'Le cadre annoncé au groupe permet une supervision anonyme.',
                'The frame announced to the group allows anonymous supervision.',
            ),
            _field(
                'nobody_questioned', 'agree', 'Aucun·e collègue ni membre de l’association n’est mis·e en cause.',
                'No colleague or member of the association is put in question.',
            ),
            _field('protection', 'prose', 'Comment j’ai protégé les identités', 'How I protected identities'),
        ),
    ]
}


def upgrade() -> None:
    op.create_table('form_draft',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('definition', sa.JSON(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('edited_by', sa.Uuid(), nullable=False),
    sa.Column('edited_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_form_draft_single_row')),
    sa.ForeignKeyConstraint(['edited_by'], ['person.id'], name=op.f('fk_form_draft_edited_by_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_form_draft'))
    )
    op.create_table('form_version',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('definition', sa.JSON(), nullable=False),
    sa.Column('published_by', sa.Uuid(), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['published_by'], ['person.id'], name=op.f('fk_form_version_published_by_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_form_version')),
    sa.UniqueConstraint('number', name=op.f('uq_form_version_number'))
    )
    op.create_table('group_session',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('supervisor_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('opens_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closes_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('opens_at <= starts_at AND ends_at <= closes_at', name=op.f('ck_group_session_window_around')),
    sa.CheckConstraint('starts_at < ends_at', name=op.f('ck_group_session_ends_after_start')),
    sa.ForeignKeyConstraint(['supervisor_id'], ['person.id'], name=op.f('fk_group_session_supervisor_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_group_session'))
    )
    with op.batch_alter_table('group_session', schema=None) as batch_op:
        batch_op.create_index('ix_group_session_supervisor_id_starts_at', ['supervisor_id', 'starts_at'], unique=False)

    op.create_table('attachment',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_attachment_case_id_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachment'))
    )
    with op.batch_alter_table('attachment', schema=None) as batch_op:
        batch_op.create_index('ix_attachment_case_id_id', ['case_id', 'id'], unique=False)

    op.create_table('break_glass',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('asked_by', sa.Uuid(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('hours', sa.Integer(), nullable=False),
    sa.Column('confirmed_by', sa.Uuid(), nullable=True),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('until_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('declined_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_by', sa.Uuid(), nullable=True),
    sa.CheckConstraint('asked_by <> confirmed_by', name=op.f('ck_break_glass_two_people')),
    sa.ForeignKeyConstraint(['asked_by'], ['person.id'], name=op.f('fk_break_glass_asked_by_person')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_break_glass_case_id_case')),
    sa.ForeignKeyConstraint(['confirmed_by'], ['person.id'], name=op.f('fk_break_glass_confirmed_by_person')),
    sa.ForeignKeyConstraint(['ended_by'], ['person.id'], name=op.f('fk_break_glass_ended_by_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_break_glass'))
    )
    with op.batch_alter_table('break_glass', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_break_glass_case_id'), ['case_id'], unique=False)

    op.create_table('case_assignment',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('supervisor_id', sa.Uuid(), nullable=False),
    sa.Column('for_this_case', sa.Boolean(), nullable=False),
    sa.Column('assigned_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_case_assignment_case_id_case')),
    sa.ForeignKeyConstraint(['supervisor_id'], ['person.id'], name=op.f('fk_case_assignment_supervisor_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_assignment')),
    sa.UniqueConstraint('case_id', 'number', name=op.f('uq_case_assignment_case_id_number'))
    )
    with op.batch_alter_table('case_assignment', schema=None) as batch_op:
        batch_op.create_index('ix_case_assignment_supervisor_id_case_id', ['supervisor_id', 'case_id'], unique=False)

    op.create_table('case_closing',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('closed_by', sa.Uuid(), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reopened_by', sa.Uuid(), nullable=True),
    sa.Column('reopened_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_case_closing_case_id_case')),
    sa.ForeignKeyConstraint(['closed_by'], ['person.id'], name=op.f('fk_case_closing_closed_by_person')),
    sa.ForeignKeyConstraint(['reopened_by'], ['person.id'], name=op.f('fk_case_closing_reopened_by_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_closing'))
    )
    with op.batch_alter_table('case_closing', schema=None) as batch_op:
        batch_op.create_index('uq_case_closing_open', ['case_id'], unique=True, postgresql_where=sa.text('reopened_at IS NULL'), sqlite_where=sa.text('reopened_at IS NULL'))

    op.create_table('case_deadline',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('set_by', sa.Uuid(), nullable=False),
    sa.Column('set_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_case_deadline_case_id_case')),
    sa.ForeignKeyConstraint(['set_by'], ['person.id'], name=op.f('fk_case_deadline_set_by_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_deadline'))
    )
    with op.batch_alter_table('case_deadline', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_case_deadline_case_id'), ['case_id'], unique=False)

    op.create_table('case_hold',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('placed_by', sa.Uuid(), nullable=False),
    sa.Column('placed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until_on', sa.Date(), nullable=True),
    sa.Column('sealed', sa.LargeBinary(), nullable=True),
    sa.Column('lifted_by', sa.Uuid(), nullable=True),
    sa.Column('lifted_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_case_hold_case_id_case')),
    sa.ForeignKeyConstraint(['lifted_by'], ['person.id'], name=op.f('fk_case_hold_lifted_by_person')),
    sa.ForeignKeyConstraint(['placed_by'], ['person.id'], name=op.f('fk_case_hold_placed_by_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_hold'))
    )
    with op.batch_alter_table('case_hold', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_case_hold_case_id'), ['case_id'], unique=False)

    op.create_table('case_opening',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('session_id', sa.Uuid(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_case_opening_case_id_case')),
    sa.ForeignKeyConstraint(['session_id'], ['group_session.id'], name=op.f('fk_case_opening_session_id_group_session')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_opening'))
    )
    with op.batch_alter_table('case_opening', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_case_opening_session_id'), ['session_id'], unique=False)
        batch_op.create_index('uq_case_opening_running', ['case_id'], unique=True, postgresql_where=sa.text('ended_at IS NULL'), sqlite_where=sa.text('ended_at IS NULL'))

    op.create_table('case_purge',
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('purged_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('because', sa.Text(), nullable=False),
    sa.Column('generation', sa.Integer(), nullable=False),
    sa.Column('key_hash', sa.Text(), nullable=False),
    sa.Column('pieces', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_case_purge_case_id_case')),
    sa.PrimaryKeyConstraint('case_id', name=op.f('pk_case_purge'))
    )
    op.create_table('handover_proposal',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('supervisor_id', sa.Uuid(), nullable=False),
    sa.Column('proposed_by', sa.Uuid(), nullable=False),
    sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('consented_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('declined_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_handover_proposal_case_id_case')),
    sa.ForeignKeyConstraint(['proposed_by'], ['person.id'], name=op.f('fk_handover_proposal_proposed_by_person')),
    sa.ForeignKeyConstraint(['supervisor_id'], ['person.id'], name=op.f('fk_handover_proposal_supervisor_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_handover_proposal'))
    )
    with op.batch_alter_table('handover_proposal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_handover_proposal_case_id'), ['case_id'], unique=False)

    op.create_table('message',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('author_id', sa.Uuid(), nullable=False),
    sa.Column('press', sa.Uuid(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['person.id'], name=op.f('fk_message_author_id_person')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_message_case_id_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message')),
    sa.UniqueConstraint('press', name=op.f('uq_message_press'))
    )
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_message_case_id'), ['case_id'], unique=False)

    op.create_table('seat',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('session_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('left_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_seat_person_id_person')),
    sa.ForeignKeyConstraint(['session_id'], ['group_session.id'], name=op.f('fk_seat_session_id_group_session')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_seat'))
    )
    with op.batch_alter_table('seat', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_seat_person_id'), ['person_id'], unique=False)
        batch_op.create_index('uq_seat_running', ['session_id', 'person_id'], unique=True, postgresql_where=sa.text('left_at IS NULL'), sqlite_where=sa.text('left_at IS NULL'))

    op.create_table('attachment_piece',
    sa.Column('attachment_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['attachment_id'], ['attachment.id'], name=op.f('fk_attachment_piece_attachment_id_attachment')),
    sa.PrimaryKeyConstraint('attachment_id', 'position', name=op.f('pk_attachment_piece'))
    )
    op.create_table('supplement_request',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('asked_by', sa.Uuid(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['asked_by'], ['person.id'], name=op.f('fk_supplement_request_asked_by_person')),
    sa.ForeignKeyConstraint(['version_id'], ['case_version.id'], name=op.f('fk_supplement_request_version_id_case_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_supplement_request')),
    sa.UniqueConstraint('version_id', 'number', name=op.f('uq_supplement_request_version_id_number'))
    )
    op.create_table('withdrawal',
    sa.Column('version_id', sa.Uuid(), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['version_id'], ['case_version.id'], name=op.f('fk_withdrawal_version_id_case_version')),
    sa.PrimaryKeyConstraint('version_id', name=op.f('pk_withdrawal'))
    )
    op.create_table('correction',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('feedback_id', sa.Uuid(), nullable=False),
    sa.Column('author_id', sa.Uuid(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['person.id'], name=op.f('fk_correction_author_id_person')),
    sa.ForeignKeyConstraint(['feedback_id'], ['feedback.id'], name=op.f('fk_correction_feedback_id_feedback')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_correction'))
    )
    with op.batch_alter_table('correction', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_correction_feedback_id'), ['feedback_id'], unique=False)

    op.create_table('feedback_recall',
    sa.Column('feedback_id', sa.Uuid(), nullable=False),
    sa.Column('recalled_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['feedback_id'], ['feedback.id'], name=op.f('fk_feedback_recall_feedback_id_feedback')),
    sa.PrimaryKeyConstraint('feedback_id', name=op.f('pk_feedback_recall'))
    )
    op.create_table('supplement',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version_id', sa.Uuid(), nullable=False),
    sa.Column('request_id', sa.Uuid(), nullable=True),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['request_id'], ['supplement_request.id'], name=op.f('fk_supplement_request_id_supplement_request')),
    sa.ForeignKeyConstraint(['version_id'], ['case_version.id'], name=op.f('fk_supplement_version_id_case_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_supplement')),
    sa.UniqueConstraint('request_id', name=op.f('uq_supplement_request_id'))
    )
    with op.batch_alter_table('supplement', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_supplement_version_id'), ['version_id'], unique=False)

    with op.batch_alter_table('association', schema=None) as batch_op:
        batch_op.add_column(sa.Column('retention_months', sa.Integer(), nullable=False, server_default='24'))
        batch_op.add_column(sa.Column('accepts_attachments', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('attachment_max_count', sa.Integer(), nullable=False, server_default='5'))
        batch_op.add_column(sa.Column('attachment_max_mb', sa.Integer(), nullable=False, server_default='10'))
    with op.batch_alter_table('association', schema=None) as batch_op:
        for column in ('retention_months', 'accepts_attachments', 'attachment_max_count', 'attachment_max_mb'):
            batch_op.alter_column(column, server_default=None)
    _readings_of("'situation', 'feedback', 'attachment'")
    _let_change(True)
    _keep_the_form_that_was()
    _keep_the_feedback_that_was()
    op.execute(
        'INSERT INTO case_assignment (id, case_id, number, supervisor_id, for_this_case, assigned_at) '
        'SELECT id, case_id, number, supervisor_id, false, submitted_at FROM case_version'
    )
    _let_change(False)


def _readings_of(what: str) -> None:
    with op.batch_alter_table('case_reading', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_case_reading_what_known'), type_='check')
        batch_op.create_check_constraint(batch_op.f('ck_case_reading_what_known'), f'what IN ({what})')


def _let_change(change: bool) -> None:
    """PostgreSQL keeps the triggers that refuse a change; on SQLite the rebuilt tables have lost theirs already."""
    if op.get_bind().dialect.name == 'postgresql':
        for table in ('case_version', 'feedback', 'case_reading'):
            op.execute(f"ALTER TABLE {table} {'DISABLE' if change else 'ENABLE'} TRIGGER USER")


def _keep_the_form_that_was() -> None:
    """What was written before is read with the form it was written with: number 0."""
    for table in ('case_draft', 'case_version'):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column('form_version_id', sa.Uuid(), nullable=True))
    connection, form = op.get_bind(), sa.table(
        'form_version',
        sa.column('id', sa.Uuid()),
        sa.column('number', sa.Integer()),
        sa.column('definition', sa.JSON()),
        sa.column('published_at', sa.DateTime(timezone=True)),
    )
    if connection.scalar(sa.text('SELECT count(*) FROM "case"')):
        connection.execute(
            form.insert().values(id=FORM_0_ID, number=0, definition=FORM_0, published_at=datetime(2026, 11, 1, tzinfo=UTC))
        )
    for table in ('case_draft', 'case_version'):
        rows = sa.table(table, sa.column('form_version_id', sa.Uuid()))
        connection.execute(rows.update().values(form_version_id=FORM_0_ID))
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column('form_version_id', existing_type=sa.Uuid(), nullable=False)
            batch_op.create_foreign_key(
                f'fk_{table}_form_version_id_form_version', 'form_version', ['form_version_id'], ['id']
            )


def _keep_the_feedback_that_was() -> None:
    with op.batch_alter_table('feedback', schema=None) as batch_op:
        batch_op.add_column(sa.Column('attempt', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('signed_at', sa.DateTime(timezone=True), nullable=True))
    op.execute('UPDATE feedback SET signed_at = published_at')
    with op.batch_alter_table('feedback', schema=None) as batch_op:
        batch_op.alter_column('attempt', server_default=None)
        batch_op.alter_column('signed_at', existing_type=sa.DateTime(timezone=True), nullable=False)
        batch_op.drop_constraint('uq_feedback_version_id', type_='unique')
        batch_op.create_index('ix_feedback_author_id', ['author_id'], unique=False)
        batch_op.create_unique_constraint('uq_feedback_version_id_attempt', ['version_id', 'attempt'])


def downgrade() -> None:
    """Facts that the earlier shape has no place for are lost; a recalled feedback must not come back as a published one."""
    connection = op.get_bind()
    recalled = connection.execute(sa.text('SELECT feedback_id FROM feedback_recall')).scalars().all()
    op.drop_table('feedback_recall')
    if connection.dialect.name == 'sqlite':
        op.execute('DROP TRIGGER IF EXISTS feedback_no_delete')
        op.execute('DROP TRIGGER IF EXISTS case_reading_no_update')
    _let_change(True)
    op.execute("UPDATE case_reading SET what = 'situation' WHERE what = 'attachment'")  # the case was read, after all
    for feedback_id in recalled:
        connection.execute(sa.text('DELETE FROM feedback WHERE id = :id'), {'id': feedback_id})
    _let_change(False)
    _readings_of("'situation', 'feedback'")
    with op.batch_alter_table('feedback', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_feedback_version_id_attempt'), type_='unique')
        batch_op.drop_index('ix_feedback_author_id')
        batch_op.create_unique_constraint(batch_op.f('uq_feedback_version_id'), ['version_id'])
        batch_op.drop_column('signed_at')
        batch_op.drop_column('attempt')

    with op.batch_alter_table('case_version', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_case_version_form_version_id_form_version'), type_='foreignkey')
        batch_op.drop_column('form_version_id')

    with op.batch_alter_table('case_draft', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_case_draft_form_version_id_form_version'), type_='foreignkey')
        batch_op.drop_column('form_version_id')

    with op.batch_alter_table('association', schema=None) as batch_op:
        batch_op.drop_column('attachment_max_mb')
        batch_op.drop_column('attachment_max_count')
        batch_op.drop_column('accepts_attachments')
        batch_op.drop_column('retention_months')

    with op.batch_alter_table('supplement', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_supplement_version_id'))

    op.drop_table('supplement')
    with op.batch_alter_table('correction', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_correction_feedback_id'))

    op.drop_table('correction')
    op.drop_table('withdrawal')
    op.drop_table('supplement_request')
    op.drop_table('attachment_piece')
    with op.batch_alter_table('seat', schema=None) as batch_op:
        batch_op.drop_index('uq_seat_running', postgresql_where=sa.text('left_at IS NULL'), sqlite_where=sa.text('left_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_seat_person_id'))

    op.drop_table('seat')
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_message_case_id'))

    op.drop_table('message')
    with op.batch_alter_table('handover_proposal', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_handover_proposal_case_id'))

    op.drop_table('handover_proposal')
    op.drop_table('case_purge')
    with op.batch_alter_table('case_opening', schema=None) as batch_op:
        batch_op.drop_index('uq_case_opening_running', postgresql_where=sa.text('ended_at IS NULL'), sqlite_where=sa.text('ended_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_case_opening_session_id'))

    op.drop_table('case_opening')
    with op.batch_alter_table('case_hold', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_case_hold_case_id'))

    op.drop_table('case_hold')
    with op.batch_alter_table('case_deadline', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_case_deadline_case_id'))

    op.drop_table('case_deadline')
    with op.batch_alter_table('case_closing', schema=None) as batch_op:
        batch_op.drop_index('uq_case_closing_open', postgresql_where=sa.text('reopened_at IS NULL'), sqlite_where=sa.text('reopened_at IS NULL'))

    op.drop_table('case_closing')
    with op.batch_alter_table('case_assignment', schema=None) as batch_op:
        batch_op.drop_index('ix_case_assignment_supervisor_id_case_id')

    op.drop_table('case_assignment')
    with op.batch_alter_table('break_glass', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_break_glass_case_id'))

    op.drop_table('break_glass')
    with op.batch_alter_table('attachment', schema=None) as batch_op:
        batch_op.drop_index('ix_attachment_case_id_id')

    op.drop_table('attachment')
    with op.batch_alter_table('group_session', schema=None) as batch_op:
        batch_op.drop_index('ix_group_session_supervisor_id_starts_at')

    op.drop_table('group_session')
    op.drop_table('form_version')
    op.drop_table('form_draft')
