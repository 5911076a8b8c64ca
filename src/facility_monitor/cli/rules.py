"""``rules``: the rules as a YAML file, out of the database and back into it."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from facility_monitor import settings
from facility_monitor.api.alarm import rule_exchange
from facility_monitor.errors import InvalidInput, NotFound
from facility_monitor.store.database import Database
from facility_monitor.store.people import accounts
from facility_monitor.yaml_text import read


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("rules", help="export, import and check rules as YAML; see docs/rules.md")
    verbs = command.add_subparsers(dest="verb", metavar="VERB", required=True)
    out = verbs.add_parser("export", help="write all rules; to the screen where no file is named")
    out.add_argument("file", type=Path, nargs="?")
    out.set_defaults(run=export)
    into = verbs.add_parser("import", help="add the rules of a file, and change those that stand otherwise")
    into.add_argument("file", type=Path)
    into.add_argument("--author", required=True, metavar="USERNAME", help="whose change it is")
    into.add_argument("--reason", help="why; goes before the reasons in the file")
    into.set_defaults(run=import_file)
    check = verbs.add_parser("check", help="say what is wrong with a file; needs no database")
    check.add_argument("file", type=Path)
    check.set_defaults(run=check_file)


def export(options: argparse.Namespace) -> int:
    """Raises InvalidInput."""
    with Database(settings.load().database_url, pool=1).transaction() as tx:
        text = rule_exchange.exported(tx)
    if options.file is None:
        print(text, end="")
        return 0
    try:
        options.file.write_text(text, "utf-8")
    except OSError as error:
        raise InvalidInput({str(options.file): error.strerror or "cannot be written"}) from None
    return 0


def import_file(options: argparse.Namespace) -> int:
    """Raises InvalidInput, NotFound; then nothing is changed."""
    text, now = read(options.file), datetime.now(UTC)
    with Database(settings.load().database_url, pool=1).transaction() as tx:
        author = accounts.by_username(tx, options.author, now)
        if author is None:
            raise NotFound(f"user {options.author}")
        said = rule_exchange.imported(tx, text, author.person, options.reason, now)
    for code, became in said.items():
        print(f"{code}: {became}")
    return 0


def check_file(options: argparse.Namespace) -> int:
    """Raises InvalidInput."""
    count = rule_exchange.checked(read(options.file))
    print(f"{options.file}: {count} {'rule' if count == 1 else 'rules'}, in order")
    return 0
