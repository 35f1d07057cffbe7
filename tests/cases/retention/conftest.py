from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from sqlalchemy import select

from supervision.cases.lifecycle import actions as lifecycle
from supervision.crypto import Keyring
from supervision.db import db
from supervision.outbox.models import OutboxMail
from tests import desk


@pytest.fixture
def closed(cast: SimpleNamespace, keyring: Keyring, now: datetime) -> UUID:
    """Ana's, answered, and closed today; its own mails have been sent."""
    at = now - timedelta(days=30)
    case_id = desk.bring(cast.ana, cast.sam, keyring, at)
    desk.respond(cast.sam, case_id, keyring, at + timedelta(days=3))
    desk.answer(cast.ana, case_id, keyring, at + timedelta(days=9))
    close(cast, case_id, now)
    for mail in db.session.scalars(select(OutboxMail)):
        mail.sent_at = now
    db.session.commit()
    return case_id


def close(cast: SimpleNamespace, case_id: UUID, at: datetime) -> None:
    lifecycle.close(actor=cast.ana, file=desk.opened(case_id, at), now=at)
    db.session.commit()
