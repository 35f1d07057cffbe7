"""One door takes files, and only so many bytes; every other door refuses them, however they are sent."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from io import BytesIO, RawIOBase
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from supervision.people.models import Person
from tests import desk
from tests.cases.attachments import hostile
from tests.cases.attachments.conftest import attach, kept, settle
from tests.client import FreshClient
from tests.pages import page_texts
from tests.security.test_tokens import post_doors

As = Callable[[Person], FreshClient]
MEGABYTE = 1024 * 1024
BOUNDARY = "multipart/form-data; boundary=x"


class Endless(RawIOBase):
    """A body without an end, which counts how much of it was read."""

    def __init__(self, start: bytes = b"") -> None:
        self.start, self.taken = start, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        whole = (self.start[self.taken : self.taken + len(buffer)] + b"x" * len(buffer))[: len(buffer)]
        buffer[:] = whole
        self.taken += len(buffer)
        return len(buffer)


def send(client: FreshClient, door: str, body: Any, length: int | None) -> TestResponse:
    """Send a body as it is, without a token; without a length it comes in chunks until it ends."""
    environ = {"wsgi.input": body, "CONTENT_TYPE": BOUNDARY, "wsgi.input_terminated": length is None}
    environ |= {} if length is None else {"CONTENT_LENGTH": str(length)}
    return client.post(door, data=b"", environ_overrides=environ, token=False)


def part(name: str, content: bytes, disposition: str = '; filename="a.png"') -> bytes:
    return b'--x\r\nContent-Disposition: form-data; name="%b"%b\r\n\r\n%b\r\n--x--\r\n' % (
        name.encode(),
        disposition.encode(),
        content,
    )


def test_a_file_that_says_it_is_too_large_is_refused_at_the_field_unread(
    as_: As, cast: SimpleNamespace, draft: UUID
) -> None:
    body = Endless(part("piece", b""))
    answer = send(as_(cast.ana), f"/situations/{draft}/pieces", body, 50 * MEGABYTE)
    assert (answer.status_code, body.taken, kept(draft)) == (413, 0, [])
    assert [text for text in page_texts(answer.text) if text.startswith("Cette pièce dépasse 1\u00a0Mo")]


def test_a_file_that_does_not_say_how_large_it_is_is_read_up_to_the_limit_and_no_further(
    as_: As, cast: SimpleNamespace, draft: UUID
) -> None:
    body = Endless(part("piece", b"")[:60])
    answer = send(as_(cast.ana), f"/situations/{draft}/pieces", body, None)
    assert (answer.status_code, kept(draft)) == (413, [])
    assert body.taken <= 1.2 * MEGABYTE


def test_a_larger_body_is_read_where_the_association_takes_larger_files(
    as_: As, cast: SimpleNamespace, draft: UUID
) -> None:
    settle(attachment_max_mb=5)
    heavy = hostile.jpeg() + b"\x00" * 4 * MEGABYTE
    assert attach(as_(cast.ana), draft, heavy).status_code == 302


@pytest.mark.parametrize("size", [1000, 6 * MEGABYTE])
def test_a_stranger_with_a_file_is_asked_to_sign_in(
    visitor: FreshClient, cast: SimpleNamespace, draft: UUID, size: int
) -> None:
    body = part("piece", b"y" * size)
    answer = visitor.post(f"/situations/{draft}/pieces", data=body, content_type=BOUNDARY, token=False)
    assert answer.status_code in ({400} if size == 1000 else {401})  # 400: the token of the page was gone first
    assert kept(draft) == []


def test_somebody_who_may_not_attach_learns_nothing_from_a_file_that_is_too_large(
    as_: As, cast: SimpleNamespace, draft: UUID
) -> None:
    answers = [attach(as_(who), draft, b"y" * 3 * MEGABYTE) for who in (cast.lee, cast.sam, cast.ada)]
    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_without_the_token_of_a_page_no_file_is_taken(as_: As, cast: SimpleNamespace, draft: UUID) -> None:
    assert attach(as_(cast.ana), draft, hostile.png(), token=False).status_code == 400
    assert kept(draft) == []


def test_a_file_is_never_laid_on_the_disk(
    as_: As, cast: SimpleNamespace, draft: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def on_disk(*_: Any, **__: Any) -> Any:
        raise AssertionError("a temporary file")

    for name in ("TemporaryFile", "SpooledTemporaryFile", "NamedTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, on_disk)
    for name in ("TemporaryFile", "SpooledTemporaryFile"):
        monkeypatch.setattr(f"werkzeug.formparser.{name}", on_disk, raising=False)
    assert attach(as_(cast.ana), draft, hostile.jpeg() + b"\x00" * 900_000).status_code == 302


# --- every other door -------------------------------------------------------------------------------------------------

TRICKS = {
    "plain": part("title", hostile.png()),
    "with an encoded name": part("title", b"x", "; filename*=UTF-8''a.png"),
    "without a name of its own": part("title", b"x", '; filename=""'),
    "with a type only, and a name": b'--x\r\nContent-Disposition: form-data; name="a"; FileName="b"\r\n'
    b"Content-Type: image/png\r\n\r\nx\r\n--x--\r\n",
    "with a folded header": b'--x\r\nContent-Disposition: form-data; name="a";\r\n filename="b.png"\r\n\r\n'
    b"x\r\n--x--\r\n",
}


@pytest.mark.parametrize("body", TRICKS.values(), ids=TRICKS)
@pytest.mark.parametrize("chunked", [False, True])
def test_no_other_door_takes_a_file_however_it_is_sent(
    app: Flask, as_: As, cast: SimpleNamespace, draft: UUID, body: bytes, chunked: bool
) -> None:
    ana, length = as_(cast.ana), None if chunked else len(body)
    doors = [door for door in post_doors(app) if not door.endswith("/pieces")]
    doors += [f"/situations/{draft}/brouillon", f"/situations/{draft}/jeter"]
    answers = {door: send(ana, door, BytesIO(body), length) for door in doors}
    assert {door: answer.status_code for door, answer in answers.items() if answer.status_code != 415} == {}
    assert desk.opened(draft).draft is not None


@pytest.mark.parametrize("chunked", [False, True])
def test_every_other_door_reads_two_megabytes_at_most(
    as_: As, cast: SimpleNamespace, draft: UUID, chunked: bool
) -> None:
    body = Endless(part("title", b"")[:60])
    answer = send(as_(cast.ana), f"/situations/{draft}/brouillon", body, None if chunked else 3 * MEGABYTE)
    assert (answer.status_code, body.taken <= 2.2 * MEGABYTE) == (413, True)
