"""Migrations go up and down on both databases, agree with the models, and lose no row and no trigger on the way."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy.exc import IntegrityError

from supervision import ROOT, cli, clock, create_app, immutable
from supervision.db import Base, db, declare
from supervision.demo import association as demo
from tests.conftest import DATABASES, database_url, settings_for

pytestmark = pytest.mark.slow
only_on_sqlite = pytest.mark.parametrize("empty", ["sqlite"], indirect=True)


@pytest.fixture(params=DATABASES)
def empty(request: pytest.FixtureRequest, tmp_path: Path, shared: Path, worker_id: str) -> Iterator[Flask]:
    """The application on a database without a single table."""
    declare(only_reading=False)
    with database_url(request.param, tmp_path, shared, f"migrations_{worker_id}") as url:
        app = create_app(settings_for(tmp_path, url))
        cli.migrate.init_app(app, db)
        with app.app_context():
            yield app
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    """A copy of the migrations, to which a test adds its own."""
    return Path(shutil.copytree(ROOT / "migrations", tmp_path / "migrations"))


def add_migration(folder: Path, name: str, upgrade: str) -> None:
    head = ScriptDirectory(str(folder)).get_current_head()
    text = f"import sqlalchemy as sa\nfrom alembic import op\nrevision, down_revision = {name!r}, {head!r}\n"
    (folder / "versions" / f"{name}.py").write_text(f"{text}def upgrade():\n{upgrade}\ndef downgrade(): ...\n")


def fill(app: Flask) -> dict[str, int]:
    demo.fill(keyring=app.extensions["keyring"], now=clock.now())
    db.session.commit()
    return counts()


def counts() -> dict[str, int]:
    """How many rows each table has."""
    with db.engine.connect() as connection:
        tables = Base.metadata.sorted_tables
        return {t.name: connection.scalar(sa.select(sa.func.count()).select_from(t)) or 0 for t in tables}


def tables() -> set[str]:
    return set(sa.inspect(db.engine).get_table_names()) - {"alembic_version"}


def differences() -> list[object]:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))


def changeable() -> set[str]:
    """The tables of the list whose rows the database would let somebody change."""
    found = set()
    for name in immutable.TABLES:
        try:
            with db.engine.begin() as connection:
                connection.execute(sa.text(f"UPDATE {name} SET {first_column(name)} = {first_column(name)}"))
                found.add(name)
        except IntegrityError:
            continue
    return found


def first_column(table: str) -> str:
    return Base.metadata.tables[table].primary_key.columns[0].name


def test_the_tables_made_by_the_migrations_are_those_of_the_models(empty: Flask) -> None:
    flask_migrate.upgrade()
    assert (tables(), differences()) == (set(Base.metadata.tables), [])
    with db.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE heartbeat ADD COLUMN bait TEXT"))
    assert len(differences()) == 1


def test_migrations_go_down_to_nothing_and_up_again(empty: Flask) -> None:
    flask_migrate.upgrade()
    flask_migrate.downgrade(revision="base")
    assert tables() == set()
    flask_migrate.upgrade()
    assert (tables(), differences()) == (set(Base.metadata.tables), [])


def test_migrations_go_down_and_up_with_a_full_database(empty: Flask) -> None:
    flask_migrate.upgrade()
    before = fill(empty)
    db.session.remove()
    flask_migrate.downgrade(revision="base")
    flask_migrate.upgrade()
    after = fill(empty)
    assert min(after[name] for name in immutable.TABLES) > 0
    assert after == before


def test_each_migration_goes_down_and_up_by_itself(empty: Flask) -> None:
    for script in reversed(list(ScriptDirectory(str(ROOT / "migrations")).walk_revisions())):
        flask_migrate.upgrade(revision=script.revision)
        flask_migrate.downgrade(revision=script.down_revision or "base")
        flask_migrate.upgrade(revision=script.revision)
    assert differences() == []


def test_what_is_published_stays_so_after_its_table_is_rebuilt(empty: Flask, migrations: Path) -> None:
    rebuild = "".join(
        f"    with op.batch_alter_table('{name}', recreate='auto') as table:\n"
        "        table.add_column(sa.Column('added', sa.Text))\n"
        for name in immutable.TABLES
    )
    forced = rebuild.replace("'auto'", "'always' if op.get_bind().dialect.name == 'sqlite' else 'auto'")
    add_migration(migrations, "rebuild", forced)
    flask_migrate.upgrade()
    before = fill(empty)
    db.session.remove()
    flask_migrate.upgrade(directory=str(migrations))
    assert (counts(), changeable()) == (before, set())
    if db.engine.dialect.name == "sqlite":
        with db.engine.begin() as connection:
            connection.execute(sa.text("DROP TRIGGER answer_no_update"))
        assert changeable() == {"answer"}


FAMILY = """
    op.create_table('parent', sa.Column('id', sa.Integer, primary_key=True))
    op.create_table('child', sa.Column('id', sa.Integer, primary_key=True),
        sa.Column('parent_id', sa.Integer, sa.ForeignKey('parent.id', ondelete='CASCADE', name='fk_child')))
    op.execute('INSERT INTO parent VALUES (1)')
    op.execute('INSERT INTO child VALUES (1, 1)')
"""
REBUILD = """
    recreate = 'always' if op.get_bind().dialect.name == 'sqlite' else 'auto'
    with op.batch_alter_table('parent', recreate=recreate) as table:
        table.add_column(sa.Column('added', sa.Text))
"""


def children() -> int:
    with db.engine.connect() as connection:
        return connection.scalar(sa.text("SELECT count(*) FROM child")) or 0


def test_rebuilding_a_parent_keeps_its_children(empty: Flask, migrations: Path) -> None:
    add_migration(migrations, "family", FAMILY)
    add_migration(migrations, "rebuilt", REBUILD)
    flask_migrate.upgrade(directory=str(migrations))
    assert children() == 1
    assert "added" in {column["name"] for column in sa.inspect(db.engine).get_columns("parent")}


@only_on_sqlite  # PostgreSQL alters a table in place
def test_with_foreign_keys_on_sqlite_would_have_lost_them(empty: Flask, migrations: Path) -> None:
    add_migration(migrations, "family", FAMILY)
    flask_migrate.upgrade(directory=str(migrations))
    with db.engine.begin() as connection:  # as env.py does it, but for the one pragma
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("parent", recreate="always") as table:
            table.add_column(sa.Column("added", sa.Text))
    assert children() == 0


@only_on_sqlite  # PostgreSQL never lets them be orphaned
def test_a_migration_that_orphans_rows_is_refused(empty: Flask, migrations: Path) -> None:
    add_migration(migrations, "family", FAMILY)
    add_migration(migrations, "orphans", "    op.execute('DELETE FROM parent')")
    with pytest.raises(SystemExit):  # which is how Flask-Migrate reports an error of the migration
        flask_migrate.upgrade(directory=str(migrations))
    assert "child" not in tables()


def test_a_migration_that_fails_half_way_leaves_the_database_as_it_was(empty: Flask, migrations: Path) -> None:
    flask_migrate.upgrade()
    before = tables()
    add_migration(migrations, "half", "    op.create_table('half', sa.Column('id', sa.Integer))\n    raise KeyError")
    with pytest.raises(KeyError):
        flask_migrate.upgrade(directory=str(migrations))
    assert (tables(), differences()) == (before, [])


def test_the_database_refuses_to_change_what_is_published(empty: Flask) -> None:
    flask_migrate.upgrade()
    fill(empty)
    assert changeable() == set()
    with db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE person SET zone = zone"))  # whereas a person may change
