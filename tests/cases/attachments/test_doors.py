"""Files with a situation: who may bring, see, take and remove them, and what is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from sqlalchemy import select

from supervision.cases import actions as cases
from supervision.cases.attachments import cleaning
from supervision.cases.attachments.models import Attachment, AttachmentPiece
from supervision.cases.lifecycle import actions as lifecycle
from supervision.cases.models import CaseReading
from supervision.cases.retention import actions as retention
from supervision.crypto import Keyring
from supervision.db import db
from supervision.ids import new_id
from supervision.people.models import Person
from tests import desk
from tests.cases.attachments import hostile
from tests.cases.attachments.conftest import attach, kept, settle
from tests.client import FreshClient
from tests.facts import one, rows
from tests.pages import page_texts

As = Callable[[Person], FreshClient]
Lay = Callable[..., UUID]


def submit(case_id: UUID, cast: SimpleNamespace, keyring: Keyring, at: datetime, *, revision: int = 1) -> None:
    fields = desk.situation_fields(cast.sam)
    file = desk.opened(case_id)
    cases.submit(
        author=cast.ana, supervisor=cast.sam, file=file, fields=fields, revision=revision, keyring=keyring, now=at
    )
    db.session.commit()


# --- bringing a file --------------------------------------------------------------------------------------------------


def test_an_author_attaches_a_picture_and_takes_home_what_is_left_of_it(
    as_: As, cast: SimpleNamespace, draft: UUID
) -> None:
    ana = as_(cast.ana)
    sent = attach(ana, draft, hostile.jpeg(), "séance/IMG_20261122 cercle.JPG")
    (piece,) = kept(draft)
    taken = ana.get(f"/situations/{draft}/pieces/{piece}")
    assert (sent.status_code, sent.location) == (302, f"/situations/{draft}/brouillon#pieces")
    assert (taken.status_code, taken.data) == (200, cleaning.clean(hostile.jpeg()).content)
    assert "IMG cercle.jpg" in ana.get(f"/situations/{draft}/brouillon").text


def test_a_file_is_only_ever_saved_and_runs_nothing(as_: As, cast: SimpleNamespace, draft: UUID) -> None:
    ana = as_(cast.ana)
    attach(ana, draft, hostile.written(hostile.pdf()), "Plan de l’étage.pdf")
    headers = ana.get(f"/situations/{draft}/pieces/{kept(draft)[0]}").headers
    assert {name: headers[name] for name in EXPECTED} == EXPECTED
    assert headers["Content-Length"] == str(one(select(Attachment.size)))


EXPECTED = {
    "Content-Type": "application/pdf",
    "Content-Disposition": 'attachment; filename="Plan de letage.pdf"; '
    "filename*=UTF-8''Plan%20de%20l%E2%80%99%C3%A9tage.pdf",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Choisissez un fichier"),
        (hostile.zipped(), "Le sont les images JPEG, PNG ou WebP et les documents PDF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Le sont les images"),
        (hostile.HTML, "Le sont les images"),
        (hostile.jpeg()[:400], "abîmé ou incomplet"),
        (hostile.png_header(20_000, 20_000), "trop de points"),
        (hostile.animated("PNG"), "image animée"),
        (hostile.written(hostile.pdf(), encryption=hostile.locked()), "protégé par un mot de passe"),
        (hostile.layered(), "calques cachés"),
        (hostile.written(hostile.pdf(pages=201)), "plus de 200 pages"),
        (hostile.jpeg() + b"\x00" * 1024 * 1024, "dépasse 1\u00a0Mo"),
    ],
)
def test_a_file_that_is_not_taken_is_refused_at_the_field_with_a_reason(
    as_: As, cast: SimpleNamespace, draft: UUID, content: bytes, words: str
) -> None:
    answer = attach(as_(cast.ana), draft, content, "CANARYname.pdf")
    assert (answer.status_code, kept(draft)) == (422, [])
    (error,) = [text for text in page_texts(answer.text) if words in text]
    assert 'id="piece-error"' in answer.text
    assert "CANARYname" not in answer.text
    assert error


def test_a_form_without_a_file_or_with_two_is_refused(as_: As, cast: SimpleNamespace, draft: UUID) -> None:
    ana, door = as_(cast.ana), f"/situations/{draft}/pieces"
    two = [hostile.upload(), hostile.upload()]
    answers = [
        ana.post(door),
        ana.post(door, data={"piece": "text"}),
        ana.post(door, data={"other": hostile.upload()}),
        ana.post(door, data={"piece": two}),
        ana.post(door, data={"piece": hostile.upload(), "other": hostile.upload()}),
        ana.post(door, data={f"piece{n}": hostile.upload() for n in range(12)}),
    ]
    assert [answer.status_code for answer in answers] == [422, 422, 422, 422, 422, 413]
    assert kept(draft) == []


def test_a_situation_has_as_many_files_as_the_association_says(as_: As, cast: SimpleNamespace, draft: UUID) -> None:
    ana = as_(cast.ana)
    answers = [attach(ana, draft, hostile.png()) for _ in range(4)]
    assert ([answer.status_code for answer in answers], len(kept(draft))) == ([302, 302, 302, 422], 3)
    assert "a ses 3 pièces jointes, le nombre admis" in answers[3].text
    assert 'type="file"' not in ana.get(f"/situations/{draft}/brouillon").text


def test_an_association_that_takes_no_files_shows_no_place_for_them(
    as_: As, cast: SimpleNamespace, draft: UUID, lay: Lay
) -> None:
    settle(accepts_attachments=False)
    ana = as_(cast.ana)
    page, answer = ana.get(f"/situations/{draft}/brouillon"), attach(ana, draft, hostile.png())
    assert ("pieces" in page.text, answer.status_code, kept(draft)) == (False, 403, [])
    assert ana.get(f"/situations/{draft}/pieces").status_code == 302
    piece = lay(draft)
    assert f"/pieces/{piece}" in ana.get(f"/situations/{draft}/brouillon").text
    assert ana.get(f"/situations/{draft}/pieces/{piece}").status_code == 200


def test_files_have_a_page_of_their_own_that_leads_back(as_: As, cast: SimpleNamespace, draft: UUID, lay: Lay) -> None:
    lay(draft, name="plan.pdf")
    page = as_(cast.ana).get(f"/situations/{draft}/pieces")
    assert page.status_code == 200
    assert [
        text for text in ("plan.pdf", f"/situations/{draft}/brouillon", 'type="file"') if text not in page.text
    ] == []


# --- who sees it ------------------------------------------------------------------------------------------------------


def test_what_lies_with_a_draft_is_its_authors_alone(
    as_: As, cast: SimpleNamespace, draft: UUID, lay: Lay, keyring: Keyring, now: datetime
) -> None:
    first = lay(draft)
    submit(draft, cast, keyring, now)
    lifecycle.revise(file=desk.opened(draft), keyring=keyring, now=now)
    second = lay(draft, name="CANARYsecond.pdf")
    sam, ana = as_(cast.sam), as_(cast.ana)
    doors = [f"/situations/{draft}/pieces/{piece}" for piece in (first, second)]
    assert [ana.get(door).status_code for door in doors] == [200, 200]
    assert [sam.get(door).status_code for door in doors] == [200, 404]
    assert "CANARYsecond" not in sam.get(f"/situations/{draft}").text
    assert f"/pieces/{first}" in sam.get(f"/situations/{draft}").text


@pytest.mark.parametrize("who", ["noor", "lee", "ada"])
def test_nobody_else_finds_a_file(
    as_: As, cast: SimpleNamespace, draft: UUID, lay: Lay, keyring: Keyring, now: datetime, who: str
) -> None:
    piece = lay(draft)
    submit(draft, cast, keyring, now)
    client = as_(getattr(cast, who))
    door = f"/situations/{draft}/pieces"
    answers = [client.get(f"{door}/{piece}"), client.post(f"{door}/{piece}/retirer"), attach(client, draft, b"x")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_a_file_is_not_found_under_another_case(
    as_: As, cast: SimpleNamespace, draft: UUID, lay: Lay, keyring: Keyring, now: datetime
) -> None:
    piece, other = lay(draft), desk.draft(cast.lee, keyring, now)
    db.session.commit()
    lee = as_(cast.lee)
    answers = [
        lee.get(f"/situations/{other}/pieces/{piece}"),
        lee.post(f"/situations/{other}/pieces/{piece}/retirer"),
        lee.get(f"/situations/{other}/pieces/{new_id()}"),
    ]
    assert ([answer.status_code for answer in answers], kept(draft)) == ([404, 404, 404], [piece])


def test_the_author_sees_who_took_a_file_home(
    as_: As, cast: SimpleNamespace, draft: UUID, lay: Lay, keyring: Keyring, now: datetime
) -> None:
    piece = lay(draft)
    submit(draft, cast, keyring, now)
    sam, ana, door = as_(cast.sam), as_(cast.ana), f"/situations/{draft}/pieces/{piece}"
    ana.get(door)
    sam.head(door)
    assert rows(select(CaseReading.what)) == []
    sam.get(door)
    assert rows(select(CaseReading.what, CaseReading.reader_id)) == [("attachment", cast.sam.id)]
    assert "Sam Delcourt a enregistré une pièce jointe" in " ".join(page_texts(ana.get(f"/situations/{draft}").text))


def test_taking_a_file_home_is_a_reading_after_which_nothing_is_withdrawn(
    as_: As, cast: SimpleNamespace, draft: UUID, lay: Lay, keyring: Keyring, now: datetime
) -> None:
    piece = lay(draft)
    submit(draft, cast, keyring, now)
    as_(cast.sam).get(f"/situations/{draft}/pieces/{piece}")
    assert as_(cast.ana).post(f"/situations/{draft}/retirer").status_code == 403


# --- its way through the life of a situation --------------------------------------------------------------------------


def test_files_go_with_the_version_when_it_is_submitted_and_then_stay(
    as_: As, cast: SimpleNamespace, draft: UUID, lay: Lay, keyring: Keyring, now: datetime
) -> None:
    piece = lay(draft)
    submit(draft, cast, keyring, now)
    assert one(select(Attachment.submitted_at)) == now
    removed = [as_(who).post(f"/situations/{draft}/pieces/{piece}/retirer") for who in (cast.ana, cast.sam)]
    added = [attach(as_(who), draft, hostile.png()) for who in (cast.ana, cast.sam)]
    assert [answer.status_code for answer in (*removed, *added)] == [302, 403, 403, 403]
    assert kept(draft) == [piece]


def test_an_author_removes_a_file_while_she_writes_and_nothing_of_it_is_left(
    as_: As, cast: SimpleNamespace, draft: UUID, lay: Lay
) -> None:
    piece, other = lay(draft, b"x" * 300_000), lay(draft)
    answer = as_(cast.ana).post(f"/situations/{draft}/pieces/{piece}/retirer")
    assert (answer.status_code, answer.location) == (302, f"/situations/{draft}/brouillon#pieces")
    assert (kept(draft), rows(select(AttachmentPiece.attachment_id))) == ([other], [other])


def test_a_version_that_is_withdrawn_unread_gives_its_files_back_to_the_draft(
    as_: As, cast: SimpleNamespace, draft: UUID, lay: Lay, keyring: Keyring, now: datetime
) -> None:
    piece = lay(draft)
    submit(draft, cast, keyring, now)
    lifecycle.withdraw(author=cast.ana, file=desk.opened(draft), keyring=keyring, now=now + timedelta(minutes=1))
    db.session.commit()
    assert one(select(Attachment.submitted_at)) is None
    assert as_(cast.ana).post(f"/situations/{draft}/pieces/{piece}/retirer").status_code == 302
    assert kept(draft) == []


def test_a_draft_that_is_thrown_away_takes_its_files_with_it(
    cast: SimpleNamespace, draft: UUID, lay: Lay, keyring: Keyring, now: datetime
) -> None:
    lay(draft)
    cases.discard(file=desk.opened(draft), now=now)
    assert (kept(draft), rows(select(AttachmentPiece.attachment_id))) == ([], [])


def test_a_revision_that_is_thrown_away_leaves_the_files_of_the_version(
    cast: SimpleNamespace, draft: UUID, lay: Lay, keyring: Keyring, now: datetime
) -> None:
    first = lay(draft)
    submit(draft, cast, keyring, now)
    lifecycle.revise(file=desk.opened(draft), keyring=keyring, now=now)
    lay(draft)
    cases.discard(file=desk.opened(draft), now=now)
    assert kept(draft) == [first]


def test_a_purged_case_has_no_file_any_more(
    as_: As, cast: SimpleNamespace, draft: UUID, lay: Lay, keyring: Keyring, now: datetime
) -> None:
    piece = lay(draft)
    submit(draft, cast, keyring, now)
    retention.purge(file=desk.opened(draft), because="retention", now=now)
    db.session.commit()
    assert as_(cast.ana).get(f"/situations/{draft}/pieces/{piece}").status_code == 404
    assert rows(select(AttachmentPiece.attachment_id)) == []


# --- what it costs ----------------------------------------------------------------------------------------------------


def test_a_page_costs_the_same_with_one_file_and_with_twenty(
    as_: As, cast: SimpleNamespace, draft: UUID, lay: Lay, statements: desk.Count
) -> None:
    settle(attachment_max_count=20)
    ana, costs = as_(cast.ana), []
    for more in (1, 2, 17):
        for _ in range(more):
            lay(draft)
        statements()
        for door in (f"/situations/{draft}/pieces", f"/situations/{draft}/brouillon"):
            assert ana.get(door).status_code == 200
        costs.append(len(statements()))
    assert costs[0] == costs[1] == costs[2], costs


def test_taking_a_file_home_costs_one_statement_for_each_piece(
    as_: As, cast: SimpleNamespace, draft: UUID, lay: Lay, statements: desk.Count
) -> None:
    ana, costs = as_(cast.ana), []
    for pieces in (1, 5):
        piece = lay(draft, b"x" * (pieces * 256 * 1024))
        statements()
        assert len(ana.get(f"/situations/{draft}/pieces/{piece}").data) == pieces * 256 * 1024
        costs.append(len(statements()) - pieces)
    assert costs[0] == costs[1] <= 6, costs
