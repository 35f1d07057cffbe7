"""The platform as it really runs: web, worker, beat and a mail server, each a process, on one stack."""

from __future__ import annotations

import contextlib
import email.policy
import os
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from signal import SIGKILL, SIGTERM
from typing import TypeVar

from flask import Flask

import config
from supervision import clock, create_app, crypto
from supervision.db import db, declare
from supervision.demo import association
from tests.conftest import migrate
from tests.services import die_with_me, free_port

ROOT = Path(__file__).resolve().parents[2]
SECRET = "b" * 48
Found = TypeVar("Found")


@dataclass
class Platform:
    """`with Platform(folder).running("web", "mailbox", "worker", "beat") as platform: …`"""

    folder: Path
    database_url: str | None = None  # SQLite in the instance folder
    redis_url: str | None = None  # the embedded queue
    running_parts: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    invitation: str = ""  # where somebody invited chooses a password

    def __post_init__(self) -> None:
        self.port, self.smtp_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.instance = self.folder / "instance"
        self.instance.mkdir(parents=True, exist_ok=True)

    # --- its processes -----------------------------------------------------------------------------------------------

    @property
    def environment(self) -> dict[str, str]:
        services = {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url}
        return {
            **{name: value for name, value in os.environ.items() if name not in {*services, "MASTER_KEY_FILE"}},
            **{name: value for name, value in services.items() if value},
            "APP_ENV": "test",
            "INSTANCE_DIR": str(self.instance),
            "SECRET_KEY": SECRET,
            "SMTP_URL": f"smtp://127.0.0.1:{self.smtp_port}",
            "PUBLIC_URL": self.url,
            "LOG_LEVEL": "WARNING",
            "PYTHONWARNINGS": "ignore",
        }

    def command(self, part: str) -> list[str]:
        where = ("--host", "127.0.0.1", "--port", str(self.port))
        granian = ("granian", "--interface", "wsgi", *where, "--workers", "1", "--blocking-threads", "4", "--no-ws")
        celery = ("celery", "-q", "-A", "worker.app:celery")
        modules = {
            "web": (*granian, "--log-level", "warning", "wsgi:app"),
            "mailbox": ("worker.mailbox",),
            "worker": (*celery, "worker", "--pool", "threads", "-c", "2"),
            "beat": (*celery, "beat", "-s", str(self.instance / "beat")),
        }
        return [sys.executable, "-m", *modules[part]]

    def prepare(self, *, demo: bool = True) -> None:
        """A migrated database with its keys and, if wanted, the demo association: in this process, it is quicker."""
        crypto.write_key_file(self.instance / "master.keys", {1: crypto.new_key()})
        with self.application() as app:
            migrate(app)
            if demo:
                association.fill(keyring=app.extensions["keyring"], now=clock.now())

    @contextlib.contextmanager
    def application(self) -> Iterator[Flask]:
        """The same application in this process, committed at the end."""
        app = create_app(config.from_environment(self.environment))
        declare(only_reading=False)
        with app.app_context():
            yield app
            db.session.commit()
            db.session.remove()
            db.engine.dispose()

    def speak(self, who: str, language: str) -> None:
        """Let somebody of the demo read in this language, whatever a test before this one chose."""
        with contextlib.closing(sqlite3.connect(self.instance / "prisme.db", timeout=10)) as base, base:
            base.execute("UPDATE person SET language = ? WHERE email = ?", (language, association.email_of(who)))

    def start(self, *parts: str, shifted_by_days: float = 0) -> None:
        environment = {**self.environment, "CLOCK_SHIFT_DAYS": str(shifted_by_days)}
        for part in parts:
            with (self.folder / f"{part}.log").open("ab") as log:
                self.running_parts[part] = subprocess.Popen(
                    self.command(part),
                    cwd=ROOT,
                    env=environment,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    preexec_fn=die_with_me(SIGTERM),
                )
        if "web" in parts:
            until(self._answers)

    def stop(self, *parts: str) -> None:
        ended = [self.running_parts.pop(part) for part in parts]
        for process in ended:
            process.send_signal(SIGTERM)
        for process in ended:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=10)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, SIGKILL)
            process.wait()

    @contextlib.contextmanager
    def running(self, *parts: str) -> Iterator[Platform]:
        try:
            self.start(*parts)
            yield self
        finally:
            self.stop(*self.running_parts)

    def _answers(self) -> bool:
        assert self.running_parts["web"].poll() is None, (self.folder / "web.log").read_text()
        with contextlib.suppress(urllib.error.URLError):
            return bool(urllib.request.urlopen(f"{self.url}/healthz", timeout=5).status == 200)
        return False

    # --- what it sent ------------------------------------------------------------------------------------------------

    def mails(self, to: str = "", subject: str = "") -> list[EmailMessage]:
        """What the mail server received, the oldest first."""
        files = sorted((self.instance / "mailbox").glob("*.eml"))
        received = [message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]
        return [mail for mail in received if to in str(mail["To"]) and subject in str(mail["Subject"])]  # type: ignore[misc]

    def mail(self, to: str, subject: str, number: int = 1) -> EmailMessage:
        """The so-many-th mail of that subject to an address, waited for."""
        return until(lambda: self.mails(to, subject)[number - 1 : number])[0]


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def link_in(mail: EmailMessage) -> str:
    return next(word for word in text_of(mail).split() if word.startswith("http"))


def until(look: Callable[[], Found], patience: float = 120) -> Found:
    """What `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + patience
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
