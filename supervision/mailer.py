"""Building a message and handing it over by SMTP, with the server's answer sorted into 'later' and 'never'."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from urllib.parse import SplitResult, unquote, urlsplit

NO_CONVERSATION = 0  # in the place of a reply code
NOT_SENDABLE = -2  # in the place of a reply code: no server of this kind can carry this message
TIMEOUT = 20  # seconds for each step of the conversation


class HandOverFailed(Exception):
    """The server did not take the message. `code` is its reply code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"SMTP {code}")
        self.code = code


class TryLater(HandOverFailed):
    """A refusal that may pass: no connection, a time-out, a 4xx reply."""


class Refused(HandOverFailed):
    """A refusal that stays: a 5xx reply to this message or this recipient."""


@dataclass(frozen=True)
class Letter:
    """What one person is sent, rendered in that person's language."""

    to_name: str
    to_email: str
    subject: str
    text: str
    html: str
    language: str


def build(letter: Letter, *, sender: str, message_id: str, now: datetime) -> EmailMessage:
    message = EmailMessage()
    name, address = parseaddr(sender)
    message["From"] = Address(display_name=name, addr_spec=address)
    message["To"] = Address(display_name=letter.to_name, addr_spec=letter.to_email)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    message["Content-Language"] = letter.language  # last: putting content in takes every Content-… header out
    return message


@contextmanager
def connection(smtp_url: str) -> Iterator[smtplib.SMTP]:
    """An open conversation with the server of `smtp://`, `smtp+starttls://` or `smtps://`.

    Raises:
        TryLater: if there is none to be had; a wrong password too, since the setting and not the mail is at fault.
    """
    try:
        server = _open(smtp_url)
    except smtplib.SMTPResponseException as error:
        raise TryLater(error.smtp_code) from error
    except (OSError, smtplib.SMTPException) as error:
        raise TryLater(NO_CONVERSATION) from error
    try:
        yield server
    finally:
        _close(server)


def hand_over(server: smtplib.SMTP, message: EmailMessage) -> None:
    """Give one message to the server.

    Raises:
        TryLater: the server or the network says 'not now', or wants no mail from our sender: that is a setting.
        Refused: the server will never take this message for this person.
    """
    try:
        server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        _reset(server)
        raise _sorted(next(iter(error.recipients.values()))[0]) from error
    except smtplib.SMTPSenderRefused as error:
        _reset(server)
        raise TryLater(error.smtp_code) from error
    except smtplib.SMTPResponseException as error:
        _reset(server)
        raise _sorted(error.smtp_code) from error
    except (ValueError, smtplib.SMTPNotSupportedError) as error:
        _reset(server)
        raise Refused(NOT_SENDABLE) from error
    except (OSError, smtplib.SMTPException) as error:
        raise TryLater(NO_CONVERSATION) from error


def is_open(server: smtplib.SMTP) -> bool:
    """False once the conversation is over: broken off, timed out, or closed by the server (421)."""
    return server.sock is not None


def _sorted(code: int) -> HandOverFailed:
    return Refused(code) if 500 <= code < 600 else TryLater(code)


def _open(smtp_url: str) -> smtplib.SMTP:
    url = urlsplit(smtp_url)
    server = _reach(url)
    try:
        if url.scheme == "smtp+starttls":
            server.starttls(context=ssl.create_default_context())
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        server.ehlo_or_helo_if_needed()  # here and not with the first mail, which would be blamed for its failure
    except Exception:
        server.close()
        raise
    return server


def _reach(url: SplitResult) -> smtplib.SMTP:
    host, port = url.hostname or "127.0.0.1", url.port or 25
    if url.scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=ssl.create_default_context())
    return smtplib.SMTP(host, port, timeout=TIMEOUT)


def _reset(server: smtplib.SMTP) -> None:
    """After a refusal the next message needs a fresh envelope."""
    try:
        server.rset()
    except (OSError, smtplib.SMTPException):
        return


def _close(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):
        server.close()
