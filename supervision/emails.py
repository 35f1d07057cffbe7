"""Rendering a mail: a few short lines and a link, as text and as HTML, in the language and zone of its reader."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Protocol

import css_inline
from flask import current_app, render_template

from supervision import i18n
from supervision.mailer import Letter


class Reader(Protocol):
    display_name: Any
    email: Any
    language: Any
    zone: Any


def link_to(endpoint: str, **values: Any) -> str:
    """An absolute link on the public address; the worker has no request to take one from."""
    path = current_app.url_map.bind("").build(endpoint, values)
    return str(current_app.config["SETTINGS"].public_url) + path


def letter(person: Reader, *, template: str, subject: Callable[[], str], url: str, **context: Any) -> Letter:
    """Render `templates/emails/<template>.txt` and `.html` for one person."""
    values = {**context, "person": person, "url": url, "language": person.language}
    with i18n.speaking(person.language, person.zone):
        heading = subject()
        text = render_template(f"emails/{template}.txt", **values, subject=heading)
        html = render_template(f"emails/{template}.html", **values, subject=heading)
    return Letter(
        to_name=person.display_name,
        to_email=person.email,
        subject=heading,
        text=text.strip() + "\n",
        html=_inliner().inline(html),
        language=person.language,
    )


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)
