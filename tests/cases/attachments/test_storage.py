"""How files are kept: sealed in pieces, read one piece at a time, never in the clear."""

from __future__ import annotations

import threading
import tracemalloc
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import IntegrityError

from supervision import clock
from supervision.cases.attachments import actions, cleaning, queries, sending, workshop
from supervision.cases.attachments.models import Attachment, AttachmentPiece
from supervision.cases.attachments.rules import MEGABYTE, PIECE, Cleaned, TooMany, pieces_of
from supervision.cases.models import CaseReading
from supervision.crypto import Keyring, SealBroken
from supervision.db import Base, db, declare
from supervision.demo import association as demo
from supervision.ids import new_id
from supervision.people import queries as people
from supervision.people.models import Person
from tests import desk
from tests.cases.attachments import hostile
from tests.cases.attachments.conftest import attach, kept, settle
from tests.client import FreshClient
from tests.facts import at_once, rows

As = Callable[[Person], FreshClient]
Lay = Callable[..., UUID]


# --- at rest ----------------------------------------------------------------------------------------------------------


def whole_database(app: Flask) -> bytes:
    """Every value of every row and, where the database is a file, every byte of its files, deleted rows included."""
    with db.engine.connect() as connection:
        tables = [connection.execute(select(table)).all() for table in Base.metadata.sorted_tables]
    found = [value if isinstance(value, bytes) else str(value).encode() for t in tables for row in t for value in row]
    if db.engine.url.database and db.engine.dialect.name == "sqlite":
        found += [file.read_bytes() for file in Path(db.engine.url.database).parent.rglob("*") if file.is_file()]
    return b"\n".join(found)


@pytest.mark.slow
def test_nothing_of_a_file_its_name_nor_what_was_taken_out_of_it_is_in_the_database(
    fresh_stack: Callable[..., Flask],
) -> None:
    app = fresh_stack()
    sent = [hostile.jpeg(), hostile.hostile_pdf(), hostile.png() + hostile.HTML]
    with app.app_context():
        ana, client, case_id = ready(app)
        refused = attach(client, case_id, hostile.zipped(), "CANARYrefused.docx")
        answers = [attach(client, case_id, content, f"CANARYname{n}.pdf") for n, content in enumerate(sent)]
        taken = client.post(f"/situations/{case_id}/pieces/{kept(case_id)[0]}/retirer")
        stored = whole_database(app)
        plain = b"".join(cleaning.clean(content).content for content in sent)
    assert [a.status_code for a in (refused, *answers, taken)] == [422, 302, 302, 302, 302]
    baits = [b"CANARY", b"image/jpeg", b"application/pdf", b"%PDF", b"\xff\xd8\xff\xe0", b"Bonjour", plain[200:232]]
    assert [bait for bait in baits if bait in stored] == []
    assert ana.display_name.encode() in stored


def ready(app: Flask) -> tuple[Person, FreshClient, UUID]:
    """Ana, her browser, and a draft, where commits are real."""
    settle(accepts_attachments=True, attachment_max_count=5, attachment_max_mb=2)
    ana = people.person_by_email(demo.email_of("ana"))
    assert ana is not None
    case_id = desk.draft(ana, app.extensions["keyring"], clock.now())
    db.session.commit()
    client: FreshClient = app.test_client()  # type: ignore[assignment]
    client.sign_in(ana)
    return ana, client, case_id


def test_a_file_is_kept_in_pieces_each_sealed_for_its_place(cast: SimpleNamespace, draft: UUID, lay: Lay) -> None:
    lay(draft, b"x" * (2 * PIECE + 1))
    sizes = [len(sealed) - SEAL for sealed in rows(select(AttachmentPiece.sealed).order_by(AttachmentPiece.position))]
    assert (sizes, rows(select(Attachment.size))) == ([PIECE, PIECE, 1], [2 * PIECE + 1])


SEAL = 1 + 12 + 16  # version, nonce and tag


@pytest.mark.parametrize(("size", "pieces"), [(1, 1), (PIECE - 1, 1), (PIECE, 1), (PIECE + 1, 2), (20 * MEGABYTE, 80)])
def test_a_file_has_as_many_pieces_as_it_needs(size: int, pieces: int) -> None:
    assert pieces_of(size) == pieces


def read(draft: UUID, keyring: Keyring) -> bytes:
    """The only file of a case, as a download gives it."""
    seal = desk.opened(draft).seal(keyring)
    (line,) = queries.lines(select(Attachment).where(Attachment.case_id == draft), seal)
    return b"".join(queries.content(db.session.get_bind(), line, seal))


CONTENT = b"a" * PIECE + b"b" * PIECE + b"c" * 10


def tamper(how: str, piece: UUID) -> None:
    of_file = AttachmentPiece.attachment_id == piece
    at = {position: of_file & (AttachmentPiece.position == position) for position in (0, 1, 2)}
    sealed: Any = {position: db.session.scalar(select(AttachmentPiece.sealed).where(at[position])) for position in at}
    changes = {
        "swapped": [update(AttachmentPiece).where(at[0]).values(sealed=sealed[1])],
        "missing": [delete(AttachmentPiece).where(at[1])],
        "cut short": [delete(AttachmentPiece).where(at[2]), update(Attachment).values(size=2 * PIECE)],
        "altered": [update(AttachmentPiece).where(at[2]).values(sealed=sealed[2][:-1] + b"\x00")],
    }
    for change in changes.get(how, []):
        db.session.execute(change)
    db.session.commit()


@pytest.mark.parametrize("how", ["swapped", "missing", "cut short", "altered"])
def test_a_file_that_somebody_changed_in_the_database_does_not_open(
    cast: SimpleNamespace, draft: UUID, lay: Lay, keyring: Keyring, how: str
) -> None:
    piece = lay(draft, CONTENT)
    assert read(draft, keyring) == CONTENT
    tamper(how, piece)
    with pytest.raises(SealBroken):
        read(draft, keyring)


def test_a_piece_of_another_file_does_not_open(cast: SimpleNamespace, draft: UUID, lay: Lay, keyring: Keyring) -> None:
    one, two = lay(draft, b"one"), lay(draft, b"two")
    other = db.session.scalar(select(AttachmentPiece.sealed).where(AttachmentPiece.attachment_id == two))
    db.session.execute(update(AttachmentPiece).where(AttachmentPiece.attachment_id == one).values(sealed=other))
    db.session.commit()
    seal = desk.opened(draft).seal(keyring)
    line = queries.lines(select(Attachment).where(Attachment.id == one), seal)[0]
    with pytest.raises(SealBroken):
        list(queries.content(db.session.get_bind(), line, seal))


# --- on the way out ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_file_of_twenty_megabytes_is_sent_without_ever_being_whole_in_memory(
    as_: As, cast: SimpleNamespace, draft: UUID, lay: Lay, record_property: Any
) -> None:
    settle(attachment_max_mb=20)
    piece = lay(draft, b"\x07" * 20 * MEGABYTE)
    ana, door = as_(cast.ana), f"/situations/{draft}/pieces/{piece}"
    ana.get("/situations")  # what a first request loads is not counted
    tracemalloc.start()
    try:
        sent = sum(len(part) for part in ana.get(door, buffered=False).iter_encoded())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    record_property("peak bytes", peak)
    assert (sent, peak < 3 * MEGABYTE) == (20 * MEGABYTE, True), peak


@pytest.mark.slow
def test_a_reader_who_is_slow_holds_no_connection_and_no_lock(fresh_stack: Callable[..., Flask]) -> None:
    app = fresh_stack()
    with app.app_context():
        ana, client, case_id = ready(app)
        cleaned = Cleaned(b"y" * 3 * PIECE, "application/pdf", "pdf")
        ring = app.extensions["keyring"]
        made = actions.add(
            file=desk.opened(case_id), cleaned=cleaned, name="a.pdf", most=5, keyring=ring, now=clock.now()
        )
        db.session.commit()
        parts = client.get(f"/situations/{case_id}/pieces/{made}", buffered=False).iter_encoded()
        next(parts)
        db.session.remove()
        assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
        saved = desk.save(client, case_id, desk.situation_form(ana, 1), partial=True)
        assert (saved.status_code, len(b"".join(parts))) == (200, 2 * PIECE)


def test_one_file_leaves_at_a_time_and_the_next_one_follows(
    as_: As, cast: SimpleNamespace, draft: UUID, lay: Lay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "TURN", 0.05)
    ana, door = as_(cast.ana), f"/situations/{draft}/pieces/{lay(draft, b'y' * 3 * PIECE)}"
    slow = ana.get(door, buffered=False)
    parts = slow.iter_encoded()
    next(parts)
    meanwhile = [ana.get(door), ana.head(door), ana.get("/situations")]
    assert len(b"".join(parts)) == 2 * PIECE
    left = ana.get(door, buffered=False)
    left.close()
    after = ana.get(door)
    assert [answer.status_code for answer in (*meanwhile, after)] == [302, 200, 200, 200]
    assert len(after.data) == 3 * PIECE


# --- at the same time -------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_two_files_at_once_are_counted_one_after_the_other(
    fresh_stack: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workshop, "clean", cleaning.clean)
    app = fresh_stack()
    with app.app_context():
        ana, _, case_id = ready(app)
        settle(attachment_max_count=1)
        clients = [app.test_client() for _ in range(2)]
        for client in clients:
            client.sign_in(ana)  # type: ignore[attr-defined]
    answers = at_once(*[lambda c=c: attach(c, case_id, hostile.png()).status_code for c in clients])  # type: ignore[misc]
    with app.app_context():
        assert (sorted(answers), len(kept(case_id))) == ([302, 422], 1)


@pytest.mark.slow
def test_nobody_waits_while_a_file_is_cleaned(
    fresh_stack: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = fresh_stack()
    cleans, goes_on = threading.Event(), threading.Event()

    def slowly(data: bytes) -> Cleaned:
        cleans.set()
        assert goes_on.wait(timeout=30)
        return cleaning.clean(data)

    monkeypatch.setattr(workshop, "clean", slowly)
    with app.app_context():
        ana, client, case_id = ready(app)
        other: FreshClient = app.test_client()  # type: ignore[assignment]
        other.sign_in(ana)

        def save_meanwhile() -> int:
            assert cleans.wait(timeout=30)
            with app.app_context():
                answer = desk.save(other, case_id, desk.situation_form(ana, 1), partial=True)
            goes_on.set()
            return answer.status_code

        added = at_once(lambda: attach(client, case_id, hostile.png()).status_code, save_meanwhile)
    assert added == [302, 200]


def test_a_draft_that_was_submitted_meanwhile_takes_no_file(
    as_: As, cast: SimpleNamespace, draft: UUID, keyring: Keyring, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def submitted_meanwhile(data: bytes) -> Cleaned:
        declare(only_reading=False)
        fields = desk.situation_fields(cast.sam)
        file = desk.opened(draft)
        desk.actions.submit(
            author=cast.ana, supervisor=cast.sam, file=file, fields=fields, revision=1, keyring=keyring, now=now
        )
        db.session.commit()
        return cleaning.clean(data)

    monkeypatch.setattr(workshop, "clean", submitted_meanwhile)
    answer = attach(as_(cast.ana), draft, hostile.png())
    assert (answer.status_code, answer.location, kept(draft)) == (302, f"/situations/{draft}", [])


def test_more_files_than_the_limit_are_refused_by_the_act_itself(cast: SimpleNamespace, draft: UUID, lay: Lay) -> None:
    lay(draft, most=1)
    with pytest.raises(TooMany):
        lay(draft, most=1)


# --- what the database knows of readings ------------------------------------------------------------------------------


def reading(case_id: UUID, reader: Person, what: str) -> None:
    db.session.add(CaseReading(id=new_id(), case_id=case_id, reader_id=reader.id, what=what, read_at=clock.now()))
    db.session.commit()


@pytest.mark.slow
def test_an_earlier_schema_keeps_the_reading_of_a_file_as_one_of_its_situation(
    fresh_stack: Callable[..., Flask],
) -> None:
    app = fresh_stack()
    with app.app_context():
        ana, _, case_id = ready(app)
        for what in ("attachment", "feedback"):
            reading(case_id, ana, what)
        flask_migrate.downgrade(revision="0002")
        earlier = db.session.scalars(text("SELECT what FROM case_reading ORDER BY what")).all()
        db.session.rollback()
        flask_migrate.upgrade()
        assert (earlier, rows(select(CaseReading.what).order_by(CaseReading.what))) == (
            ["feedback", "situation"],
            ["feedback", "situation"],
        )
        reading(case_id, ana, "attachment")
        with pytest.raises(IntegrityError):
            reading(case_id, ana, "nonsense")
        db.session.rollback()
        with pytest.raises(IntegrityError):
            db.session.execute(update(CaseReading).values(what="feedback"))
        db.session.rollback()
