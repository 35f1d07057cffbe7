"""The database: one base class, the column types, and how SQLite is made to behave.

Two traps are answered here. SQLite opens deferred transactions, and one that reads and then writes fails at once
under concurrency: every transaction here is IMMEDIATE unless it is declared to be a reading one. SQLite forgets time
zones: `Instant` refuses naive values and always returns aware UTC.
"""

from __future__ import annotations

import json
import sqlite3
from contextvars import ContextVar
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    Connection,
    Date,
    DateTime,
    Dialect,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    Text,
    TypeDecorator,
    Uuid,
    event,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.types import JSON

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# True while a request runs that will only read. Set at the start of every request, either way.
_only_reading: ContextVar[bool] = ContextVar("only_reading", default=False)


class NaiveInstant(ValueError):
    """A datetime without a zone was about to be stored or compared."""


class Instant(TypeDecorator[datetime]):
    """An instant: aware on the way in, UTC in the database, aware UTC on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise NaiveInstant("an instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# SQLite only numbers rows by itself in an INTEGER primary key; PostgreSQL deserves the wide one.
Sequence64 = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={
            datetime: Instant,
            date: Date,
            UUID: Uuid,
            str: Text,
            bytes: LargeBinary,
            dict[str, Any]: JSON,
        },
    )


db = SQLAlchemy(
    model_class=Base,
    # hide_parameters: an error of the driver would otherwise quote the values of its statement into a log.
    session_options={"expire_on_commit": False},
    engine_options={"hide_parameters": True, "json_serializer": lambda value: json.dumps(value, ensure_ascii=False)},
)


def tame(engine: Engine) -> None:
    """Prepare one engine of ours. Not a global listener: the embedded broker has an SQLite engine of its own."""
    if engine.dialect.name != "sqlite":
        return
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)


def _set_pragmas(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("PRAGMA busy_timeout=10000")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN DEFERRED" if _only_reading.get() else "BEGIN IMMEDIATE")


def declare(*, only_reading: bool) -> None:
    """Say whether what follows in this thread will write, so that readers never wait for a writer on SQLite."""
    _only_reading.set(only_reading)


def begin_writing() -> None:
    """Leave a transaction that was declared to read for one that writes. What SQLite has read under a deferred BEGIN
    cannot be written over: it would fail at once if somebody else wrote in between.
    """
    db.session.rollback()
    declare(only_reading=False)


def release() -> None:
    """End a transaction that has only read, before work that takes long: on SQLite it would hold up every writer.
    What was loaded stays as it was; what follows begins a new transaction.
    """
    db.session.commit()


def insert(model: type[Base]) -> Any:
    """An INSERT that knows ON CONFLICT, which each dialect spells in a module of its own."""
    dialect = db.session.get_bind().dialect.name
    return postgresql.insert(model) if dialect == "postgresql" else sqlite.insert(model)
