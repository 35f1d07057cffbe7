"""Whatever is sent: a clear message at the field, a proper status, nothing half-written."""

from __future__ import annotations

import io
import re
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from supervision.cases import texts
from supervision.cases.models import CaseDraft
from supervision.crypto import Keyring
from supervision.db import db
from supervision.forms import LONG, clean_line, clean_text
from supervision.ids import new_id
from tests import desk


@pytest.fixture
def draft(cast: SimpleNamespace, keyring: Keyring, now: Any) -> UUID:
    begun = desk.draft(cast.ana, keyring, now)
    db.session.commit()
    return begun


def revision_of(case_id: UUID) -> int | None:
    return db.session.scalar(select(CaseDraft.revision).where(CaseDraft.case_id == case_id))


def state(page: str) -> str:
    """What the bar under an editor says, and that it says so as a trouble."""
    return re.findall(r'id="save-state" role="status" class="save-state problem">([^<]*)<', page)[0]  # type: ignore[no-any-return]


LIMITS = {"title": 120, "account": LONG, "critical_moment": LONG, "question_1": 2000, "protection": 2000}


@pytest.mark.parametrize(("name", "limit"), LIMITS.items())
@pytest.mark.parametrize("partial", [False, True])
def test_a_text_that_is_too_long_is_refused_at_its_field_and_everything_else_is_saved(
    as_: Any, cast: SimpleNamespace, keyring: Keyring, draft: UUID, name: str, limit: int, partial: bool
) -> None:
    desk.save(as_(cast.ana), draft, desk.situation_form(cast.sam, 1, **{name: "Avant"}))
    page = desk.save(
        as_(cast.ana),
        draft,
        desk.situation_form(cast.sam, 2, **{name: "é" * (limit + 3), "what_i_did": "Après"}),
        partial=partial,
    )
    assert page.status_code == 422
    shown = {120: "120", 2000: "2\u202f000", LONG: "20\u202f000"}[limit]
    assert f"Ce texte dépasse de 3 caractères la longueur admise, qui est de {shown}." in page.text
    if partial:
        assert state(page.text).startswith("Enregistré, sauf")
        assert 'name="revision" id="revision" value="3"' in page.text
    else:
        assert f'id="{name}-error"' in page.text
        assert "é" * (limit + 3) in page.text  # what was typed is still there
    kept = texts.situation(desk.opened(draft), keyring)
    assert (kept[name], kept["what_i_did"], revision_of(draft)) == ("Avant", "Après", 3)


@pytest.mark.parametrize(("name", "limit"), LIMITS.items())
def test_a_text_of_the_full_length_is_kept(
    as_: Any, cast: SimpleNamespace, keyring: Keyring, draft: UUID, name: str, limit: int
) -> None:
    desk.save(as_(cast.ana), draft, desk.situation_form(cast.sam, 1, **{name: "é" * limit}))
    assert texts.situation(desk.opened(draft), keyring)[name] == "é" * limit


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("famille 👩🏽‍👩🏽‍👧 et 🏳️‍🌈", "famille 👩🏽‍👩🏽‍👧 et 🏳️‍🌈"),  # joiners belong to emoji
        ("שלום עולם ومرحبا", "שלום עולם ومرحبا"),
        ("ab\u200bcd\ufeff\u2060", "abcd"),  # zero width
        ("txt.\u202eexe\u202c \u2066x\u2069", "txt.exe x"),  # reordering
        ("a\x00b\x07c\x7f", "abc"),
        ("\ud83da", "a"),
        ("une\r\ndeux\rtrois\n", "une\ndeux\ntrois"),
        ("e\u0301te\u0301", "été"),
        ("  \t texte \n ", "texte"),
        ("می‌خواهم", "می‌خواهم"),  # a script that needs the non-joiner
        ("<b>&amp; {{ 7*7 }} %(name)s", "<b>&amp; {{ 7*7 }} %(name)s"),
    ],
)
def test_text_is_cleaned_of_what_hides_and_kept_otherwise(typed: str, kept: str) -> None:
    assert clean_text(typed) == kept


def test_a_title_is_one_line() -> None:
    assert clean_line(" Un\r\ntitre\u200b  sur\tdeux \n") == "Un titre sur deux"


def test_a_draft_that_only_lacks_something_is_said_to_be_saved(as_: Any, cast: SimpleNamespace, draft: UUID) -> None:
    page = desk.submit(as_(cast.ana), draft, desk.situation_form(cast.sam, 1, account=""))
    assert page.status_code == 422
    assert re.search(r'class="save-state">Enregistré\s', page.text)
    assert (revision_of(draft), "Pas enregistré" in page.text) == (2, False)


def test_a_text_that_meets_another_is_not_said_to_be_saved(as_: Any, cast: SimpleNamespace, draft: UUID) -> None:
    page = desk.save(as_(cast.ana), draft, desk.situation_form(cast.sam, 0))
    assert (page.status_code, state(page.text)) == (409, "Pas enregistré")


def test_strange_text_survives_the_whole_way(as_: Any, cast: SimpleNamespace, keyring: Keyring, draft: UUID) -> None:
    strange = "👩🏽‍👧 שלום <script>alert('x')</script> {{ 7*7 }} %(num)s \\ \"' a\x00b\u202e"
    form = desk.situation_form(cast.sam, 1, account=strange, title=strange)
    assert desk.submit(as_(cast.ana), draft, form).status_code == 302
    assert texts.situation(desk.opened(draft), keyring)["account"] == clean_text(strange)
    for path in (f"/situations/{draft}", "/situations/recues", "/", f"/situations/{draft}/retour"):
        page = as_(cast.sam).get(path)
        assert page.status_code == 200
        assert "&lt;script&gt;alert(" in page.text
        assert "<script>alert(" not in page.text


@pytest.mark.parametrize("path", ["/situations/nouvelle", "/situations/{}/brouillon", "/situations/{}/jeter"])
def test_a_file_is_refused_wherever_it_is_sent(as_: Any, cast: SimpleNamespace, draft: UUID, path: str) -> None:
    data = {**desk.situation_form(cast.sam, 1), "creation_key": str(new_id()), "file": (io.BytesIO(b"%PDF-1"), "a.pdf")}
    page = as_(cast.ana).post(path.format(draft), data=data)
    assert page.status_code == 415
    assert "<h1>Aucun fichier n’est reçu ici</h1>" in page.text
    assert "La plateforme ne prend que du texte" in page.text
    assert "L’erreur a été notée" not in page.text
    assert revision_of(draft) == 1


def test_a_body_of_three_megabytes_is_refused(as_: Any, cast: SimpleNamespace, draft: UUID) -> None:
    page = desk.save(as_(cast.ana), draft, desk.situation_form(cast.sam, 1, account="x" * 3_000_000))
    assert page.status_code == 413
    assert "<h1>Ce texte est trop long</h1>" in page.text
    assert "ce que la plateforme peut recevoir en une fois" in page.text
    assert revision_of(draft) == 1


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"title": "x"}', "application/json"),
        (b"\xff\xfe\x00", "application/octet-stream"),
        (b"--x\r\nContent-Disposition: form-da", "multipart/form-data; boundary=x"),
        (b"revision=1&title=%ff%fe&%zz", "application/x-www-form-urlencoded"),
        (b"", ""),
    ],
)
def test_a_malformed_form_changes_nothing(
    as_: Any, cast: SimpleNamespace, draft: UUID, body: bytes, content_type: str
) -> None:
    path = f"/situations/{draft}/brouillon"
    page = as_(cast.ana).post(path, data=body, content_type=content_type, token=False)
    assert page.status_code == 400
    assert revision_of(draft) == 1


def test_lists_in_the_place_of_texts_are_one_text(
    as_: Any, cast: SimpleNamespace, keyring: Keyring, draft: UUID
) -> None:
    form = {
        **desk.situation_form(cast.sam, 1),
        "title": ["premier", "second"],
        "account[]": "x",
        "pseudonyms": ["y", ""],
    }
    assert desk.save(as_(cast.ana), draft, form).status_code == 302
    assert texts.situation(desk.opened(draft), keyring)["title"] == "premier"


def test_a_thousand_fields_are_refused(as_: Any, cast: SimpleNamespace, draft: UUID) -> None:
    crowd = {f"field{n}": "x" for n in range(1000)}
    page = as_(cast.ana).post(
        f"/situations/{draft}/brouillon",
        data={**desk.situation_form(cast.sam, 1), **crowd},
        content_type="multipart/form-data",
    )
    assert page.status_code == 413
    assert revision_of(draft) == 1


@pytest.mark.parametrize("path", ["/situations/{}", "/situations/{}/brouillon", "/situations/{}/retour"])
@pytest.mark.parametrize("case_id", ["1", "not-an-id", "%00", "00000000-0000-0000-0000-00000000000g", "' OR 1=1"])
def test_what_is_no_id_is_nowhere(as_: Any, cast: SimpleNamespace, path: str, case_id: str) -> None:
    assert as_(cast.ana).get(path.format(case_id)).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/situations?avant=x",
        "/situations?avant=%00",
        "/situations/recues?avant=99999999999999999999999",
        "/situations?avant=00000000-0000-0000-0000-000000000000",
        "/?avant=1&x=%ff",
    ],
)
def test_nonsense_in_the_address_is_ignored(as_: Any, cast: SimpleNamespace, path: str) -> None:
    assert as_(cast.sam).get(path).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/journal?avant=99999999999999999999999",
        "/journal?avant=-1",
        "/journal?avant=x",
        "/personnes?q=%00",
        "/personnes?apres=%00",
        "/personnes?apres=00000000-0000-0000-0000-000000000000",
        "/courriels?avant=%00",
        "/courriels?etat=%00",
    ],
)
def test_nonsense_in_an_officers_address_is_ignored(as_: Any, cast: SimpleNamespace, path: str) -> None:
    assert as_(cast.ada).get(path).status_code == 200


# --- what htmx is answered --------------------------------------------------------------------------------------------


def test_an_expired_session_is_told_in_a_line_and_the_text_stays(
    visitor: Any, draft: UUID, cast: SimpleNamespace
) -> None:
    line = desk.save(visitor, draft, desk.situation_form(cast.sam, 1), partial=True)
    assert line.status_code == 401
    assert line.text.startswith('<p id="save-state"')
    assert 'target="_blank"' in line.text


def test_a_stale_token_is_renewed_in_a_line_that_asks_to_try_again(
    as_: Any, cast: SimpleNamespace, draft: UUID
) -> None:
    ana = as_(cast.ana)
    form = {**desk.situation_form(cast.sam, 1), "csrf_token": "stale"}
    line = ana.post(f"/situations/{draft}/brouillon", data=form, headers={"HX-Request": "true"}, token=False)
    assert line.status_code == 400
    assert line.text.startswith('<p id="save-state"')
    assert "data-retry" in line.text
    token = line.text.split('data-csrf="')[1].split('"')[0]
    again = ana.post(
        f"/situations/{draft}/brouillon",
        data={**form, "csrf_token": token},
        headers={"HX-Request": "true"},
        token=False,
    )
    assert (again.status_code, revision_of(draft)) == (200, 2)


def test_a_field_that_is_refused_while_one_writes_is_named_in_the_line(
    as_: Any, cast: SimpleNamespace, draft: UUID
) -> None:
    line = desk.save(as_(cast.ana), draft, desk.situation_form(cast.sam, 1, title="x" * 121), partial=True)
    assert line.status_code == 422
    assert line.text.startswith('<p id="save-state"')
    assert "Titre neutre" in line.text
