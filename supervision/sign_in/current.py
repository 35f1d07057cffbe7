"""Who is asking: Flask-Login with a session table of our own behind it, so that a session can be ended from afar."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Flask, Response, g, redirect, render_template, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy import update
from werkzeug.exceptions import RequestEntityTooLarge

from supervision import clock, doors, i18n
from supervision.association.models import Association
from supervision.db import begin_writing, db
from supervision.people.viewer import Viewer
from supervision.sign_in import queries
from supervision.sign_in.models import UserSession
from supervision.sign_in.queries import Visit
from supervision.sign_in.rules import SEEN_EVERY

login_manager = LoginManager()
login_manager.session_protection = None  # it would re-sign the cookie on each request; the table does the work


class SignedIn(UserMixin):  # type: ignore[misc]
    """What Flask-Login carries through a request. Its id is the cookie's opaque token, never the person's."""

    def __init__(self, token: str, visit: Visit) -> None:
        self.token = token
        self.visit = visit

    def get_id(self) -> str:
        return self.token


def init_app(app: Flask) -> None:
    login_manager.init_app(app)
    login_manager.user_loader(_load)
    login_manager.unauthorized_handler(_unauthorized)
    app.after_request(_note_seen)


def me() -> Viewer:
    """The person who is signed in. Only called behind a closed door."""
    viewer: Viewer = current_user.visit.viewer
    return viewer


def my_session() -> UserSession:
    mine: UserSession = current_user.visit.session
    return mine


def our_association() -> Association:
    association: Association = current_user.visit.association
    return association


def today(now: datetime) -> date:
    return our_association().day_of(now)


def _load(token: str) -> SignedIn | None:
    visit = queries.visit(token, clock.now())
    if visit is None:
        return None
    i18n.speak_to(visit.viewer.person.language, visit.viewer.person.zone)
    return SignedIn(token, visit)


def start(token: str) -> None:
    """Put a fresh session in the cookie: nothing of the one before is kept, the form token included."""
    session.clear()
    session["_user_id"] = token
    session["_fresh"] = True


def _unauthorized() -> Any:
    """A page asks to sign in and comes back; a form is told so, with everything that was typed."""
    if doors.is_partial():
        return render_template("sign_in/expired_fragment.html"), 401
    if request.method in {"GET", "HEAD"}:
        return redirect(url_for("sign_in.sign_in", next=request.full_path.rstrip("?")))
    return resend(401)


def resend(status: int) -> tuple[str, int]:
    """A page that holds what was sent and can send it again. Only our own pages get their content back."""
    fields = _sent()
    secret = any("password" in name for name, _ in fields)
    kept = [(name, value) for name, value in fields if name != "csrf_token"]
    return render_template("sign_in/resend.html", fields=[] if secret else kept, target=request.path), status


def _sent() -> list[tuple[str, str]]:
    if not doors.is_same_origin():
        return []
    try:
        return list(request.form.items(multi=True))
    except RequestEntityTooLarge:  # a file, for which nobody is signed in
        return []


def _note_seen(response: Response) -> Response:
    """Keep 'last seen' to ten minutes, in a short transaction of its own."""
    user = getattr(g, "_login_user", None)
    if not isinstance(user, SignedIn) or response.status_code >= 500:
        return response
    now, mine = clock.now(), user.visit.session
    if now - mine.seen_at > SEEN_EVERY:
        begin_writing()
        db.session.execute(update(UserSession).where(UserSession.id == mine.id).values(seen_at=now))
        db.session.commit()
    return response
