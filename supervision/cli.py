"""Commands for whoever runs the platform: `python -m flask --app manage <command>`."""

from __future__ import annotations

from pathlib import Path

import click
import flask_migrate
from flask import Flask, current_app
from flask.cli import AppGroup
from flask_migrate import Migrate

from config import Settings
from supervision import backup, clock, master_keys
from supervision.association import actions as association
from supervision.association.queries import the_association
from supervision.audit import queries as audit
from supervision.cases.retention import actions as retention
from supervision.cases.retention import queries as kept
from supervision.db import db
from supervision.demo import association as demo
from supervision.deontology.chain import queries as chain
from supervision.deontology.proof import seal
from supervision.deontology.referrals import keeping as referrals
from supervision.outbox import actions as outbox
from supervision.outbox import queries as outbox_queries
from supervision.outbox.delivery import deliver
from supervision.people import actions as people
from supervision.people import queries as people_queries
from supervision.people.rules import ROLES
from supervision.reminders import actions as reminders
from supervision.sign_in import actions as sign_in
from supervision.sign_in.rules import first_run_code

master_key = AppGroup("master-key", help="The master key, which wraps each situation's own key.")
mail = AppGroup("mail", help="The outbox.")
cases = AppGroup("cases", help="Keeping and destroying situations.")
answers = AppGroup("answers", help="What people have answered to the code of ethics and the other texts.")
# Here and not in the factory: the web and the worker carry no Alembic.
migrate = Migrate(directory=str(Path(__file__).parent.parent / "migrations"), render_as_batch=True, compare_type=True)


def init_app(app: Flask) -> None:
    migrate.init_app(app, db)
    commands = (prepare, fill_demo, create_association, create_administrator, grant, first_run_link)
    for command in (master_key, mail, cases, answers, *commands, make_backup, restore, seal_certificate, check):
        app.cli.add_command(command)


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


# --- the master key --------------------------------------------------------------------------------------------------


@master_key.command("create")
def create_key() -> None:
    """Write the first master key, readable by its owner only."""
    file = _settings().master_key_file
    try:
        master_keys.create_key_file(file)
    except FileExistsError as error:
        raise click.ClickException(f"{file} exists. Without it no text can be read: it is not replaced.") from error
    click.echo(f"Master key written to {file}. Keep a copy apart from the backups of the database.")


@master_key.command("rotate")
def rotate_key() -> None:
    """Add a new generation and wrap every situation's key with it. The texts are not touched."""
    wrapped = master_keys.rotate(current_app.extensions["keyring"], _settings().master_key_file, clock.now())
    click.echo(f"{wrapped} keys wrapped anew. When every process has been restarted: master-key forget.")


@master_key.command("forget")
def forget_keys() -> None:
    """Destroy the generations that nothing uses any more. Older backups cannot be read after this."""
    gone = master_keys.forget_retired(_settings().master_key_file)
    click.echo(f"Generations destroyed: {', '.join(map(str, gone)) or 'none'}.")


# --- the association and its people ----------------------------------------------------------------------------------


@click.command("prepare")
@click.option("--demo", "with_demo", is_flag=True, help="Fill an empty database with the demo association.")
def prepare(with_demo: bool) -> None:
    """Make what a first start lacks, and say how to begin: all in one command, since each costs its start."""
    if not _settings().master_key_file.exists():
        master_keys.create_key_file(_settings().master_key_file)
    flask_migrate.upgrade()
    if with_demo:
        _fill_demo()
    if demo.is_filled():
        click.echo(f"Sign in as\n{demo.sign_ins()}")
    elif the_association() is None:
        click.echo(f"Begin at   {_first_run_address()}")


@click.command("demo")
def fill_demo() -> None:
    """Fill an empty database with a believable association."""
    _fill_demo()
    if demo.is_filled():
        click.echo(demo.sign_ins())


def _fill_demo() -> None:
    if the_association() is None:
        demo.fill(keyring=current_app.extensions["keyring"], now=clock.now())
        db.session.commit()


@click.command("create-association")
@click.argument("name")
@click.argument("contact_email")
def create_association(name: str, contact_email: str) -> None:
    """Create the association on an empty platform."""
    try:
        association.found(name=name, contact_email=contact_email, now=clock.now())
    except association.AlreadyFounded as error:
        raise click.ClickException("There is an association already.") from error
    db.session.commit()


@click.command("create-administrator")
@click.argument("email")
@click.argument("name")
def create_administrator(email: str, name: str) -> None:
    """Invite an administrator; the link to choose a password goes out by mail."""
    now = clock.now()
    person = people.add_person(actor=None, email=email, display_name=name, language="fr", zone="Europe/Paris", now=now)
    people.grant_role(actor=None, person=person, role="administrator", now=now)
    sign_in.send_link(kind="invitation", person=person, actor=None, now=now)
    db.session.commit()
    click.echo(f"{email} will receive an invitation.")


@click.command("grant")
@click.argument("email")
@click.argument("role", type=click.Choice(ROLES))
def grant(email: str, role: str) -> None:
    """Grant a role or an office at once."""
    person = people_queries.person_by_email(email)
    if person is None:
        raise click.ClickException(f"Nobody has the address {email}.")
    people.grant_role(actor=None, person=person, role=role, now=clock.now())
    db.session.commit()


@click.command("first-run-link")
def first_run_link() -> None:
    """Print the address that creates the association and its first administrator on an empty platform."""
    if the_association() is None:
        click.echo(_first_run_address())


def _first_run_address() -> str:
    return f"{_settings().public_url}/premiere-installation?code={first_run_code(_settings().secret_key)}"


@click.command("seal-certificate")
def seal_certificate() -> None:
    """Print the certificate by which anyone verifies the association's seal on a PDF. There is no secret in it."""
    name = founded.name if (founded := the_association()) else "Prisme"
    click.echo(seal.certificate(_settings().instance_dir, name=name, now=clock.now()).decode(), nl=False)


# --- mails -----------------------------------------------------------------------------------------------------------


@mail.command("due")
def mail_due() -> None:
    """Say what waits. Sends nothing."""
    health = outbox_queries.health(clock.now())
    click.echo(f"waiting {health.waiting}, failed {health.failed}, sent in the last day {health.sent_last_day}")


@mail.command("plan")
def mail_plan() -> None:
    """Put the reminders that are due in the outbox."""
    click.echo(f"{reminders.plan(now=clock.now())} new")
    db.session.commit()


@mail.command("deliver")
def mail_deliver() -> None:
    """Send what is due, as the worker would."""
    click.echo(f"{deliver(current_app.extensions['post'])} handled")


@mail.command("retry")
def mail_retry() -> None:
    """Give every mail that failed for good five new attempts."""
    failed = outbox_queries.mails_page(only_failed=True, before=None, limit=10_000)
    for failure in failed:
        outbox.retry(mail_id=failure.id, now=clock.now())
    db.session.commit()
    click.echo(f"{len(failed)} put back")


# --- what is kept, and what is gone ----------------------------------------------------------------------------------


@cases.command("purge")
def purge_cases() -> None:
    """Destroy the keys of the situations whose time is over, as the worker does each night."""
    now, gone = clock.now(), 0
    for case_id in kept.due_for_purge(now):
        try:
            gone += retention.purge_if_due(case_id=case_id, now=now)
            db.session.commit()
        except Exception as error:  # one that cannot be destroyed does not keep the others
            db.session.rollback()
            click.echo(f"{case_id} could not be purged: {type(error).__name__}", err=True)
    click.echo(f"{gone} purged")


@cases.command("proofs")
def prove_purges() -> None:
    """Verify that nothing purged, situation or referral, has a key, and that the record holds each purge as kept."""
    trouble = kept.first_unproven() or referrals.first_unproven()
    if trouble is not None:
        raise click.ClickException(f"A purge is not proven: {trouble}.")
    click.echo("Every purge is proven.")


# --- answers to the texts --------------------------------------------------------------------------------------------

TOLD = 200  # faults; how many more there are is said too


@answers.command("check")
def check_answers() -> None:
    """Compute every hash again, and name each answer that was altered, removed, put in, moved or rewritten."""
    _refuse_faults()
    click.echo("Every answer is as it was given, and none is missing.")


def _refuse_faults() -> None:
    faults = [str(fault) for fault in chain.found()]
    if not faults:
        return
    more = [f"and {len(faults) - TOLD} more"] if len(faults) > TOLD else []
    raise click.ClickException("\n".join(["The answers were tampered with:", *faults[:TOLD], *more]))


# --- the database ----------------------------------------------------------------------------------------------------


@click.command("backup")
@click.argument("target", type=click.Path(path_type=Path))
def make_backup(target: Path) -> None:
    """Write a backup of the database to a new file or into a folder. The keys are not in it."""
    try:
        click.echo(f"{backup.backup(_settings(), target)}\n{backup.KEYS_APART}")
    except backup.BackupRefused as error:
        raise click.ClickException(str(error)) from error


@click.command("restore")
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace what the database holds.")
def restore(source: Path, force: bool) -> None:
    """Put a backup back, whole or not at all."""
    db.session.remove()
    for engine in db.engines.values():
        engine.dispose()
    try:
        backup.restore(_settings(), source, force=force)
    except backup.BackupRefused as error:
        raise click.ClickException(str(error)) from error


@click.command("check")
def check() -> None:
    """Verify the master key, the chain of the audit record, that of the answers, and the proofs of purges."""
    try:
        master_keys.verify(current_app.extensions["keyring"], clock.now())
    except Exception as error:
        raise click.ClickException(str(error)) from error
    broken = audit.first_broken_entry()
    if broken is not None:
        raise click.ClickException(f"The record was altered: entry {broken} does not follow from the one before.")
    _refuse_faults()
    trouble = kept.first_unproven() or referrals.first_unproven()
    if trouble is not None:
        raise click.ClickException(f"A purge is not proven: {trouble}.")
    click.echo("The master key is right, the record and the answers are whole and every purge is proven.")
