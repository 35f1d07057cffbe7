"""A version as a PDF: what it holds, and that nobody is sent twice what never changes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from supervision.db import db
from supervision.deontology import queries
from supervision.deontology.actions import shown_text
from supervision.deontology.printing import routes
from supervision.deontology.rules import text_sha256
from supervision.typesetting import press
from tests.cases.export.test_document import words_of
from tests.client import FreshClient
from tests.deontology.test_reading import As, clause, publish

PDF = "/deontologie/version-1/pdf-fr"


def digest(language: str) -> str:
    version = queries.version_by_number(1)
    assert version is not None
    found = text_sha256(shown_text(version, language))
    db.session.commit()
    return found


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "fr",
            ["Code de déontologie (exemple)", "Sommaire", "3. Devoir de supervision", "Version 1, applicable à partir"],
        ),
        ("en", ["Code of ethics (sample)", "Contents", "3. Duty of supervision", "Version 1, applicable from"]),
    ],
)
def test_a_version_is_set_in_either_language_with_its_hash_on_every_page(
    visitor: FreshClient, tmp_path: Path, language: str, said: list[str]
) -> None:
    answer = visitor.get(f"/deontologie/version-1/pdf-{language}", headers={"Accept-Language": "fr"})
    assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    text = words_of(answer.data, tmp_path)
    assert [words for words in said if words not in text] == []
    assert text.count(digest(language)) > 3
    assert [mark in answer.data for mark in (b"pdfaid:part", b"pdfuaid:part", b"/JavaScript")] == [True, True, False]


def test_what_was_sent_once_is_not_sent_again(visitor: FreshClient, monkeypatch: pytest.MonkeyPatch) -> None:
    first = visitor.get(PDF)
    tag = first.headers["ETag"]
    assert digest("fr") in tag
    monkeypatch.setattr(routes, "_set", pytest.fail)
    again = visitor.get(PDF, headers={"If-None-Match": tag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert first.headers["Cache-Control"] == again.headers["Cache-Control"] == "public, no-cache"


def test_a_head_says_what_a_get_sends(visitor: FreshClient) -> None:
    head, whole = visitor.open(PDF, method="HEAD"), visitor.get(PDF)
    assert head.data == b""
    for name in ("ETag", "Content-Length", "Content-Type", "Cache-Control", "Content-Disposition"):
        assert head.headers[name] == whole.headers[name], name
    assert int(head.headers["Content-Length"]) == len(whole.data)


def test_it_is_set_once_for_everyone(visitor: FreshClient, monkeypatch: pytest.MonkeyPatch) -> None:
    routes._set.cache_clear()
    asked = []

    def pdf(document: object) -> bytes:
        asked.append(document)
        return b"%PDF-"

    monkeypatch.setattr(press, "pdf", pdf)
    assert [visitor.get(PDF).data for _ in range(3)] == [b"%PDF-"] * 3
    assert len(asked) == 1
    routes._set.cache_clear()


def test_a_press_that_is_busy_says_to_come_back(visitor: FreshClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(document: object) -> bytes:
        raise press.NotSet

    routes._set.cache_clear()
    monkeypatch.setattr(press, "pdf", busy)
    answer = visitor.get(PDF)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")


def test_a_text_for_members_is_in_no_shared_cache(as_: As, cast: SimpleNamespace, now: datetime, today: date) -> None:
    clause(now)
    answer = as_(cast.ana).get("/textes/clause/version-1/pdf-fr")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-cache")


def test_an_announced_version_has_its_pdf_too(visitor: FreshClient, now: datetime, today: date) -> None:
    publish(2, today + timedelta(days=9), now)
    assert visitor.get("/deontologie/version-2/pdf-en").status_code == 200
    assert visitor.get("/deontologie/version-3/pdf-en").status_code == 404
