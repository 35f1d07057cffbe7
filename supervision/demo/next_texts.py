"""What the committee of the demonstration is working on: drafts, as a colleague finds them when she signs in."""

from __future__ import annotations

import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from supervision.association.models import Association
from supervision.deontology import queries as code
from supervision.deontology.authoring import actions, editing, queries
from supervision.deontology.authoring.editing import Content
from supervision.deontology.authoring.rules import Terms
from supervision.deontology.kinds import actions as kinds
from supervision.deontology.rules import CODE, GRACE_DAYS, HIDDEN_DAYS
from supervision.people.models import Person
from supervision.people.rules import PRACTITIONER_ROLES


def _words() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads(Path(__file__).with_name("next_texts.toml").read_text())
    return found


def write_next_code(author: Person, founded: Association, now: datetime) -> None:
    """Two new articles for the code, a day to sign them, and the question to a colleague whether she agrees."""
    at, today = now - timedelta(days=2), founded.day_of(now)
    version = code.version_in_force(today, with_articles=True)
    if version is None:
        return
    words = _words()["code"]
    content = {**queries.content_of(version), **{name: words[f"summary_{name[-2:]}"].strip() for name in _SUMMARIES}}
    content = _reworded(content, words["reworded"])
    for added in words["added"]:
        content = _with_article(content, added)
    actions.begin(actor=author, kind=CODE, content=content, now=at)
    in_three_weeks = today + timedelta(days=21)
    terms = Terms("major", in_three_weeks, GRACE_DAYS, HIDDEN_DAYS, PRACTITIONER_ROLES)
    actions.save_terms(actor=author, kind=CODE, terms=terms, revision=1, now=at)
    actions.ask_review(actor=author, kind=CODE, revision=2, today=today, now=now - timedelta(days=1))


_TAGS = ("fr", "en")
_SUMMARIES = ("summary_fr", "summary_en")


def _reworded(content: Content, change: dict[str, str]) -> Content:
    article = editing.article_of(content, change["id"])
    bodies = {
        f"body_{tag}": article[f"body_{tag}"].replace(change[f"old_{tag}"], change[f"new_{tag}"]) for tag in _TAGS
    }
    return editing.with_words(content, change["id"], bodies)


def _with_article(content: Content, added: dict[str, str]) -> Content:
    """The article in its place: after another one."""
    slug = editing.new_id(added["title_fr"], {article["id"] for article in content["article"]})
    texts = {name: text.strip() for name, text in added.items() if name != "after"}
    content = editing.with_article(content, slug, texts)
    ids = [article["id"] for article in content["article"]]
    for _step in range(len(ids) - 2 - ids.index(added["after"])):
        content = editing.moved(content, slug, -1)
    return content


def begin_another_text(author: Person, now: datetime) -> None:
    """A text beside the code, of which an article still lacks its English."""
    words = _words()["confidentiality"]
    names = {name: words.pop(name) for name in ("name_fr", "name_en")}
    kind = kinds.add(actor=author, **names, is_public=False, has_consequences=False, now=now)
    actions.begin(actor=author, kind=kind.slug, content=editing.begun_from(words), now=now)
