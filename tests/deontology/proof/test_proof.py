"""« Which text bound this person on that day »: in words, with the rows it rests on, and as a sealed PDF."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pikepdf
import pytest
from flask import Flask
from sqlalchemy import select

from supervision.db import db
from supervision.deontology import actions
from supervision.deontology.models import Acknowledgement, TextKind, TextVersion
from supervision.deontology.proof import queries, seal
from supervision.immutable import install
from supervision.people.models import Person
from tests.client import FreshClient
from tests.deontology.proof.test_seal import found
from tests.facts import acts, one

As = Callable[[Person], FreshClient]
PAGE = "/deontologie/engagements/preuve"
DAY = timedelta(days=1)


def said(client: FreshClient, person: Person | None, day: date) -> str:
    """The sentences of the page."""
    chosen = f"&personne={person.id}" if person else ""
    page = client.get(f"{PAGE}?au={day}{chosen}").text
    sentences = re.search(r'<div class="prose">(.*?)</div>', page, re.S)
    return html.unescape(re.sub(r"<[^>]*>", " ", sentences[1])).strip() if sentences else ""


def test_it_says_who_was_bound_by_what(as_: As, cast: SimpleNamespace, today: date) -> None:
    paul = as_(cast.paul)
    first = one(select(TextVersion.effective_on).where(TextVersion.number == 1))
    assert "aucune version de ce texte n’était encore en vigueur" in said(paul, cast.ana, first - DAY)
    before, after = said(paul, cast.ana, first), said(paul, cast.ana, first + DAY)
    assert ("n’en avait signé aucune version" in before, "Sa première signature était attendue" in before) == (
        True,
        True,
    )
    assert ("c’est le texte qui engageait Ana Ferreira ce jour-là" in after, "attendue" in after) == (True, False)
    assert "Le délai pour signer était passé depuis" in said(paul, cast.lee, today)


def test_each_thing_said_is_shown_with_its_row(as_: As, cast: SimpleNamespace, today: date) -> None:
    row = one(select(Acknowledgement).where(Acknowledgement.person_id == cast.sam.id))
    page = as_(cast.ada).get(f"{PAGE}?personne={cast.sam.id}&au={today}").text
    assert all(value in page for value in (row.row_hash, row.previous_hash, row.text_sha256, row.typed_name))
    assert f"La ligne {row.number + 1}, écrite ensuite, porte cette empreinte." in html.unescape(page)
    assert row.code not in page


def test_somebody_asks_it_of_herself_and_of_nobody_else(as_: As, cast: SimpleNamespace, today: date) -> None:
    ana = as_(cast.ana)
    assert "engageait Ana Ferreira" in said(ana, None, today)
    assert "engageait Ana Ferreira" in said(ana, cast.ana, today)
    assert ana.get(f"{PAGE}?personne={cast.lee.id}").status_code == 404
    assert ana.post(f"{PAGE}/pdf?personne={cast.lee.id}").status_code == 404
    assert "Lee Marchand" not in ana.get(f"{PAGE}?q=lee").text
    assert f"personne={cast.lee.id}" in as_(cast.maud).get(f"{PAGE}?q=lee").text


@pytest.mark.parametrize("day", ["hier", "2999-01-01", "0000-00-00"])
def test_a_day_that_is_none_is_told_at_its_field(as_: As, cast: SimpleNamespace, day: str) -> None:
    answer = as_(cast.ana).get(f"{PAGE}?au={day}")
    assert (answer.status_code, 'id="au-error"' in answer.text) == (422, True)
    assert as_(cast.ana).post(f"{PAGE}/pdf?au={day}").status_code == 404


@pytest.fixture
def instance(app: Flask) -> Iterator[Path]:
    folder = app.config["SETTINGS"].instance_dir
    yield folder
    (folder / seal.FILE).unlink(missing_ok=True)


def test_the_pdf_is_sealed_says_the_same_and_is_recorded(
    as_: As, cast: SimpleNamespace, today: date, instance: Path
) -> None:
    answer = as_(cast.maud).post(f"{PAGE}/pdf?personne={cast.ana.id}&au={today}")
    assert (answer.content_type, found(answer.data, instance)) == ("application/pdf", (True, True))
    with pikepdf.open(BytesIO(answer.data)) as pdf, pdf.open_metadata() as told:
        assert (told.get("pdfaid:part"), told.get("pdfaid:conformance")) == ("2", "A")
        assert "Ana Ferreira" in str(told["dc:title"])
    assert [act[:2] for act in acts("bound-text-proved")] == [("bound-text-proved", cast.maud.id)]


def test_a_pdf_that_cannot_be_sealed_is_made_all_the_same_without_a_seal(
    as_: As, cast: SimpleNamespace, instance: Path
) -> None:
    (instance / seal.FILE).write_text("no key")
    answer = as_(cast.ana).post(f"{PAGE}/pdf")
    assert (answer.status_code, b"/ByteRange" in answer.data) == (200, False)


def test_a_row_that_was_altered_says_so(app: Flask, cast: SimpleNamespace, now: datetime, today: date) -> None:
    connection = db.session.connection()
    on = "" if connection.dialect.name == "sqlite" else " ON acknowledgement"
    names = ("acknowledgement_no_update",) if not on else ("acknowledgement_never_changes",)
    for name in names:
        connection.exec_driver_sql(f"DROP TRIGGER {name}{on}")
    kind = db.session.get_one(TextKind, "deontologie")
    whole = queries.proof(cast.sam, kind, today).signed
    assert whole is not None
    assert whole.holds
    connection.exec_driver_sql(f"UPDATE acknowledgement SET language = 'en' WHERE number = {whole.row.number}")
    db.session.expire_all()
    altered = queries.proof(cast.sam, kind, today).signed
    assert altered is not None
    assert (altered.is_whole, altered.holds) == (False, False)
    install(connection)


def test_what_came_later_is_not_in_it(app: Flask, cast: SimpleNamespace, now: datetime, today: date) -> None:
    kind, version = db.session.get_one(TextKind, "deontologie"), one(select(Acknowledgement).limit(1)).version
    given = actions.Given(answer="signed", language="en", typed_name="Lee Marchand")
    actions.answer(person=cast.lee, version=version, given=given, now=now, today=today)
    db.session.flush()
    assert queries.proof(cast.lee, kind, today - DAY).signed is None
    assert queries.proof(cast.lee, kind, today).binds
