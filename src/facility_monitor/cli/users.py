"""``user``: the people who may sign in."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from sqlalchemy import Table, select

from facility_monitor import settings
from facility_monitor.cli import prompt
from facility_monitor.domain.person import Role
from facility_monitor.domain.text import LOCALES
from facility_monitor.errors import NotFound
from facility_monitor.flows.people import people
from facility_monitor.store.database import Database, Tx
from facility_monitor.store.tables import organisation, person, site


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("user", help="add and list people, set their passwords, end their access")
    verbs = command.add_subparsers(dest="verb", metavar="VERB", required=True)
    add = verbs.add_parser("add", help="add a person; the password is asked for, or read from a pipe")
    add.add_argument("username")
    add.add_argument("--name", required=True, help="as shown to others")
    add.add_argument("--role", required=True, choices=[role.value for role in Role])
    add.add_argument("--locale", default=None, choices=LOCALES, help="default: FM_LOCALE")
    add.add_argument("--organisation", metavar="CODE", help="a contractor's firm")
    add.add_argument("--site", metavar="CODE", action="append", default=[], help="a site to see; may be repeated")
    add.add_argument("--generate", action="store_true", help="make the password and show it")
    add.set_defaults(run=add_user)
    listing = verbs.add_parser("list", help="all people, a line each")
    listing.set_defaults(run=list_users)
    password = verbs.add_parser("password", help="set a new password; ends all sessions")
    password.add_argument("username")
    password.add_argument("--generate", action="store_true", help="make the password and show it")
    password.set_defaults(run=set_password)
    disable = verbs.add_parser("disable", help="end a person's access: sessions and keys stop at once")
    disable.add_argument("username")
    disable.set_defaults(run=disable_user)


def add_user(options: argparse.Namespace) -> int:
    """Raises InvalidInput, Conflict, NotFound."""
    chosen = settings.load()
    password, show = prompt.asked(options.generate)
    with Database(chosen.database_url, pool=1).transaction() as tx:
        firm = None if options.organisation is None else _id(tx, organisation, options.organisation)
        number = people.add_person(
            tx,
            options.username,
            options.name,
            Role(options.role),
            password,
            options.locale or chosen.locale,
            firm,
            datetime.now(UTC),
        )
        people.grant_sites(tx, number, [_id(tx, site, code) for code in options.site])
    if show:
        print(password)
    return 0


def list_users(_options: argparse.Namespace) -> int:
    """User name, role, name and whether disabled, a line each."""
    with Database(settings.load().database_url, pool=1).transaction() as tx:
        rows = tx.execute(select(person).order_by(person.c.username)).all()
    for row in rows:
        print(f"{row.username}\t{row.role}\t{row.name}{'	disabled' if row.disabled else ''}")
    return 0


def set_password(options: argparse.Namespace) -> int:
    """Raises InvalidInput, NotFound."""
    password, show = prompt.asked(options.generate)
    with Database(settings.load().database_url, pool=1).transaction() as tx:
        people.set_password(tx, _person(tx, options.username), password, datetime.now(UTC))
    if show:
        print(password)
    return 0


def disable_user(options: argparse.Namespace) -> int:
    """Raises NotFound, Conflict."""
    with Database(settings.load().database_url, pool=1).transaction() as tx:
        people.disable(tx, options.username, datetime.now(UTC))
    return 0


def _id(tx: Tx, table: Table, code: str) -> int:
    found: int | None = tx.execute(select(table.c.id).where(table.c.code == code)).scalar()
    if found is None:
        raise NotFound(f"{table.name} {code}")
    return found


def _person(tx: Tx, username: str) -> int:
    found: int | None = tx.execute(select(person.c.id).where(person.c.username == username)).scalar()
    if found is None:
        raise NotFound(f"person {username}")
    return found
