"""What is published never changes: the database itself refuses to update or delete these rows.

Rebuilding a table on SQLite drops its triggers, so they are put back after every migration.
"""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text

TABLES = (
    "audit_entry",
    "text_version",
    "article",
    "acknowledgement",
    "case_version",
    "case_reading",
    "feedback",
    "answer",
    "case_assignment",
    "case_deadline",
    "withdrawal",
    "supplement_request",
    "supplement",
    "feedback_recall",
    "correction",
    "message",
    "form_version",
    "case_purge",
    "referral_entry",
    "referral_recusal",
    "referral_reading",
)

_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'rows of % never change', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$
"""


def install(connection: Connection) -> None:
    """Put the triggers on every table of the list that exists; doing it again changes nothing."""
    present = [table for table in TABLES if inspect(connection).has_table(table)]
    if connection.dialect.name == "postgresql":
        _install_on_postgresql(connection, present)
    else:
        _install_on_sqlite(connection, present)


def _install_on_postgresql(connection: Connection, tables: list[str]) -> None:
    if not tables:
        connection.execute(text("DROP FUNCTION IF EXISTS refuse_change()"))
        return
    connection.execute(text(_POSTGRESQL_FUNCTION))
    for table in tables:
        connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_never_changes ON {table}"))
        connection.execute(
            text(
                f"CREATE TRIGGER {table}_never_changes BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            )
        )


def _install_on_sqlite(connection: Connection, tables: list[str]) -> None:
    for table in tables:
        for verb in ("update", "delete"):
            connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{verb}"))
            connection.execute(
                text(
                    f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, 'rows of {table} never change'); END"
                )
            )
