"""How the database is made to behave: time, identifiers, SQLite's transactions, silence in errors."""

from __future__ import annotations

import re
import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from supervision.audit.models import AuditEntry
from supervision.cases import queries as cases
from supervision.cases.feedback.models import Feedback
from supervision.db import Instant, NaiveInstant, begin_writing, db, declare, tame
from supervision.home import queries as home
from supervision.ids import new_id
from supervision.outbox.models import Heartbeat, OutboxMail
from supervision.people.models import Person, RoleGrant
from supervision.people.viewer import Viewer
from supervision.permissions import own_cases, supervised_cases

PARIS_IN_SUMMER = timezone(timedelta(hours=2))
NOON = datetime(2026, 7, 14, 12, tzinfo=PARIS_IN_SUMMER)

# --- instants ---------------------------------------------------------------------------------------------------------


def test_an_instant_comes_back_aware_and_in_utc(app: Flask) -> None:
    db.session.add(Heartbeat(part="test", at=NOON))
    db.session.commit()
    db.session.expire_all()
    kept = db.session.get_one(Heartbeat, "test").at
    assert (kept, kept.tzinfo) == (NOON, UTC)


def test_an_instant_without_a_zone_is_refused(app: Flask) -> None:
    db.session.add(Heartbeat(part="test", at=NOON.replace(tzinfo=None)))
    with pytest.raises(StatementError) as error:
        db.session.flush()
    assert isinstance(error.value.orig, NaiveInstant)


def test_an_instant_is_not_compared_with_one_without_a_zone(app: Flask) -> None:
    with pytest.raises(StatementError) as error:
        db.session.scalar(sa.select(Heartbeat).where(Heartbeat.at < NOON.replace(tzinfo=None)))
    assert isinstance(error.value.orig, NaiveInstant)


def test_instants_of_two_zones_compare_as_instants(app: Flask) -> None:
    db.session.add(Heartbeat(part="test", at=NOON))
    db.session.flush()
    later_by_the_clock_on_the_wall = datetime(2026, 7, 14, 11, tzinfo=UTC)
    before = sa.select(Heartbeat.part).where(Heartbeat.part == "test", Heartbeat.at < later_by_the_clock_on_the_wall)
    assert db.session.scalar(before) == "test"


def test_what_is_not_there_stays_so() -> None:
    dialect: Any = None
    assert Instant().process_bind_param(None, dialect) is None
    assert Instant().process_result_value(None, dialect) is None


# --- identifiers ------------------------------------------------------------------------------------------------------


def test_ids_sort_by_time_and_say_their_version(monkeypatch: pytest.MonkeyPatch) -> None:
    instants = [1, 2_000_000, 3_000_000, 1 << 60]
    ids = []
    for nanoseconds in instants:
        monkeypatch.setattr("supervision.ids.time.time_ns", lambda at=nanoseconds: at)
        ids.append(new_id())
    assert ids == sorted(ids)
    assert {(made.version, made.variant) for made in ids} == {(7, uuid.RFC_4122)}
    assert len({new_id() for _ in range(1000)}) == 1000


def test_ids_sort_in_the_database_as_they_do_here(app: Flask, cast: SimpleNamespace) -> None:
    ids = list(db.session.scalars(sa.select(Person.id).order_by(Person.id)))
    assert ids == sorted(ids)
    assert len(ids) == len(vars(cast))


# --- SQLite -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def tamed(tmp_path: Path) -> Iterator[sa.Engine]:
    """A database of one counter, under our rules."""
    declare(only_reading=False)
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'counter.db'}")
    tame(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE counter (n INTEGER)"))
        connection.execute(sa.text("INSERT INTO counter VALUES (0)"))
    yield engine
    declare(only_reading=False)
    engine.dispose()


def count_one(engine: sa.Engine, between: Callable[[], object] = lambda: None) -> None:
    """Read, think, write what was read plus one."""
    with engine.begin() as connection:
        seen = connection.scalar(sa.text("SELECT n FROM counter"))
        between()
        connection.execute(sa.text("UPDATE counter SET n = :n"), {"n": seen + 1})


def counted(engine: sa.Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(sa.text("SELECT n FROM counter")) or 0


def test_every_connection_is_set_as_we_need_it(tamed: sa.Engine) -> None:
    names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
    with tamed.connect() as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names}
    assert found == dict(zip(names, ("wal", 1, 1, 1, 10_000), strict=True))


def test_those_who_read_and_then_write_wait_for_each_other(tamed: sa.Engine) -> None:
    def many() -> None:
        for _ in range(20):
            count_one(tamed)

    threads = [threading.Thread(target=many) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted(tamed) == 120


def write_from_elsewhere(engine: sa.Engine) -> None:
    """Another process that adds a hundred."""
    with sqlite3.connect(str(engine.url.database)) as other:
        other.execute("UPDATE counter SET n = n + 100")
    other.close()


def test_a_deferred_transaction_would_fail_at_once(tamed: sa.Engine) -> None:
    declare(only_reading=True)
    with pytest.raises(OperationalError, match="locked"):
        count_one(tamed, between=lambda: write_from_elsewhere(tamed))
    assert counted(tamed) == 100


def test_somebody_who_only_reads_does_not_wait_for_a_writer(tamed: sa.Engine) -> None:
    with tamed.begin() as writer:
        writer.execute(sa.text("UPDATE counter SET n = 7"))
        declare(only_reading=True)
        assert counted(tamed) == 0
    assert counted(tamed) == 7


def test_a_page_that_turns_out_to_write_leaves_its_reading_behind(app: Flask) -> None:
    declare(only_reading=True)
    db.session.scalar(sa.select(Heartbeat.part).limit(1))
    begin_writing()
    db.session.add(Heartbeat(part="test", at=NOON))
    db.session.commit()
    assert db.session.get_one(Heartbeat, "test").at == NOON


# --- both -------------------------------------------------------------------------------------------------------------


def test_an_error_of_the_database_does_not_quote_what_was_written(app: Flask, cast: SimpleNamespace) -> None:
    secret = "what somebody wrote"
    twin = Person(email=secret, email_key=cast.ana.email_key, display_name=secret, created_at=NOON)
    with pytest.raises(IntegrityError) as error, db.session.begin_nested():
        db.session.add(twin)
    assert secret not in str(error.value)
    assert "hidden due to hide_parameters" in str(error.value)


@pytest.mark.parametrize("verb", ["UPDATE audit_entry SET action = 'nothing'", "DELETE FROM audit_entry"])
def test_the_record_is_not_rewritten(app: Flask, verb: str) -> None:
    before = db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry))
    with pytest.raises(IntegrityError, match="never change"), db.session.begin_nested():
        db.session.execute(sa.text(verb))
    assert before
    assert db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) == before


def test_a_row_without_its_parent_is_refused(app: Flask, cast: SimpleNamespace) -> None:
    grants = sa.update(RoleGrant).where(RoleGrant.person_id == cast.zoe.id)
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(grants.values(person_id=new_id()))
    db.session.execute(grants.values(person_id=cast.ana.id))


# --- indexes ----------------------------------------------------------------------------------------------------------

GROWING = {"case", "case_version", "case_key", "case_reading", "feedback", "answer", "outbox_mail", "user_session"}


def read_whole(statement: sa.Select[Any]) -> set[str]:
    """The growing tables that the database would read from end to end, were they large."""
    literal = statement.compile(db.engine, compile_kwargs={"literal_binds": True})
    if db.session.connection().dialect.name == "sqlite":
        plan = db.session.execute(sa.text(f"EXPLAIN QUERY PLAN {literal}")).all()
        scanned = [row[3].split() for row in plan if row[3].startswith("SCAN") and "INDEX" not in row[3]]
        return {words[1].strip('"') for words in scanned} & GROWING
    db.session.execute(sa.text("SET LOCAL enable_seqscan = off"))
    plan = db.session.execute(sa.text(f"EXPLAIN {literal}")).all()
    return {name for name in GROWING for row in plan if re.search(rf'Seq Scan on "?{name}"?\b', row[0])}


def test_lists_and_probes_find_their_rows_by_index(app: Flask, cast: SimpleNamespace, now: datetime) -> None:
    ana, sam = Viewer(cast.ana, frozenset({"trainee"})), Viewer(cast.sam, frozenset({"supervisor", "administrator"}))
    mine, received = own_cases(ana), supervised_cases(sam, now.date())
    failed = sa.select(OutboxMail.id).where(OutboxMail.failed_at.is_not(None))
    lists = [cases.LINES.where(visible.whereclause).limit(26).params(now=now) for visible in (mine, received)]
    waiting = [*home._as_author(ana, now), *home._as_supervisor(sam, now.date())]
    assert [read_whole(statement) for statement in (*lists, *waiting, failed)] == [set()] * (3 + len(waiting))
    assert read_whole(sa.select(Feedback.id).where(Feedback.published_at > now)) == {"feedback"}
