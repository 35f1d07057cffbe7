"""What every answer says to the browser about trust."""

from __future__ import annotations

from flask import Flask, Response, current_app

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def init_app(app: Flask) -> None:
    app.after_request(_add)


def of_every_answer(*, secure: bool) -> dict[str, str]:
    """Static files, which the application never sees, carry them too."""
    return HEADERS | ({"Strict-Transport-Security": "max-age=63072000; includeSubDomains"} if secure else {})


def _add(response: Response) -> Response:
    for name, value in of_every_answer(secure=current_app.config["SETTINGS"].is_production).items():
        response.headers.setdefault(name, value)
    # What a person wrote in confidence must not come back from a shared computer's cache or its Back button.
    response.headers.setdefault("Cache-Control", "no-store")
    return response
