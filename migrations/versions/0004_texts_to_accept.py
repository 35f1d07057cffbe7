"""texts to accept: kinds, drafts, one chain of answers, more time, and what is brought to the committee"""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

CODE = 'deontologie'
ALPHABET = '23456789ABCDEFGHJKMNPQRSTVWXYZ'
NEW_COLUMNS = (
    'number', 'shown', 'authenticated_how', 'authenticated_at', 'code', 'previous_hash', 'row_hash'
)
OLD = ('id', 'person_id', 'version_id', 'language', 'text_sha256', 'sentence', 'typed_name', 'answer', 'answered_at')
TEXTS = ', '.join(f'{name}_{tag}' for name in ('title', 'preamble', 'summary', 'sentence') for tag in ('fr', 'en'))


def upgrade() -> None:
    free('code_version', 'article', 'acknowledgement')
    add_kinds()
    add_versions()
    chain_the_answers()
    op.drop_table('code_version')
    add_drafts_and_extensions()
    add_referrals()
    add_what_signing_needs()


def free(*tables: str) -> None:
    """Take the triggers away that refuse every change; they come back after the migration."""
    for table in tables:
        if op.get_bind().dialect.name == 'postgresql':
            op.execute(f'DROP TRIGGER IF EXISTS {table}_never_changes ON {table}')
        else:
            op.execute(f'DROP TRIGGER IF EXISTS {table}_no_update')
            op.execute(f'DROP TRIGGER IF EXISTS {table}_no_delete')


def add_kinds() -> None:
    kinds = op.create_table('text_kind',
    sa.Column('slug', sa.Text(), nullable=False),
    sa.Column('name_fr', sa.Text(), nullable=False),
    sa.Column('name_en', sa.Text(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('is_public', sa.Boolean(), nullable=False),
    sa.Column('has_consequences', sa.Boolean(), nullable=False),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('slug', name=op.f('pk_text_kind'))
    )
    names = {'name_fr': 'Code de déontologie', 'name_en': 'Code of ethics'}
    op.bulk_insert(kinds, [{'slug': CODE, 'position': 0, 'is_public': True, 'has_consequences': True, **names}])


def add_versions() -> None:
    op.create_table('text_version',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('change', sa.Text(), nullable=False),
    sa.Column('effective_on', sa.Date(), nullable=False),
    sa.Column('grace_days', sa.Integer(), nullable=False),
    sa.Column('hidden_days', sa.Integer(), nullable=False),
    sa.Column('bound_roles', sa.Text(), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('published_by', sa.Uuid(), nullable=True),
    sa.Column('approved_by', sa.Uuid(), nullable=True),
    sa.Column('title_fr', sa.Text(), nullable=False),
    sa.Column('title_en', sa.Text(), nullable=False),
    sa.Column('preamble_fr', sa.Text(), nullable=False),
    sa.Column('preamble_en', sa.Text(), nullable=False),
    sa.Column('summary_fr', sa.Text(), nullable=False),
    sa.Column('summary_en', sa.Text(), nullable=False),
    sa.Column('sentence_fr', sa.Text(), nullable=False),
    sa.Column('sentence_en', sa.Text(), nullable=False),
    sa.CheckConstraint("change IN ('major', 'minor')", name=op.f('ck_text_version_change_known')),
    sa.CheckConstraint(
        'grace_days BETWEEN 0 AND 730 AND hidden_days BETWEEN 0 AND 730', name=op.f('ck_text_version_days_sensible')
    ),
    sa.ForeignKeyConstraint(['kind'], ['text_kind.slug'], name=op.f('fk_text_version_kind_text_kind')),
    sa.ForeignKeyConstraint(['published_by'], ['person.id'], name=op.f('fk_text_version_published_by_person')),
    sa.ForeignKeyConstraint(['approved_by'], ['person.id'], name=op.f('fk_text_version_approved_by_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_text_version')),
    sa.UniqueConstraint('kind', 'number', name='uq_text_version_number'),
    sa.UniqueConstraint('kind', 'effective_on', name='uq_text_version_effective_on')
    )
    op.execute(
        'INSERT INTO text_version (id, kind, number, change, effective_on, grace_days, hidden_days, bound_roles, '
        f"published_at, published_by, {TEXTS}) SELECT id, '{CODE}', number, kind, effective_on, 30, 30, '', "
        f'published_at, published_by, {TEXTS} FROM code_version'
    )
    point('article', 'code_version', 'text_version')


def point(table: str, before: str, after: str) -> None:
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(op.f(f'fk_{table}_version_id_{before}'), type_='foreignkey')
        batch.create_foreign_key(op.f(f'fk_{table}_version_id_{after}'), after, ['version_id'], ['id'])


def chain_the_answers() -> None:
    with op.batch_alter_table('acknowledgement') as batch:
        batch.drop_constraint(op.f('uq_acknowledgement_person_id_version_id_answer'), type_='unique')
        batch.drop_constraint(op.f('ck_acknowledgement_answer_known'), type_='check')
        batch.add_column(sa.Column('number', sa.Integer(), nullable=True))
        batch.add_column(sa.Column('authenticated_at', sa.DateTime(timezone=True), nullable=True))
        for name in ('shown', 'authenticated_how', 'code', 'previous_hash', 'row_hash'):
            batch.add_column(sa.Column(name, sa.Text(), nullable=True))
    fill_the_chain()
    point('acknowledgement', 'code_version', 'text_version')
    with op.batch_alter_table('acknowledgement') as batch:
        batch.alter_column('number', existing_type=sa.Integer(), nullable=False)
        for name in ('shown', 'authenticated_how', 'code', 'previous_hash', 'row_hash'):
            batch.alter_column(name, existing_type=sa.Text(), nullable=False)
        known = "answer IN ('signed', 'refused', 'informed', 'withdrawn')"
        batch.create_check_constraint(op.f('ck_acknowledgement_answer_known'), known)
        batch.create_unique_constraint(op.f('uq_acknowledgement_number'), ['number'])
        batch.create_unique_constraint(op.f('uq_acknowledgement_code'), ['code'])
        batch.create_index('ix_acknowledgement_person_id_version_id', ['person_id', 'version_id'])
        listed = ['version_id', 'person_id', 'number', 'answer', 'answered_at']
        batch.create_index('ix_acknowledgement_version_id', listed)


def fill_the_chain() -> None:
    """Answers given before there was a chain are put into it in the order in which they were given."""
    columns = [sa.column(name, sa.Uuid() if name == 'id' or name.endswith('_id') else sa.Text()) for name in OLD[:-1]]
    instants = [sa.column(name, sa.DateTime(timezone=True)) for name in ('answered_at', 'authenticated_at')]
    others = [sa.column(name) for name in NEW_COLUMNS if name != 'authenticated_at']
    answers = sa.table('acknowledgement', *columns, *instants, *others)
    rows = op.get_bind().execute(sa.select(*(answers.c[name] for name in OLD)).order_by('answered_at', 'id')).all()
    previous = '0' * 64
    for number, row in enumerate(rows, 1):
        new = {'number': number, 'shown': 'before', 'authenticated_how': 'session', 'authenticated_at': None}
        new |= {'code': ''.join(secrets.choice(ALPHABET) for _ in range(16))}
        facts = {name: as_text(value) for name, value in {**row._mapping, **new}.items()}
        written = json.dumps({**facts, 'previous_hash': previous}, sort_keys=True, ensure_ascii=False)
        hashes = {'previous_hash': previous, 'row_hash': hashlib.sha256(written.encode()).hexdigest()}
        op.get_bind().execute(sa.update(answers).where(answers.c.id == row.id).values(**new, **hashes))
        previous = hashes['row_hash']


def as_text(value: object) -> str:
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat()
    return str(value)


def add_drafts_and_extensions() -> None:
    op.create_table('text_draft',
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('change', sa.Text(), nullable=False),
    sa.Column('effective_on', sa.Date(), nullable=True),
    sa.Column('grace_days', sa.Integer(), nullable=False),
    sa.Column('hidden_days', sa.Integer(), nullable=False),
    sa.Column('bound_roles', sa.Text(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('edited_by', sa.Uuid(), nullable=False),
    sa.Column('edited_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('review_asked_by', sa.Uuid(), nullable=True),
    sa.Column('review_asked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('approved_by', sa.Uuid(), nullable=True),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('remark', sa.Text(), nullable=True),
    sa.Column('returned_by', sa.Uuid(), nullable=True),
    sa.Column('returned_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("change IN ('major', 'minor')", name=op.f('ck_text_draft_change_known')),
    sa.CheckConstraint('approved_by <> review_asked_by', name=op.f('ck_text_draft_two_people')),
    sa.ForeignKeyConstraint(['kind'], ['text_kind.slug'], name=op.f('fk_text_draft_kind_text_kind')),
    sa.ForeignKeyConstraint(['edited_by'], ['person.id'], name=op.f('fk_text_draft_edited_by_person')),
    sa.ForeignKeyConstraint(['review_asked_by'], ['person.id'], name=op.f('fk_text_draft_review_asked_by_person')),
    sa.ForeignKeyConstraint(['approved_by'], ['person.id'], name=op.f('fk_text_draft_approved_by_person')),
    sa.ForeignKeyConstraint(['returned_by'], ['person.id'], name=op.f('fk_text_draft_returned_by_person')),
    sa.PrimaryKeyConstraint('kind', name=op.f('pk_text_draft'))
    )
    op.create_table('text_extension',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('until_on', sa.Date(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('granted_by', sa.Uuid(), nullable=False),
    sa.Column('granted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_by', sa.Uuid(), nullable=True),
    sa.CheckConstraint('granted_by <> person_id', name=op.f('ck_text_extension_not_oneself')),
    sa.ForeignKeyConstraint(['version_id'], ['text_version.id'], name=op.f('fk_text_extension_version_id_text_version')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_text_extension_person_id_person')),
    sa.ForeignKeyConstraint(['granted_by'], ['person.id'], name=op.f('fk_text_extension_granted_by_person')),
    sa.ForeignKeyConstraint(['revoked_by'], ['person.id'], name=op.f('fk_text_extension_revoked_by_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_text_extension'))
    )
    op.create_index('ix_text_extension_person_id', 'text_extension', ['person_id'])


def add_referrals() -> None:
    op.create_table('referral',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('author_id', sa.Uuid(), nullable=False),
    sa.Column('version_id', sa.Uuid(), nullable=True),
    sa.Column('article', sa.Text(), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('press', sa.Uuid(), nullable=False),
    sa.Column('generation', sa.Integer(), nullable=True),
    sa.Column('wrapped', sa.LargeBinary(), nullable=True),
    sa.Column('sealed_title', sa.LargeBinary(), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('purged_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('purged_generation', sa.Integer(), nullable=True),
    sa.Column('purged_key_hash', sa.Text(), nullable=True),
    sa.CheckConstraint("kind IN ('question', 'referral')", name=op.f('ck_referral_kind_known')),
    sa.CheckConstraint(
        '(purged_at IS NULL) = (wrapped IS NOT NULL)', name=op.f('ck_referral_purged_or_sealed')
    ),
    sa.ForeignKeyConstraint(['author_id'], ['person.id'], name=op.f('fk_referral_author_id_person')),
    sa.ForeignKeyConstraint(['version_id'], ['text_version.id'], name=op.f('fk_referral_version_id_text_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_referral')),
    sa.UniqueConstraint('press', name=op.f('uq_referral_press'))
    )
    op.create_index('ix_referral_author_id', 'referral', ['author_id'])
    op.create_index('ix_referral_generation', 'referral', ['generation'])
    op.create_index('ix_referral_closed_at', 'referral', ['closed_at'])
    op.create_table('referral_entry',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('referral_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('by_id', sa.Uuid(), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=True),
    sa.Column('press', sa.Uuid(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.CheckConstraint(
        "kind IN ('opening', 'message', 'step', 'note', 'conclusion', 'reopening')",
        name=op.f('ck_referral_entry_kind_known')
    ),
    sa.ForeignKeyConstraint(['referral_id'], ['referral.id'], name=op.f('fk_referral_entry_referral_id_referral')),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_referral_entry_by_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_referral_entry')),
    sa.UniqueConstraint('press', name=op.f('uq_referral_entry_press'))
    )
    op.create_index('ix_referral_entry_referral_id', 'referral_entry', ['referral_id'])
    op.create_table('referral_recusal',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('referral_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('asked_by', sa.Uuid(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['referral_id'], ['referral.id'], name=op.f('fk_referral_recusal_referral_id_referral')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_referral_recusal_person_id_person')),
    sa.ForeignKeyConstraint(['asked_by'], ['person.id'], name=op.f('fk_referral_recusal_asked_by_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_referral_recusal')),
    sa.UniqueConstraint('referral_id', 'person_id', name=op.f('uq_referral_recusal_referral_id_person_id'))
    )
    op.create_table('referral_reading',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('referral_id', sa.Uuid(), nullable=False),
    sa.Column('reader_id', sa.Uuid(), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['referral_id'], ['referral.id'], name=op.f('fk_referral_reading_referral_id_referral')),
    sa.ForeignKeyConstraint(['reader_id'], ['person.id'], name=op.f('fk_referral_reading_reader_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_referral_reading'))
    )
    op.create_index('ix_referral_reading_referral_id_read_at', 'referral_reading', ['referral_id', 'read_at'])


def add_what_signing_needs() -> None:
    op.create_table('text_shown',
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('version_id', sa.Uuid(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('articles', sa.Text(), nullable=False),
    sa.Column('way', sa.Text(), nullable=False),
    sa.Column('begun_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('shown_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("way IN ('whole', 'articles')", name=op.f('ck_text_shown_way_known')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_text_shown_person_id_person')),
    sa.ForeignKeyConstraint(['version_id'], ['text_version.id'], name=op.f('fk_text_shown_version_id_text_version')),
    sa.PrimaryKeyConstraint('person_id', 'version_id', 'language', name=op.f('pk_text_shown'))
    )
    op.add_column('user_session', sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Texts other than the code, and every answer but the first of each sort, have no place in the earlier tables."""
    op.drop_table('text_shown')
    with op.batch_alter_table('user_session') as batch:
        batch.drop_column('confirmed_at')
    for table in ('referral_reading', 'referral_recusal', 'referral_entry', 'referral', 'text_extension', 'text_draft'):
        op.drop_table(table)
    free('text_version', 'article', 'acknowledgement')
    put_versions_back()
    with op.batch_alter_table('acknowledgement') as batch:
        batch.drop_index('ix_acknowledgement_person_id_version_id')
        batch.drop_index('ix_acknowledgement_version_id')
        batch.drop_constraint(op.f('ck_acknowledgement_answer_known'), type_='check')
        batch.drop_constraint(op.f('uq_acknowledgement_number'), type_='unique')
        batch.drop_constraint(op.f('uq_acknowledgement_code'), type_='unique')
        for name in NEW_COLUMNS:
            batch.drop_column(name)
        batch.create_check_constraint(op.f('ck_acknowledgement_answer_known'), "answer IN ('signed', 'refused')")
        unique = 'uq_acknowledgement_person_id_version_id_answer'
        batch.create_unique_constraint(op.f(unique), ['person_id', 'version_id', 'answer'])
    op.drop_table('text_version')
    op.drop_table('text_kind')


def put_versions_back() -> None:
    op.create_table('code_version',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('effective_on', sa.Date(), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('published_by', sa.Uuid(), nullable=True),
    *(sa.Column(name, sa.Text(), nullable=False) for name in TEXTS.split(', ')),
    sa.CheckConstraint("kind IN ('major', 'minor')", name=op.f('ck_code_version_kind_known')),
    sa.ForeignKeyConstraint(['published_by'], ['person.id'], name=op.f('fk_code_version_published_by_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_code_version')),
    sa.UniqueConstraint('effective_on', name=op.f('uq_code_version_effective_on')),
    sa.UniqueConstraint('number', name=op.f('uq_code_version_number'))
    )
    of_others = f"version_id IN (SELECT id FROM text_version WHERE kind <> '{CODE}')"
    op.execute(f'DELETE FROM article WHERE {of_others}')
    op.execute(f"DELETE FROM acknowledgement WHERE {of_others} OR answer NOT IN ('signed', 'refused')")
    op.execute(
        'DELETE FROM acknowledgement WHERE number NOT IN '
        '(SELECT min(number) FROM acknowledgement GROUP BY person_id, version_id, answer)'
    )
    op.execute(
        f'INSERT INTO code_version (id, number, kind, effective_on, published_at, published_by, {TEXTS}) '
        f"SELECT id, number, change, effective_on, published_at, published_by, {TEXTS} FROM text_version "
        f"WHERE kind = '{CODE}'"
    )
    point('article', 'text_version', 'code_version')
    point('acknowledgement', 'text_version', 'code_version')
