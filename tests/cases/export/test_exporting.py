"""The author takes a copy along: all of it, and only what she may see; nobody else does."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from supervision.cases import actions
from supervision.cases.feedback import actions as feedback
from supervision.cases.lifecycle import actions as lifecycle
from supervision.crypto import Keyring
from supervision.db import db
from supervision.ids import new_id
from supervision.typesetting import press
from tests import desk
from tests.cases.export.test_document import words_of
from tests.facts import acts


@pytest.fixture
def case_id(cast: SimpleNamespace, keyring: Keyring, now: datetime) -> UUID:
    """Ana's, supplemented, answered with a note, completed, answered, followed by a word, and revised."""
    at = now - timedelta(days=30)
    case_id = desk.bring(cast.ana, cast.sam, keyring, at)
    ana, sam = {"author": cast.ana, "keyring": keyring}, {"supervisor": cast.sam, "keyring": keyring}
    lifecycle.ask_supplement(**sam, file=desk.opened(case_id), text="Combien étaient-ils ?", now=at)
    lifecycle.supplement(**ana, file=desk.opened(case_id), text="Douze.", press=new_id(), now=at)
    file = desk.opened(case_id)
    assert file.version is not None
    beside = {"id": "1", "version": 1, "field": "account", "start": 0, "end": 25, "quote": "Le groupe arrive en retar"}
    fields = desk.FEEDBACK | {"notes": [{**beside, "text": "Et vous, à l’heure ?"}], "lenses": ["group"]}
    feedback.publish(author=cast.sam, file=file, fields=fields, version_id=file.version.id, keyring=keyring, now=at)
    later = at + timedelta(days=1)
    file = desk.opened(case_id, later)
    correction = {"file": file, "text": "J’ajoute ceci.", "press": new_id()}
    feedback.correct(author=cast.sam, keyring=keyring, now=later, **correction)
    desk.answer(cast.ana, case_id, keyring, later)
    feedback.write(**ana, file=desk.opened(case_id, later), text="Merci encore.", press=new_id(), now=later)
    db.session.commit()
    return case_id


def get(client: Any, case_id: UUID, kind: str) -> Any:
    return client.get(f"/situations/{case_id}/exporter/{kind}")


SAID = (
    *(text.split("\n")[0] for name, text in desk.SITUATION.items()),
    *(text.lstrip("- ") for name, text in desk.FEEDBACK.items() if name not in {"frame_ethics", "follow_up_on"}),
    *(text for name, text in desk.ANSWER.items() if name not in {"outcome", "usefulness"}),
    "Combien étaient-ils ?",
    "Douze.",
    "«\u202fLe groupe arrive en retar\u202f»",
    "Et vous, à l’heure ?",
    "J’ajoute ceci.",
    "Merci encore.",
    "Ana Ferreira, Sam Delcourt",
    "Confidentiel",
)


def test_the_whole_case_is_in_the_text(as_: Any, cast: SimpleNamespace, case_id: UUID, now: datetime) -> None:
    answer = get(as_(cast.ana), case_id, "markdown")
    text = answer.get_data(as_text=True)
    assert [said for said in SAID if said not in text] == []
    headers = {name: answer.headers[name] for name in ("Content-Type", "Cache-Control", "Content-Disposition")}
    assert headers == {
        "Content-Type": "text/markdown; charset=utf-8",
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="situation-{now.astimezone().date()}.md"',
    }
    assert acts("case-exported") == [("case-exported", cast.ana.id, f"case/{case_id}")]


@pytest.mark.slow
def test_the_whole_case_is_in_the_pdf(as_: Any, cast: SimpleNamespace, case_id: UUID, tmp_path: Path) -> None:
    answer = get(as_(cast.ana), case_id, "pdf")
    text = words_of(answer.data, tmp_path)
    assert [said for said in SAID if " ".join(said.split()) not in text] == []
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].endswith('.pdf"')


def test_a_note_keeps_its_emphasis_and_a_kept_passage_its_reason(
    as_: Any, cast: SimpleNamespace, keyring: Keyring, now: datetime
) -> None:
    decision = {"kind": "place", "because": "invented", "words": "d’un roman", "at": [["account", 0, 9]]}
    kept = {"_kept": {"any": decision}}
    case_id = desk.bring(cast.ana, cast.sam, keyring, now - timedelta(days=2), **kept)
    file = desk.opened(case_id)
    assert file.version is not None
    beside = {"id": "1", "version": 1, "field": "account", "start": 0, "end": 9, "quote": "Le groupe"}
    fields = desk.FEEDBACK | {"notes": [{**beside, "text": "Et **vous** ?"}]}
    at = now - timedelta(days=1)
    feedback.publish(author=cast.sam, file=file, fields=fields, version_id=file.version.id, keyring=keyring, now=at)
    db.session.commit()
    text = get(as_(cast.ana), case_id, "markdown").get_data(as_text=True)
    assert "Et **vous** ?" in text
    assert "- **Le groupe :** Nom d’un lieu : c’est un nom inventé, d’un roman" in text.replace("\u00a0", " ")


def test_what_is_not_out_is_in_no_copy(as_: Any, cast: SimpleNamespace, keyring: Keyring, now: datetime) -> None:
    case_id = desk.bring(cast.ana, cast.sam, keyring, now - timedelta(days=2))
    desk.sign(cast.sam, case_id, keyring, now)
    db.session.commit()
    text = get(as_(cast.ana), case_id, "markdown").get_data(as_text=True)
    assert [desk.SITUATION["account"].split("\n")[0] in text, desk.FEEDBACK["heard"] in text] == [True, False]


def test_every_version_is_in_it(as_: Any, cast: SimpleNamespace, keyring: Keyring, now: datetime) -> None:
    case_id = desk.bring(cast.ana, cast.sam, keyring, now - timedelta(days=2))
    lifecycle.revise(file=desk.opened(case_id), keyring=keyring, now=now)
    fields = desk.situation_fields(cast.sam, motivation="Une autre envie.")
    file = desk.opened(case_id)
    actions.submit(author=cast.ana, supervisor=cast.sam, file=file, fields=fields, revision=1, keyring=keyring, now=now)
    db.session.commit()
    text = get(as_(cast.ana), case_id, "markdown").get_data(as_text=True)
    wanted = ("## Version 1", "## Version 2", desk.SITUATION["motivation"], "Une autre envie.")
    assert [said for said in wanted if said not in text] == []


@pytest.mark.parametrize("kind", ["markdown", "pdf"])
def test_only_the_author_takes_a_copy(
    as_: Any, visitor: Any, cast: SimpleNamespace, case_id: UUID, keyring: Keyring, now: datetime, kind: str
) -> None:
    draft = desk.draft(cast.ana, keyring, now)
    db.session.commit()
    found = [get(as_(who), case_id, kind).status_code for who in (cast.sam, cast.noor, cast.ada, cast.paul)]
    assert found == [403, 404, 404, 404]
    assert [get(visitor, case_id, kind).status_code, get(as_(cast.ana), draft, kind).status_code] == [302, 403]
    assert acts("case-exported") == []


def test_a_pdf_that_cannot_be_made_is_said_and_not_recorded(
    as_: Any, cast: SimpleNamespace, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(press, "PATIENCE", 0.01)
    ana = as_(cast.ana)
    assert get(ana, case_id, "pdf").status_code == 302
    assert "exportez en texte" in ana.get(f"/situations/{case_id}").get_data(as_text=True)
    assert acts("case-exported") == []


def test_a_copy_is_in_the_language_of_its_author(as_: Any, cast: SimpleNamespace, case_id: UUID) -> None:
    cast.ana.language = "en"
    db.session.commit()
    assert "Confidential" in get(as_(cast.ana), case_id, "markdown").get_data(as_text=True)
