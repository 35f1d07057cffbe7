"""What every door shares: closed by default, one commit for each change, a bell that is never waited for."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from io import BytesIO
from typing import IO, Any, Protocol, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Request, current_app, request
from flask_login import current_user
from werkzeug.exceptions import UnsupportedMediaType
from werkzeug.wrappers import Response

from supervision.crypto import Keyring
from supervision.db import db, declare

View = TypeVar("View", bound=Callable[..., Any])

UPLOAD_PARTS = 10  # of a form with a file in it


class Bell(Protocol):
    """Tells the worker to look at once. Ringing never raises and never waits; a sweep finds what it missed."""

    def ring(self) -> None: ...

    def reachable(self) -> bool: ...


class NoBell:
    """For processes that have no worker to tell: commands, tests."""

    def ring(self) -> None:
        return

    def reachable(self) -> bool:
        return True


def public(view: View) -> View:
    """Open a door to everyone. Without this mark a door is for people who are signed in."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def writes(view: View) -> View:
    """Mark a view that writes although it is reached by GET: it records that somebody read."""
    view.writes = True  # type: ignore[attr-defined]
    return view


def only_reads(view: View) -> View:
    """Mark a view that reads although it is reached by POST: what it is asked must not stand in an address."""
    view.only_reads = True  # type: ignore[attr-defined]
    return view


def takes_files(most_bytes: Callable[[], int | None]) -> Callable[[View], View]:
    """Mark the one door that takes files, and a larger body than the others: as many bytes as the function says,
    None for as many as everywhere.
    """

    def mark(view: View) -> View:
        view.most_bytes = most_bytes  # type: ignore[attr-defined]
        return view

    return mark


class InMemory(Request):
    """A request whose files stay in memory. Werkzeug would lay those of more than half a megabyte on the disk, where
    what somebody brings in confidence has no place. How much may come is limited before a byte of it is read.
    """

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return BytesIO()


def init_app(app: Flask) -> None:
    app.request_class = InMemory
    app.before_request(_declare_transaction)
    app.before_request(_refuse_files)


def guard(app: Flask) -> None:
    """Close every door that is not marked public. Comes last, so that a wrong token is told apart first."""
    app.before_request(_refuse_strangers)


def _declare_transaction() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    asks = request.method in {"GET", "HEAD", "OPTIONS"} or getattr(view, "only_reads", False)
    declare(only_reading=asks and not getattr(view, "writes", False))


def _refuse_files() -> None:
    """No door but one takes a file: one that is sent is refused before anything else happens."""
    if request.method != "POST":
        return
    most_bytes = getattr(current_app.view_functions.get(request.endpoint or ""), "most_bytes", None)
    if most_bytes is not None:
        request.max_content_length = most_bytes() or request.max_content_length
        request.max_form_parts = UPLOAD_PARTS
    elif request.files:
        raise UnsupportedMediaType


def _refuse_strangers() -> Any:
    view = current_app.view_functions.get(request.endpoint or "")
    # Asked first: whoever is signed in is also known, and spoken to in her language, on public pages.
    if current_user.is_authenticated or view is None or getattr(view, "is_public", False):
        return None
    return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]


def commit() -> None:
    """Commit the request's one transaction, then ring for mails that it put in the outbox."""
    db.session.commit()
    if db.session.info.pop("mail_is_new", False):
        current_app.extensions["bell"].ring()


def keyring() -> Keyring:
    ring: Keyring = current_app.extensions["keyring"]
    return ring


def is_partial() -> bool:
    """True if the page's script saves while somebody writes: it wants a line back (the header is htmx's)."""
    return request.headers.get("HX-Request") == "true"


def is_same_origin() -> bool:
    """True if the browser says that one of our own pages sent this request."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin") or request.headers.get("Referer") or ""
    try:
        return urlsplit(origin).netloc == request.host
    except ValueError:
        return False


def with_status(body: str, status: int) -> Response:
    response = current_app.make_response(body)
    response.status_code = status
    return response


def compressed(page: str) -> Response:
    """A page that is mostly a long public text, gzipped for the phone that takes it.

    Not for other pages: a page whose length tells of its secrets is for a proxy to leave alone (BREACH). Here the only
    secret is the form token, and SameSite keeps the cookie that makes it worth something out of others' requests.
    """
    response = current_app.make_response(page)
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.best_match(["gzip"]):
        response.set_data(gzip.compress(response.get_data(), 6))
        response.content_encoding = "gzip"
    return response
