"""What the pages of the workshop show of a draft, gathered for the templates."""

from __future__ import annotations

from datetime import date
from typing import Any

from supervision.deontology.authoring import actions, editing, queries
from supervision.deontology.authoring.editing import Content
from supervision.deontology.authoring.forms import BilingualForm
from supervision.deontology.authoring.rules import Problem, Terms, problems, state
from supervision.deontology.authoring.words import EITHER, PROBLEMS, STATES
from supervision.deontology.differences.texts import comparison
from supervision.deontology.models import TextDraft, TextKind, TextVersion
from supervision.deontology.queries import version_by_number, versions
from supervision.deontology.rules import CODE
from supervision.people import queries as people
from supervision.people.viewer import Viewer


def piece(content: Content, slug: str, form: type[BilingualForm]) -> dict[str, str]:
    """The words of an article, or of what frames them all."""
    words = editing.article_of(content, slug) if slug else content
    return {f"{name}_{language}": words[f"{name}_{language}"] for name in form.names for language in editing.LANGUAGES}


def terms_data(draft: TextDraft) -> dict[str, Any]:
    terms = queries.terms_of(draft)
    data = {**vars(terms), "bound_roles": list(terms.bound_roles)}
    return {**data, "seen": editing.mark_of(data)}


def problems_with(draft: TextDraft, terms: Terms, today: date) -> list[Problem]:
    """What would be wrong with other terms."""
    last = queries.last(queries.last_version(draft.kind))
    return [p for p in problems(draft.content, terms, last=last, today=today) if p.where == "publication"]


def as_version(draft: TextDraft) -> TextVersion:
    last = queries.last_version(draft.kind)
    number = last.number + 1 if last else 1
    content = editing.as_published(draft.content)
    return queries.as_version(content, queries.terms_of(draft), kind=draft.kind, number=number)


def no_draft_page(kind: TextKind) -> dict[str, Any]:
    published = versions(kind.slug)
    return {"versions": published, "names": _names(published), "has_sample": kind.slug == CODE and not published}


def draft_page(draft: TextDraft, me: Viewer, today: date) -> dict[str, Any]:
    published = versions(draft.kind)
    before = version_by_number(published[0].number, draft.kind) if published else None
    is_mine = draft.review_asked_by == me.id
    return {
        "versions": published,
        "names": _names(published, draft),
        "number": published[0].number + 1 if published else 1,
        "terms": queries.terms_of(draft),
        "articles": draft.content["article"],
        "problems": _problems(draft, today),
        "state": state(review_asked_by=draft.review_asked_by, approved_at=draft.approved_at),
        "state_names": STATES,
        "is_mine": is_mine,
        "changes": comparison(before, as_version(draft), me.language) if before else None,
    }


def _problems(draft: TextDraft, today: date) -> dict[str, list[str]]:
    """The sentences, by where they belong."""
    said: dict[str, list[str]] = {}
    for problem in actions.problems_of(draft, today):
        sentence = str(EITHER if problem.what == "no-translation" else PROBLEMS[problem.what])
        if sentence not in said.setdefault(problem.where, []):
            said[problem.where].append(sentence)
    return said


def _names(published: Any, draft: TextDraft | None = None) -> dict[Any, str]:
    ids = {person for version in published for person in (version.published_by, version.approved_by) if person}
    if draft is not None:
        ids |= {draft.edited_by, draft.review_asked_by, draft.approved_by, draft.returned_by} - {None}
    return people.names_of(ids)
