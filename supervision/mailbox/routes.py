"""A development-only page with the mails the worker really sent, as the development mail sink received them."""

from __future__ import annotations

import email.policy
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, current_app, make_response, render_template

from supervision.doors import public

bp = Blueprint("mailbox", __name__)

SHOWN = 100


@dataclass(frozen=True)
class Received:
    name: str
    message: EmailMessage

    @property
    def at(self) -> datetime:
        return self.message["Date"].datetime  # type: ignore[no-any-return]

    def body(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return str(part.get_content()) if part is not None else ""


@bp.get("/dev/boite-mail")
@public
def mailbox() -> Any:
    files = sorted(_folder().glob("*.eml"), reverse=True)[:SHOWN]
    return render_template("mailbox/mailbox.html", mails=[_read(file) for file in files])


@bp.get("/dev/boite-mail/<name>")
@public
def mail(name: str) -> Any:
    return render_template("mailbox/mail.html", mail=_named(name))


@bp.get("/dev/boite-mail/<name>/html")
@public
def mail_html(name: str) -> Any:
    """The HTML part alone. Mails style themselves, so this answer, and no other, allows styles inside it."""
    response = make_response(_named(name).body("html"))
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response


def _folder() -> Path:
    folder: Path = current_app.config["SETTINGS"].mailbox_dir
    return folder


def _named(name: str) -> Received:
    file = _folder() / name
    if file.parent != _folder() or file.suffix != ".eml" or not file.is_file():
        abort(404)
    return _read(file)


def _read(file: Path) -> Received:
    message = message_from_bytes(file.read_bytes(), policy=email.policy.default)
    return Received(file.name, message)
