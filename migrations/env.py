"""How Alembic reaches the database. On SQLite, foreign keys are off while tables are rebuilt: with them on, rebuilding
a parent table silently deletes the rows of its children.
"""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from supervision import immutable
from supervision.db import Instant, db


def render_item(kind: str, item: Any, _autogen: Any) -> str | bool:
    """Write plain SQLAlchemy types into migrations, so that they outlive our own classes."""
    if kind == "type" and isinstance(item, Instant):
        return "sa.DateTime(timezone=True)"
    return False


def process_revision_directives(_context: Any, _revision: Any, directives: list[Any]) -> None:
    if getattr(context.config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_item=render_item,
        process_revision_directives=process_revision_directives,
        compare_type=True,
        render_as_batch=connection.dialect.name == "sqlite",
        transaction_per_migration=False,
        transactional_ddl=True,  # SQLite too, since we say BEGIN ourselves: an upgrade happens whole or not at all
    )
    with context.begin_transaction():
        context.run_migrations()
        immutable.install(connection)
        refuse_orphans(connection)


def refuse_orphans(connection: Connection) -> None:
    """While foreign keys are off nothing else would notice; the transaction that made them is undone."""
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"the migration leaves rows without their parents: {broken[:5]}")


def run_on_sqlite(connection: Connection) -> None:
    raw = connection.connection.dbapi_connection
    raw.execute("PRAGMA foreign_keys=OFF")  # only outside a transaction has it any effect
    try:
        run(connection)
        connection.commit()
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


with current_app.app_context(), db.engine.connect() as connection:
    if connection.dialect.name == "sqlite":
        run_on_sqlite(connection)
    else:
        run(connection)
        connection.commit()
