"""Feedback: written in drafts, published once, answered once."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from supervision import clock
from supervision.cases import texts
from supervision.cases.feedback.models import Answer, Feedback, FeedbackDraft
from supervision.cases.feedback.rules import REQUIRED as FEEDBACK_REQUIRED
from supervision.cases.rules import UNDO
from supervision.crypto import Keyring
from supervision.db import db
from supervision.outbox.models import OutboxMail
from tests import desk


@pytest.fixture
def case_id(cast: SimpleNamespace, keyring: Keyring, now: Any) -> UUID:
    """Ana's, submitted to Sam."""
    brought = desk.bring(cast.ana, cast.sam, keyring, now)
    db.session.commit()
    return brought


@pytest.fixture
def published(case_id: UUID, cast: SimpleNamespace, keyring: Keyring, now: Any) -> UUID:
    desk.respond(cast.sam, case_id, keyring, now)
    db.session.commit()
    return case_id


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def mails(kind: str) -> list[tuple[Any, Any]]:
    rows = select(OutboxMail.person_id, OutboxMail.subject_id).where(OutboxMail.kind == kind)
    return [tuple(row) for row in db.session.execute(rows)]


def test_a_feedback_grows_in_a_draft_nobody_else_reads(
    as_: Any, cast: SimpleNamespace, case_id: UUID, keyring: Keyring
) -> None:
    sam = as_(cast.sam)
    first = desk.feed_back(sam, case_id, 0, partial=True, heard="Premier jet.")
    assert (first.status_code, 'value="1"' in first.text) == (200, True)
    second = desk.feed_back(sam, case_id, 1, partial=True, heard="Second jet.")
    assert (second.status_code, 'value="2"' in second.text) == (200, True)
    draft = texts.feedback_draft(desk.opened(case_id), keyring)
    assert draft == {**desk.FEEDBACK, "heard": "Second jet."}
    assert "Second jet." in sam.get(f"/situations/{case_id}/retour").text
    assert "Second jet." not in as_(cast.ana).get(f"/situations/{case_id}").text


@pytest.mark.parametrize("opened_on", [0, 1])
def test_the_second_tab_is_told_and_overwrites_nothing(
    as_: Any, cast: SimpleNamespace, case_id: UUID, keyring: Keyring, opened_on: int
) -> None:
    sam = as_(cast.sam)
    for revision in range(opened_on + 1):
        desk.feed_back(sam, case_id, revision, heard="Du premier onglet.")
    late = desk.feed_back(sam, case_id, opened_on, partial=True, heard="Du second.")
    assert late.status_code == 409
    page = desk.feed_back(sam, case_id, opened_on, heard="Du second.")
    assert page.status_code == 409
    assert '<div class="prose text">Du premier onglet.</div>' in page.text
    assert re.search(r'<textarea[^>]*name="heard"[^>]*>\s*Du second\.</textarea>', page.text)
    draft = texts.feedback_draft(desk.opened(case_id), keyring)
    assert draft is not None
    assert draft["heard"] == "Du premier onglet."


@pytest.mark.parametrize("revision", ["", "x", "-3", str(2**40)])
def test_a_page_that_lost_its_revision_overwrites_nothing(
    as_: Any, cast: SimpleNamespace, case_id: UUID, keyring: Keyring, revision: str
) -> None:
    sam = as_(cast.sam)
    desk.feed_back(sam, case_id, 0, heard="Gardé.")
    page = desk.feed_back(sam, case_id, heard="Tapé.", revision=revision)
    assert page.status_code == 409
    assert "Tapé." in page.text
    draft = texts.feedback_draft(desk.opened(case_id), keyring)
    assert draft is not None
    assert draft["heard"] == "Gardé."


def test_publishing_from_an_old_tab_publishes_nothing(as_: Any, cast: SimpleNamespace, case_id: UUID) -> None:
    sam = as_(cast.sam)
    desk.feed_back(sam, case_id, 0, heard="Du premier onglet.")
    assert desk.publish(sam, case_id, 0).status_code == 409
    assert desk.opened(case_id).feedback is None


@pytest.mark.parametrize("name", FEEDBACK_REQUIRED)
def test_publishing_asks_for_what_is_missing_and_keeps_the_rest(
    as_: Any, cast: SimpleNamespace, case_id: UUID, keyring: Keyring, name: str
) -> None:
    page = desk.publish(as_(cast.sam), case_id, **{name: " "})
    assert page.status_code == 422
    assert f'id="{name}-error"' in page.text
    assert "Ce champ est obligatoire pour publier." in page.text
    file = desk.opened(case_id)
    assert file.feedback is None
    assert texts.feedback_draft(file, keyring) == {key: text for key, text in desk.FEEDBACK.items() if key != name}
    assert mails("feedback-published") == []


@pytest.mark.parametrize("was_saved", [False, True])
def test_publishing_shows_it_to_the_author_and_puts_one_mail(
    as_: Any, cast: SimpleNamespace, case_id: UUID, keyring: Keyring, was_saved: bool
) -> None:
    sam = as_(cast.sam)
    if was_saved:
        desk.feed_back(sam, case_id, 0)
    response = desk.publish(sam, case_id, int(was_saved))
    assert (response.status_code, response.location) == (302, f"/situations/{case_id}")
    assert texts.feedback(desk.opened(case_id), keyring) == desk.FEEDBACK
    assert count(FeedbackDraft) == 0
    assert mails("feedback-published") == [(cast.ana.id, case_id)]
    assert "Nommer le silence." not in as_(cast.ana).get(f"/situations/{case_id}").text
    clock.shift_by(UNDO)
    assert "Nommer le silence." in as_(cast.ana).get(f"/situations/{case_id}").text


def test_a_replayed_publication_arrives_where_the_first_one_did(as_: Any, cast: SimpleNamespace, case_id: UUID) -> None:
    sam = as_(cast.sam)
    first, second = desk.publish(sam, case_id), desk.publish(sam, case_id)
    assert (second.status_code, second.location) == (first.status_code, first.location)
    assert (count(Feedback), count(FeedbackDraft)) == (1, 0)
    assert mails("feedback-published") == [(cast.ana.id, case_id)]


def test_a_late_save_of_a_published_feedback_is_told_so(as_: Any, cast: SimpleNamespace, published: UUID) -> None:
    late = desk.feed_back(as_(cast.sam), published, 0, partial=True)
    assert late.status_code == 409
    assert f'href="/situations/{published}"' in late.text


def test_the_author_does_not_write_the_feedback(as_: Any, cast: SimpleNamespace, case_id: UUID) -> None:
    assert desk.publish(as_(cast.ana), case_id).status_code == 403
    assert as_(cast.ana).get(f"/situations/{case_id}/retour").location == f"/situations/{case_id}"
    assert count(Feedback) == 0


def test_an_unknown_choice_is_refused_at_its_field(as_: Any, cast: SimpleNamespace, case_id: UUID) -> None:
    page = desk.publish(as_(cast.sam), case_id, frame_ethics="bad")
    assert page.status_code == 422
    assert 'href="#frame_ethics"' in page.text
    assert (count(Feedback), count(FeedbackDraft)) == (0, 0)


def test_markdown_stays_small_and_safe(as_: Any, cast: SimpleNamespace, case_id: UUID) -> None:
    evil = "**fort** <script>alert(1)</script> [lien](https://x.example) <img src=x onerror=1>"
    desk.publish(as_(cast.sam), case_id, heard=evil)
    clock.shift_by(UNDO)
    page = as_(cast.ana).get(f"/situations/{case_id}").text
    assert "<strong>fort</strong>" in page
    assert [bad for bad in ("<script>alert", "<img src=x", 'https://x.example"') if bad in page] == []


# --- the answer -------------------------------------------------------------------------------------------------------


def answer(client: Any, case_id: UUID, **changes: Any) -> Any:
    return client.post(f"/situations/{case_id}/reponse", data={**desk.ANSWER, **changes})


def test_an_answer_reaches_the_supervisor_with_one_mail(
    as_: Any, cast: SimpleNamespace, published: UUID, keyring: Keyring
) -> None:
    response = answer(as_(cast.ana), published)
    assert (response.status_code, response.location) == (302, f"/situations/{published}")
    assert texts.answer(desk.opened(published), keyring) == desk.ANSWER
    assert mails("feedback-answered") == [(cast.sam.id, published)]
    assert "Le groupe a ri." in as_(cast.sam).get(f"/situations/{published}").text


def test_a_replayed_answer_changes_nothing(as_: Any, cast: SimpleNamespace, published: UUID, keyring: Keyring) -> None:
    ana = as_(cast.ana)
    answer(ana, published)
    again = answer(ana, published, tried="Autre chose.")
    assert (again.status_code, again.location) == (302, f"/situations/{published}")
    assert texts.answer(desk.opened(published), keyring) == desk.ANSWER
    assert (count(Answer), len(mails("feedback-answered"))) == (1, 1)


def test_an_empty_answer_is_asked_for_and_what_was_typed_is_kept(
    as_: Any, cast: SimpleNamespace, published: UUID
) -> None:
    page = answer(as_(cast.ana), published, tried="")
    assert page.status_code == 422
    assert 'id="tried-error"' in page.text
    assert "Le groupe a ri." in page.text
    assert count(Answer) == 0


def test_nothing_is_answered_before_the_feedback_is_out(as_: Any, cast: SimpleNamespace, case_id: UUID) -> None:
    desk.feed_back(as_(cast.sam), case_id)
    assert answer(as_(cast.ana), case_id).status_code == 403
    assert count(Answer) == 0


def test_the_supervisor_does_not_answer_herself(as_: Any, cast: SimpleNamespace, published: UUID) -> None:
    assert answer(as_(cast.sam), published).status_code == 403
    assert count(Answer) == 0
