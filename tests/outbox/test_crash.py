"""Two hundred mails, and a deliverer that is killed with SIGKILL ten times: none lost, every duplicate recognisable."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from supervision.db import db
from supervision.outbox.models import OutboxMail
from supervision.outbox.rules import message_id
from tests.outbox.test_two_deliverers import fill
from tests.services import free_port
from tests.sink import Sink, listening

ROOT = Path(__file__).resolve().parents[2]
MAILS, KILLS, LEASE = 200, 10, 1.5


def taking_its_time(_message: object) -> str:
    time.sleep(0.02)
    return "250 taken"


@pytest.mark.slow
@pytest.mark.service
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_no_mail_is_lost_and_no_more_are_doubled_than_there_were_kills(
    fresh_stack: Callable[..., Flask], record_property: Callable[[str, object], None]
) -> None:
    app, sink = fresh_stack(), Sink(taking_its_time)
    fill(app, MAILS)
    settings = app.config["SETTINGS"]
    with listening(sink, free_port()) as url:
        env = {
            **os.environ,
            "APP_ENV": "test",
            "DATABASE_URL": settings.database_url,
            "INSTANCE_DIR": str(settings.instance_dir),
            "MASTER_KEY_FILE": str(settings.master_key_file),
            "SMTP_URL": url,
        }
        command = [sys.executable, "-m", "tests.outbox.mortal", str(KILLS), str(LEASE)]
        done = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, timeout=120, check=True)
    kills, received = int(done.stdout), Counter(sink.message_ids)
    doubled = sum(received.values()) - MAILS
    record_property("kills and duplicates", (kills, doubled))
    domain = app.extensions["post"].domain
    with app.app_context():
        keys = db.session.scalars(select(OutboxMail.key).where(OutboxMail.sent_at.is_not(None))).all()
        assert set(received) == {message_id(key, domain) for key in keys}
    assert (len(keys), len(received)) == (MAILS, MAILS)
    assert kills >= KILLS // 2
    assert doubled <= kills
