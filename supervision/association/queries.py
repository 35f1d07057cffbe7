from __future__ import annotations

from supervision.association.models import Association
from supervision.db import db


def the_association() -> Association | None:
    return db.session.get(Association, 1)
