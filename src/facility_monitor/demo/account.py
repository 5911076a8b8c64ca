"""The account that the embedded servers run under where we are root: PostgreSQL refuses to run as root."""

from __future__ import annotations

import logging
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from facility_monitor.errors import Unavailable

_NAME = "pgserver"  # the name that the wheel of PostgreSQL uses for this, so that there is one such account, not two

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Account:
    """An unprivileged account of the system."""

    name: str
    uid: int
    gid: int

    def own(self, path: Path) -> None:
        """Give this file or folder to the account."""
        os.chown(path, self.uid, self.gid)

    def open_way_to(self, path: Path) -> None:
        """Let the account pass through the folders above ``path`` and into it (x for others, nothing more)."""
        for folder in (path, *path.parents):
            status = folder.stat()
            if status.st_uid != self.uid and not status.st_mode & stat.S_IXOTH:
                log.info("letting account %s pass through %s (chmod o+x)", self.name, folder)
                folder.chmod(stat.S_IMODE(status.st_mode) | stat.S_IXOTH)

    def open_all_below(self, path: Path) -> None:
        """Let the account read everything below ``path``, which holds programs and nothing private."""
        for each in (path, *path.rglob("*")):
            mode = stat.S_IMODE(each.stat().st_mode)
            each.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))


def server_account() -> Account | None:
    """The account for servers, made where it is missing; None where we are not root and need no other.

    Raises Unavailable where it cannot be made.
    """
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(_NAME)
    except KeyError:
        useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        if useradd is None:
            raise Unavailable(
                f"PostgreSQL does not run as root: add a user named {_NAME}, or start this as an ordinary user"
            ) from None
        made = subprocess.run(
            [useradd, "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", _NAME],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode != 0:
            raise Unavailable(f"cannot add the user {_NAME} for PostgreSQL: {made.stderr.strip()}") from None
        log.info("added the system user %s for PostgreSQL, which does not run as root", _NAME)
        entry = pwd.getpwnam(_NAME)
    return Account(_NAME, entry.pw_uid, entry.pw_gid)
