"""The committee's clicks: a draft begun, edited as a page sends it, completed, and what the database has of it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape
from typing import Any

from sqlalchemy import select

from supervision.deontology.models import TextDraft
from tests.client import FreshClient
from tests.facts import rows

HERE = "/deontologie/atelier"
NEW = {"title_fr": "Outils numériques", "title_en": "Digital tools", "body_fr": "Je demande.", "body_en": "I ask."}
SUMMARY = {"summary_fr": "Un article de plus.", "summary_en": "One more article."}


def draft(kind: str = "deontologie") -> Any:
    found = rows(select(TextDraft).where(TextDraft.kind == kind))
    return found[0] if found else None


def article(slug: str) -> dict[str, Any]:
    return next(each for each in draft().content["article"] if each["id"] == slug)


def slugs() -> list[str]:
    return [each["id"] for each in draft().content["article"]]


def begin(client: FreshClient, source: str = "version", here: str = HERE) -> Any:
    return client.post(f"{here}/commencer", data={"depuis": source})


def fields_in(page: str) -> dict[str, Any]:
    """What the form of a page of words or terms holds."""
    form = re.findall(r'<form method="post"[^>]*novalidate.*?</form>', page, re.DOTALL)[-1]
    values: dict[str, Any] = {}
    for found in re.findall(r"<input ([^>]*)>", form):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', found))
        is_choice = attributes.get("type") in {"radio", "checkbox"}
        if not is_choice or re.search(r"(^| )checked( |$)", found):
            values[attributes["name"]] = unescape(attributes.get("value", ""))
    texts = re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>\s*(.*?)</textarea>', form, re.DOTALL)
    values |= {name: unescape(text) for name, text in texts}
    values.pop("csrf_token", None)
    return values


def edit(client: FreshClient, path: str, **changes: Any) -> Any:
    """Send a page as it came, with changes."""
    return client.post(HERE + path, data={**fields_in(client.get(HERE + path).text), **changes})


def complete(client: FreshClient, today: date) -> None:
    """A draft that lacks nothing: one more article, a summary, a day."""
    begin(client)
    client.post(f"{HERE}/nouvel-article", data=NEW)
    edit(client, "/texte", **SUMMARY)
    edit(client, "/publication", effective_on=(today + timedelta(days=14)).isoformat())


def act(client: FreshClient, name: str, **data: Any) -> Any:
    return client.post(f"{HERE}/{name}", data={"revision": draft().revision, **data})


def press(client: FreshClient, button: str, slug: str, revision: int | None = None) -> Any:
    return client.post(f"{HERE}/changer", data={button: slug, "revision": revision or draft().revision})
