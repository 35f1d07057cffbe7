"""Margin notes from the editor to the margin of the author's page."""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from supervision import clock
from supervision.cases import texts
from supervision.cases.lifecycle import actions as lifecycle
from supervision.cases.rules import UNDO
from supervision.crypto import Keyring
from supervision.db import db
from tests import desk

QUOTE = "Personne ne parle."  # of desk.SITUATION's account


@pytest.fixture
def case_id(cast: SimpleNamespace, keyring: Keyring, now: datetime) -> UUID:
    """Ana's, submitted to Sam."""
    brought = desk.bring(cast.ana, cast.sam, keyring, now)
    db.session.commit()
    return brought


def note(place: int, quote: str, text: str, **more: str) -> dict[str, Any]:
    sent = {"id": "", "version": "", "field": "", "start": "", "quote": quote, "text": text, **more}
    return {f"notes-{place}-{name}": value for name, value in sent.items()}


def drafted_notes(case_id: UUID, keyring: Keyring) -> list[dict[str, Any]]:
    draft = texts.feedback_draft(desk.opened(case_id), keyring) or {}
    db.session.commit()
    return list(draft.get("notes", []))


def page_of(client: Any, case_id: UUID, query: str = "") -> str:
    response = client.get(f"/situations/{case_id}{query}")
    assert response.status_code == 200
    text: str = response.text
    return text


def test_a_pasted_passage_is_found_and_marked_on_the_page_of_the_author(
    as_: Any, cast: SimpleNamespace, case_id: UUID
) -> None:
    response = desk.publish(
        as_(cast.sam), case_id, **note(0, "personne ne  parle", ""), **note(1, QUOTE, "Et **vous** ?")
    )
    assert response.status_code == 422  # the first one is not in the text: another capital
    assert desk.publish(as_(cast.sam), case_id, 1, **note(1, QUOTE, "Et **vous** ?")).status_code == 302
    clock.shift_by(UNDO)
    page = page_of(as_(cast.ana), case_id)
    assert f'<mark>{QUOTE}</mark><a class="note-ref" id="passage-1" href="#note-1"' in page
    assert '<li class="margin-note" id="note-1">' in page
    assert "<p>Et <strong>vous</strong> ?</p>" in page


def test_notes_are_saved_while_one_writes(as_: Any, cast: SimpleNamespace, case_id: UUID, keyring: Keyring) -> None:
    sam = as_(cast.sam)
    sent = {**note(0, QUOTE, "Une."), **note(7, "Je suis restée", "Deux.", field="what_i_did", start="0")}
    assert desk.feed_back(sam, case_id, 0, partial=True, **sent).status_code == 200
    kept = drafted_notes(case_id, keyring)
    assert [(each["field"], each["start"], each["text"]) for each in kept] == [
        ("account", 28, "Une."),
        ("what_i_did", 0, "Deux."),
    ]
    page = sam.get(f"/situations/{case_id}/retour").text
    assert re.search(r'<textarea[^>]*name="notes-1-text"[^>]*>\s*Deux\.</textarea>', page)


def test_a_passage_that_does_not_exist_is_said_at_its_note_and_nothing_is_lost(
    as_: Any, cast: SimpleNamespace, case_id: UUID, keyring: Keyring
) -> None:
    sam = as_(cast.sam)
    page = desk.publish(sam, case_id, **note(0, "Un passage inventé", "Ma note."), **note(1, QUOTE, ""))
    assert page.status_code == 422
    assert 'id="notes-0-quote-error"' in page.text
    assert "Ce passage n’est pas dans le texte de la situation." in page.text
    assert 'id="notes-1-text-error"' in page.text
    assert 'href="#notes"' in page.text
    assert "Ma note." in page.text
    file = desk.opened(case_id)
    assert file.feedback is None
    assert [each["text"] for each in drafted_notes(case_id, keyring)] == ["Ma note.", ""]
    assert "Ce passage n’est pas dans le texte" in sam.get(f"/situations/{case_id}/retour").text


@pytest.mark.parametrize(
    "strange",
    [
        {"notes-²-text": "x"},
        {"notes-99999999999-text": "x"},
        {"notes--1-text": "x"},
        {"notes": "[]"},
        {"notes-0": "x"},
        {"notes-0-start": "-1", "notes-0-quote": QUOTE, "notes-0-text": "x", "notes-0-version": "²"},
    ],
)
def test_strange_names_and_numbers_break_nothing(
    as_: Any, cast: SimpleNamespace, case_id: UUID, strange: dict[str, Any]
) -> None:
    assert desk.feed_back(as_(cast.sam), case_id, 0, **strange).status_code == 302


def test_more_notes_than_a_margin_holds_are_refused_with_a_sentence(
    as_: Any, cast: SimpleNamespace, case_id: UUID
) -> None:
    sent: dict[str, Any] = {}
    for place in range(61):
        sent |= note(place, QUOTE, f"Note {place}.")
    page = desk.feed_back(as_(cast.sam), case_id, 0, **sent)
    assert page.status_code == 422
    assert "Un retour porte 60 notes au plus." in page.text


def test_what_a_note_says_is_escaped_and_its_markdown_stays_small(
    as_: Any, cast: SimpleNamespace, keyring: Keyring, now: datetime
) -> None:
    evil = "<script>alert(1)</script> [x](javascript:1) <img src=x onerror=1> & \u202egnp\u200b **fort"
    case_id = desk.bring(cast.ana, cast.sam, keyring, now, account=f"Avant. {evil} Après.")
    db.session.commit()
    sent = note(0, "<script>alert(1)</script>", evil)
    assert desk.publish(as_(cast.sam), case_id, **sent, acknowledgement=evil, experiment=evil).status_code == 302
    clock.shift_by(UNDO)
    page = page_of(as_(cast.ana), case_id)
    assert "<mark>&lt;script&gt;alert(1)&lt;/script&gt;</mark>" in page
    told = page.split('id="retour"')[1]
    assert [bad for bad in ("<script>alert", "<img src=x", 'javascript:1"', "\u202e", "\u200b") if bad in told] == []


def second_version(cast: SimpleNamespace, case_id: UUID, keyring: Keyring, **changes: Any) -> None:
    """Ana writes again and submits."""
    now = clock.now()
    lifecycle.revise(file=desk.opened(case_id, now), keyring=keyring, now=now)
    desk.hand_in(cast.ana, cast.sam, case_id, keyring, now, **changes)
    db.session.commit()


def test_a_note_survives_the_next_version_or_says_that_its_passage_is_gone(
    as_: Any, cast: SimpleNamespace, case_id: UUID, keyring: Keyring
) -> None:
    desk.publish(as_(cast.sam), case_id, **note(0, QUOTE, "Une."), **note(1, "Je suis restée assise.", "Deux."))
    clock.shift_by(UNDO)
    second_version(
        cast,
        case_id,
        keyring,
        account="Ce soir-là, le groupe arrive en retard.\nPersonne ne parle.",
        what_i_did="Tout autre chose.",
    )
    page = page_of(as_(cast.ana), case_id)
    assert f"<mark>{QUOTE}</mark>" in page
    assert "Ce passage n’est plus dans la version 2" in page
    assert "Je suis restée assise." in page
    first = page_of(as_(cast.ana), case_id, "?version=1")
    assert "<mark>Je suis restée assise.</mark>" in first
    assert "n’est plus dans la version" not in first


def test_a_feedback_written_on_an_earlier_version_is_kept_and_shown_what_changed(
    as_: Any, cast: SimpleNamespace, case_id: UUID, keyring: Keyring
) -> None:
    sam, seen = as_(cast.sam), desk.latest_version(case_id)
    desk.feed_back(sam, case_id, 0, seen=seen, **note(0, QUOTE, "Une."))
    second_version(cast, case_id, keyring, account="Le groupe arrive à l’heure.\nPersonne ne parle.")
    page = desk.publish(sam, case_id, 1, seen=seen, heard="Écrit avant.", **note(0, QUOTE, "Une."))
    assert page.status_code == 409
    assert "Ana Ferreira a soumis la version 2 depuis" in page.text
    assert "<del>en retard.\n</del><ins>à l’heure.\n</ins>" in page.text
    assert "Écrit avant." in page.text
    assert desk.opened(case_id).feedback is None
    db.session.commit()
    again = re.search(r'name="seen" value="([^"]+)"', page.text)
    revision = re.search(r'name="revision" id="revision" value="(\d+)"', page.text)
    assert again
    assert revision
    published = desk.publish(sam, case_id, int(revision.group(1)), seen=again.group(1), **note(0, QUOTE, "Une."))
    assert published.status_code == 302
    assert desk.opened(case_id).feedback is not None


def test_forty_notes_on_a_case_of_three_thousand_words_stay_quick(
    as_: Any, cast: SimpleNamespace, keyring: Keyring, now: datetime, statements: desk.Count, record_property: Any
) -> None:
    sam, costs, seconds = as_(cast.sam), [], []
    for many in (1, 3, 40):
        case_id = desk.bring(cast.ana, cast.sam, keyring, now, account=" ".join(f"mot{n}" for n in range(3000)))
        db.session.commit()
        sent: dict[str, Any] = {}
        for place in range(many):
            sent |= note(place, f"mot{place * 70} mot{place * 70 + 1}", f"Note {place}, *courte*.")
        assert desk.publish(sam, case_id, **sent).status_code == 302
        clock.shift_by(UNDO)
        page_of(sam, case_id)  # the first visit after ten minutes notes that somebody is here
        statements()
        began = time.perf_counter()
        page = page_of(sam, case_id)
        seconds.append(round(time.perf_counter() - began, 3))
        costs.append(len(statements()))
        clock.shift_by(timedelta())
        assert page.count('class="note-ref"') == page.count('class="margin-note"') == many
    record_property("seconds", seconds)
    assert costs[0] == costs[1] == costs[2], costs
    assert max(seconds) < 0.5, seconds


def test_the_second_tab_sees_the_notes_of_the_first_one(as_: Any, cast: SimpleNamespace, case_id: UUID) -> None:
    sam = as_(cast.sam)
    desk.feed_back(sam, case_id, 0, **note(0, QUOTE, "Du premier onglet."))
    page = desk.feed_back(sam, case_id, 0, **note(0, QUOTE, "Du second."))
    assert page.status_code == 409
    assert "Du premier onglet." in page.text
    assert "Du second." in page.text
