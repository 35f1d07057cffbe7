"""Receipts: for whoever answered and nobody else, on the page and on paper; and what a code tells whoever holds it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pikepdf
import pytest
from sqlalchemy import select

from supervision.deontology.models import Acknowledgement
from supervision.deontology.receipts.rules import grouped, state
from supervision.people.models import Person
from supervision.sign_in.rules import RECEIPT_CODE
from tests.cases.export.test_document import words_of
from tests.client import FreshClient
from tests.deontology.readers import read_everything
from tests.deontology.test_answers import DOOR, SAMPLE, publish, refusal, signature
from tests.facts import one

As = Callable[[Person], FreshClient]


def row_of(person: Person) -> Any:
    of_person = select(Acknowledgement).where(Acknowledgement.person_id == person.id)
    return one(of_person.order_by(Acknowledgement.number.desc()).limit(1))


def flat(text: str) -> str:
    return re.sub(r"\s+", "", text)


# --- one's own --------------------------------------------------------------------------------------------------------


def test_a_receipt_is_for_whoever_answered_and_nobody_else(as_: As, cast: SimpleNamespace) -> None:
    number = row_of(cast.ana).number
    doors = (f"/engagements/{number}", f"/engagements/{number}/recu")
    others = (cast.sam, cast.ada, cast.paul, cast.lee)
    assert [as_(cast.ana).get(door).status_code for door in doors] == [200, 200]
    assert {as_(person).get(door).status_code for person in others for door in doors} == {404}
    assert as_(cast.ana).get("/engagements/999999999").status_code == 404


def test_a_receipt_says_everything_that_proves_the_answer(as_: As, cast: SimpleNamespace) -> None:
    row = row_of(cast.ana)
    page = as_(cast.ana).get(f"/engagements/{row.number}").text
    said = ("Ana Ferreira", SAMPLE["title_fr"], SAMPLE["sentence_fr"], grouped(row.code), "Europe/Paris, UTC+0")
    assert [text for text in (*said, grouped(row.text_sha256, 8, " ")) if text not in page] == []
    assert f"/verifier/{row.code}" in page
    assert "<svg" in page


def test_on_paper_it_is_in_the_language_that_was_signed_and_lasts(
    as_: As, cast: SimpleNamespace, tmp_path: Path
) -> None:
    read_everything(cast.lee)
    lee = as_(cast.lee)
    lee.post(DOOR, data=signature(language="fr"))  # whose own language is English
    row = row_of(cast.lee)
    answer = lee.get(f"/engagements/{row.number}/recu")
    text = flat(words_of(answer.data, tmp_path))
    marks = (b"<pdfaid:part>2", b"<pdfaid:conformance>A", b"pdfuaid:part", b"/StructTreeRoot")
    assert [mark for mark in marks if mark not in answer.data] == []
    with pikepdf.open(BytesIO(answer.data)) as pdf:
        assert str(pdf.Root.Lang) == "fr"
    said = ("Lee Marchand", SAMPLE["sentence_fr"], SAMPLE["title_fr"], grouped(row.code), row.text_sha256, row.row_hash)
    assert [each for each in said if flat(each) not in text] == []
    assert answer.headers["Content-Disposition"] == f'attachment; filename="recu-{row.number}.pdf"'


def test_a_refusal_has_a_receipt_and_no_code(
    as_: As, cast: SimpleNamespace, visitor: FreshClient, tmp_path: Path
) -> None:
    read_everything(cast.lee)
    lee = as_(cast.lee)
    lee.post(DOOR, data=refusal())
    row = row_of(cast.lee)
    paper = words_of(lee.get(f"/engagements/{row.number}/recu").data, tmp_path)
    pages = [lee.get(f"/engagements/{row.number}").text, paper]
    assert [code in page for page in pages for code in (row.code, grouped(row.code))] == [False] * 4
    assert visitor.get(f"/verifier/{row.code}").status_code == 404


def test_all_of_ones_answers_are_on_one_page(as_: As, cast: SimpleNamespace) -> None:
    read_everything(cast.ana)
    ana = as_(cast.ana)
    ana.post("/deontologie/retirer", data={"typed_name": "Ana Ferreira"})
    ana.post(DOOR, data=signature("Ana Ferreira", language="fr"))
    numbers = re.findall(r'class="work-title" href="/engagements/(\d+)"', ana.get("/engagements").text)
    assert numbers == ["5", "4", "1"]
    assert 'class="work-title"' not in as_(cast.lee).get("/engagements").text


def test_the_page_costs_the_same_however_many_answers_there_are(
    as_: As, cast: SimpleNamespace, statements: Callable[[], list[str]]
) -> None:
    read_everything(cast.ana)
    ana, costs = as_(cast.ana), []
    for _ in range(3):
        ana.post("/deontologie/retirer", data={"typed_name": "Ana Ferreira"})
        ana.post(DOOR, data=signature("Ana Ferreira", language="fr"))
        statements()
        ana.get("/engagements")
        costs.append(len(statements()))
    assert len(set(costs)) == 1


# --- whoever holds a code ---------------------------------------------------------------------------------------------


def test_a_code_tells_for_whom_which_text_and_when_and_nothing_else(
    visitor: FreshClient, cast: SimpleNamespace
) -> None:
    row = row_of(cast.ana)
    answer = visitor.get(f"/verifier/{row.code}")
    assert all(text in answer.text for text in ("Ana Ferreira", SAMPLE["title_fr"], "en vigueur"))
    secrets = (cast.ana.email, row.text_sha256, row.row_hash, str(row.person_id), row.sentence, "password")
    assert [text for text in secrets if text in answer.text] == []
    assert (answer.headers["X-Robots-Tag"], answer.headers["Cache-Control"]) == ("noindex, nofollow", "no-store")


@pytest.mark.parametrize("write", [str.lower, lambda c: grouped(c), lambda c: f" {grouped(c, 2, ' ')} ", lambda c: c])
def test_a_code_may_be_typed_as_it_comes(
    visitor: FreshClient, cast: SimpleNamespace, write: Callable[[str], str]
) -> None:
    code = row_of(cast.ana).code
    assert visitor.get("/verifier", query_string={"code": write(code)}).location == f"/verifier/{code}"
    assert visitor.get(f"/verifier/{write(code)}").status_code == 200


@pytest.mark.parametrize("code", ["2222222222222222", "nothing", "é" * 16, "A" * 15, "A" * 17, "%00", "A" * 3000])
def test_what_is_no_code_is_answered_like_an_unknown_one(
    visitor: FreshClient, cast: SimpleNamespace, code: str
) -> None:
    unknown = visitor.get("/verifier/3333333333333333")
    answer = visitor.get(f"/verifier/{code}")
    plain = [re.sub(r'value="[^"]*"|name="next" value="[^"]*"', "", page.text) for page in (unknown, answer)]
    assert answer.status_code == unknown.status_code == 404
    assert [page.count("note") for page in plain] == [plain[0].count("note")] * 2


def test_codes_are_not_guessed(visitor: FreshClient, as_: As, cast: SimpleNamespace) -> None:
    code = row_of(cast.ana).code
    answers = [visitor.get("/verifier/3333333333333333").status_code for _ in range(RECEIPT_CODE.attempts)]
    assert set(answers) == {404}
    assert visitor.get(f"/verifier/{code}").status_code == 429


def test_a_newer_major_version_supersedes_and_a_minor_one_does_not(
    visitor: FreshClient, cast: SimpleNamespace, now: Any, today: Any
) -> None:
    code, told = row_of(cast.ana).code, []
    for number, change, day in ((2, "minor", today - timedelta(days=1)), (3, "major", today + timedelta(days=1))):
        publish(number, change, day, now)
        told.append("est en vigueur" in visitor.get(f"/verifier/{code}").text)
    publish(4, "major", today, now)
    assert (told, "antérieure" in visitor.get(f"/verifier/{code}").text) == ([True, True], True)


def test_a_signature_that_was_taken_back_stays_so_although_a_new_one_was_given(
    as_: As, visitor: FreshClient, cast: SimpleNamespace
) -> None:
    code, ana = row_of(cast.ana).code, as_(cast.ana)
    read_everything(cast.ana)
    ana.post("/deontologie/retirer", data={"typed_name": "Ana Ferreira"})
    withdrawal = row_of(cast.ana)
    ana.post(DOOR, data=signature("Ana Ferreira", language="fr"))
    again = row_of(cast.ana)
    said = ["a été retirée" in visitor.get(f"/verifier/{each}").text for each in (code, again.code)]
    assert (said, visitor.get(f"/verifier/{withdrawal.code}").status_code) == ([True, False], 404)


def test_what_a_signature_is_worth(today: Any) -> None:
    later = today + timedelta(days=1)
    assert state(version_from=today, newest_major_from=today, is_withdrawn=False) == "valid"
    assert state(version_from=later, newest_major_from=today, is_withdrawn=False) == "valid"  # minor, after it
    assert state(version_from=today, newest_major_from=later, is_withdrawn=False) == "superseded"
    assert state(version_from=today, newest_major_from=later, is_withdrawn=True) == "withdrawn"
    assert state(version_from=today, newest_major_from=None, is_withdrawn=False) == "valid"
