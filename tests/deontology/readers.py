"""People who have read: every version of every text shown to its end, in both languages."""

from __future__ import annotations

from sqlalchemy import select

from supervision import clock
from supervision.db import db
from supervision.deontology.models import TextVersion
from supervision.deontology.signing import actions
from supervision.people.models import Person


def read_everything(person: Person) -> None:
    for version in db.session.scalars(select(TextVersion)).all():
        for language in ("fr", "en"):
            slugs = [article.slug for article in version.articles]
            actions.note_shown(
                person=person, version=version, language=language, articles=slugs, way="whole", now=clock.now()
            )
    db.session.commit()
