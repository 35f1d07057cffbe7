"""A test client that behaves like a browser: nothing of one request is left when the next one begins."""

from __future__ import annotations

from contextvars import Context
from typing import Any

from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from supervision import clock
from supervision.db import db
from supervision.people.models import Person
from supervision.sign_in import actions

RAW_TOKEN = "a" * 40


class FreshClient(FlaskClient):
    """Runs each request in an empty context, so that no application context of the test leaks into it, and adds the
    form token that a page would have carried. `token=False` leaves it out.
    """

    def open(self, *args: Any, token: bool = True, **options: Any) -> TestResponse:
        if token and options.get("method") in {"POST", "PUT", "PATCH", "DELETE"} and self._sends_a_form(options):
            options["data"] = {"csrf_token": self._token(), **(options.get("data") or {})}
        return Context().run(super().open, *args, **options)

    def _sends_a_form(self, options: dict[str, Any]) -> bool:
        data = options.get("data")
        return options.get("json") is None and (data is None or isinstance(data, dict))

    def _token(self) -> str:
        with self.session_transaction() as session:
            session["csrf_token"] = RAW_TOKEN
        secret = self.application.config["SECRET_KEY"]
        return str(URLSafeTimedSerializer(secret, salt="wtf-csrf-token").dumps(RAW_TOKEN))

    def again(self) -> FreshClient:
        """Another browser with the cookies of this one: what is done in it changes none of them here."""
        name = self.application.config["SESSION_COOKIE_NAME"]
        other, cookie = self.application.test_client(), self.get_cookie(name)
        assert isinstance(other, FreshClient)
        if cookie is not None:
            other.set_cookie(name, cookie.value)
        return other

    def sign_in(self, person: Person) -> None:
        """Open a session as the sign-in page would, without its password hashing."""
        token = actions.begin_session(person=person, device="Firefox, Linux", now=clock.now())
        db.session.commit()
        with self.session_transaction() as session:
            session["_user_id"] = token
            session["_fresh"] = True
