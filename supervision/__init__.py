"""The application factory: the only place where all rooms meet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import structlog
from flask import Flask, g, has_request_context, render_template, request
from flask_babel import gettext
from flask_login import current_user
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from config import Settings
from supervision import assets, clock, doors, filters, headers, i18n, logs, master_keys, navigation
from supervision.agreements import emails as agreement_emails
from supervision.agreements import routes as agreements
from supervision.agreements import words as agreement_words
from supervision.association import routes as association
from supervision.association import words as association_words
from supervision.association.queries import the_association
from supervision.audit import routes as audit
from supervision.cases import emails as case_emails
from supervision.cases import routes as cases
from supervision.cases import words as case_words
from supervision.cases import writing as case_writing
from supervision.cases.attachments import routes as case_attachments
from supervision.cases.break_glass import emails as glass_emails
from supervision.cases.break_glass import routes as break_glass
from supervision.cases.break_glass import words as glass_words
from supervision.cases.export import routes as case_export
from supervision.cases.export import words as export_words
from supervision.cases.feedback import routes as case_feedback
from supervision.cases.finding import routes as case_finding
from supervision.cases.form import routes as case_form
from supervision.cases.form import words as form_words
from supervision.cases.lifecycle import routes as case_lifecycle
from supervision.cases.loads import routes as case_loads
from supervision.cases.reidentification import routes as case_reidentification
from supervision.cases.retention import emails as retention_emails
from supervision.cases.retention import routes as case_retention
from supervision.cases.retention import words as retention_words
from supervision.cases.thread import routes as case_thread
from supervision.cases.visibility import routes as case_visibility
from supervision.crypto import Keyring
from supervision.db import db, tame
from supervision.deontology import routes as deontology
from supervision.deontology import words as deontology_words
from supervision.deontology.announcing import emails as text_emails
from supervision.deontology.announcing import words as text_words
from supervision.deontology.authoring import routes as authoring
from supervision.deontology.authoring import words as authoring_words
from supervision.deontology.coverage import emails as coverage_emails
from supervision.deontology.coverage import routes as coverage
from supervision.deontology.coverage import words as coverage_words
from supervision.deontology.differences import routes as text_differences
from supervision.deontology.kinds import routes as text_kinds
from supervision.deontology.kinds import words as kind_words
from supervision.deontology.printing import routes as text_printing
from supervision.deontology.proof import routes as proof
from supervision.deontology.proof import words as proof_words
from supervision.deontology.receipts import emails as receipt_emails
from supervision.deontology.receipts import routes as receipts
from supervision.deontology.receipts import words as receipt_words
from supervision.deontology.referrals import emails as referral_emails
from supervision.deontology.referrals import routes as referrals
from supervision.deontology.referrals import words as referral_words
from supervision.deontology.signing import routes as signing
from supervision.health import routes as health
from supervision.home import routes as home
from supervision.mailbox import routes as mailbox
from supervision.outbox import routes as outbox
from supervision.outbox.delivery import Composer, Post
from supervision.people import routes as people
from supervision.people import words as people_words
from supervision.people.emails import only_to_members
from supervision.scheduling import routes as scheduling
from supervision.scheduling import words as scheduling_words
from supervision.sign_in import current
from supervision.sign_in import emails as sign_in_emails
from supervision.sign_in import routes as sign_in
from supervision.sign_in import words as sign_in_words

ROOT = Path(__file__).resolve().parent.parent
CASE_DOORS = (
    cases,
    case_writing,
    case_form,
    case_reidentification,
    case_lifecycle,
    case_feedback,
    case_visibility,
    case_attachments,
    case_retention,
    case_export,
    break_glass,
    case_finding,
    case_loads,
    case_thread,
)
TEXT_DOORS = (
    authoring,
    text_kinds,
    deontology,
    text_differences,
    text_printing,
    signing,
    receipts,
    referrals,
    coverage,
    proof,
)
ROOMS = (home, sign_in, people, association, agreements, *TEXT_DOORS, *CASE_DOORS, scheduling, outbox, audit, health)
CASE_MAILS = case_emails.COMPOSERS | retention_emails.COMPOSERS | glass_emails.COMPOSERS
TEXT_MAILS = text_emails.COMPOSERS | coverage_emails.COMPOSERS | receipt_emails.COMPOSERS | referral_emails.COMPOSERS
EVERY_MAIL = sign_in_emails.COMPOSERS | agreement_emails.COMPOSERS | TEXT_MAILS | CASE_MAILS
COMPOSERS: dict[str, Composer] = {kind: only_to_members(compose) for kind, compose in EVERY_MAIL.items()}
# Each room names its own mails and acts; the pages of the outbox and of the record show everyone's.
WORDS: dict[str, dict[str, Any]] = {
    "role_names": people_words.ROLE_NAMES,
    "mail_kinds": sign_in_words.MAILS
    | agreement_words.MAILS
    | case_words.MAILS
    | retention_words.MAILS
    | glass_words.MAILS
    | text_words.MAILS
    | coverage_words.MAILS
    | receipt_words.MAILS
    | referral_words.MAILS,
    "skip_reasons": people_words.SKIPPED
    | sign_in_words.SKIPPED
    | agreement_words.SKIPPED
    | case_words.SKIPPED
    | retention_words.SKIPPED
    | text_words.SKIPPED
    | referral_words.SKIPPED,
    "recorded_acts": people_words.RECORDED
    | sign_in_words.RECORDED
    | association_words.RECORDED
    | agreement_words.RECORDED
    | deontology_words.RECORDED
    | coverage_words.RECORDED
    | proof_words.RECORDED
    | authoring_words.RECORDED
    | kind_words.RECORDED
    | case_words.RECORDED
    | retention_words.RECORDED
    | glass_words.RECORDED
    | export_words.RECORDED
    | form_words.RECORDED
    | scheduling_words.RECORDED
    | referral_words.RECORDED,
}
MEGABYTE = 1024 * 1024

log = structlog.get_logger("supervision")
csrf = CSRFProtect()


def create_app(settings: Settings, bell: doors.Bell | None = None) -> Flask:
    """Build the application. Processes that serve people call `refuse_unsafe_start` next."""
    app = Flask(__name__, root_path=str(ROOT), static_folder=None)
    app.config.update(_flask_config(settings))
    app.extensions["bell"] = bell or doors.NoBell()
    app.extensions["keyring"] = Keyring(settings.master_key_file)
    app.extensions["post"] = _post(settings)
    _furnish(app)
    for room in ROOMS:
        app.register_blueprint(room.bp)
    if not settings.is_production:
        app.register_blueprint(mailbox.bp)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def refuse_unsafe_start(app: Flask) -> None:
    """Stop a process that could write texts nobody can open again.

    Raises:
        MasterKeyMissing, WrongMasterKey: the sentence says what to put back.
    """
    with app.app_context():
        master_keys.verify(app.extensions["keyring"], clock.now())


def _flask_config(settings: Settings) -> dict[str, Any]:
    secure = settings.is_production
    return {
        "ROOT": ROOT,
        "SETTINGS": settings,
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(settings),
        "SESSION_COOKIE_NAME": "__Host-prisme" if secure else "prisme",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: people write for hours
        "WTF_CSRF_SSL_STRICT": False,  # the token and SameSite decide; some networks strip the referrer
        "MAX_CONTENT_LENGTH": 2 * MEGABYTE,
        "MAX_FORM_MEMORY_SIZE": 2 * MEGABYTE,
        "MAX_FORM_PARTS": 200,
        "TRAP_HTTP_EXCEPTIONS": False,
        "TESTING": settings.environment == "test",
    }


def _engine_options(settings: Settings) -> dict[str, Any]:
    if settings.database_url.startswith("sqlite"):
        return {}
    return {"pool_pre_ping": True, "pool_size": 5, "max_overflow": 5}


def _post(settings: Settings) -> Post:
    domain = settings.mail_from.rpartition("@")[2].rstrip("> ")
    return Post(smtp_url=settings.smtp_url, sender=settings.mail_from, domain=domain, composers=COMPOSERS)


def _furnish(app: Flask) -> None:
    """The ground under every room, in the order in which a request meets it."""
    logs.init_app(app)
    doors.init_app(app)
    db.init_app(app)
    with app.app_context():
        for engine in db.engines.values():
            tame(engine)
    i18n.init_app(app)
    filters.init_app(app)
    current.init_app(app)
    csrf.init_app(app)
    doors.guard(app)
    headers.init_app(app)
    assets.init_app(app, headers.of_every_answer(secure=app.config["SETTINGS"].is_production))
    app.jinja_env.globals.update(WORDS)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(_page_context)
    app.register_error_handler(CSRFError, _token_refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _crash)


def _page_context() -> dict[str, Any]:
    """What every page of the layout needs; a mail, rendered outside a request, brings its own."""
    if not has_request_context():
        return {"association": the_association()}
    signed_in = current_user.is_authenticated
    viewer = current.me() if signed_in else None
    return {
        "me": viewer,
        "navigation": navigation.items(viewer) if viewer else [],
        "association": current.our_association() if signed_in else the_association(),
        "language": i18n.current_language(),
        "csrf_token": generate_csrf,
    }


def _token_refused(error: CSRFError) -> Any:
    """The page was older than the session. Nothing was done; what was typed is kept and can be sent again."""
    if doors.is_partial():
        return render_template("sign_in/fresh_token.html"), 400
    return current.resend(400)


def _http_error(error: HTTPException) -> Any:
    if error.response is not None:
        return error.response
    db.session.rollback()
    response = doors.with_status(_trouble(error.code or 500), error.code or 500)
    for name, value in error.get_headers():
        if name not in {"Content-Type", "Content-Length"}:
            response.headers[name] = value
    return response


def _crash(error: Exception) -> Any:
    """Something of ours broke: undo, log the place without the words, and say so calmly."""
    db.session.rollback()
    log.error("crash", exc_info=error, rule=request.url_rule.rule if request.url_rule else "unknown")
    try:
        page = _trouble(500)
    except Exception:  # the page itself needs the database for the person's name
        page = gettext("Une erreur est survenue.")
    return doors.with_status(page, 500)


def _trouble(code: int) -> str:
    """A page, or for an editor that saves itself a line."""
    template = "errors/line.html" if doors.is_partial() else "errors/error.html"
    return render_template(template, code=code, request_id=g.get("request_id", ""))
