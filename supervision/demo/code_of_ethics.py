"""The code of the demonstration: the sample as its first version, and a minor second one a month ago."""

from __future__ import annotations

import tomllib
from copy import deepcopy
from datetime import datetime
from pathlib import Path
from typing import Any

from supervision.association.models import Association
from supervision.deontology import actions
from supervision.people.models import Person


def sample() -> dict[str, Any]:
    return tomllib.loads(Path(actions.__file__).with_name("sample_code.toml").read_text())


def second() -> dict[str, Any]:
    """The sample with an article moved, one added, one renamed and two reworded."""
    changes = tomllib.loads(Path(__file__).with_name("code_of_ethics.toml").read_text())
    texts = deepcopy(sample()) | {name: changes[name] for name in ("summary_fr", "summary_en")}
    by_id = {article["id"]: article for article in texts["article"]}
    for change in changes["renamed"]:
        by_id[change["id"]] |= change
    for change in changes["reworded"]:
        _reword(by_id[change["id"]], change)
    for moved, after in changes["moved"].items():
        texts["article"].remove(by_id[moved])
        _insert(texts["article"], after, by_id[moved])
    for added in changes["added"]:
        _insert(texts["article"], added["after"], {name: said for name, said in added.items() if name != "after"})
    return texts


def _reword(article: dict[str, str], change: dict[str, str]) -> None:
    for language in ("fr", "en"):
        body, old = article[f"body_{language}"], change[f"old_{language}"]
        if old not in body:
            raise ValueError(old)
        article[f"body_{language}"] = body.replace(old, change[f"new_{language}"])


def _insert(articles: list[dict[str, str]], after: str, article: dict[str, str]) -> None:
    at = next(place for place, one in enumerate(articles) if one["id"] == after)
    articles.insert(at + 1, article)


def publish_second(author: Person, approver: Person, founded: Association, now: datetime) -> None:
    """Whoever signed the first one has signed: it asks for nothing."""
    actions.publish(
        actor=author,
        approved_by=approver,
        number=2,
        change="minor",
        effective_on=founded.day_of(now),
        texts=second(),
        now=now,
    )
