"""Accounts of the broker: lines of Mosquitto's password file.

Run as ``python -m facility_monitor.ingest.broker_accounts FILE VARIABLE...`` it gives each account of the MQTT URLs in
those environment variables its password in FILE (docker-compose.yml does so before the broker starts); a variable
that is empty or not set is passed over.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
import secrets
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

from facility_monitor.errors import InvalidInput

SERVICE = "facility-monitor"
SIMULATORS = "simulators"

_USER = re.compile(r"[a-z0-9-]{1,64}")
# Generated passwords cannot be guessed, whatever the count; and a broker of one thread must let thousands of devices
# back in after a restart, at about 1 ms each.
_ITERATIONS = 1_000
_SALT_BYTES = 12


def new_password() -> str:
    """A password of 160 random bits, safe in a URL as it stands."""
    return secrets.token_urlsafe(20)


def password_line(user: str, password: str) -> str:
    """The line, without its end, that lets ``user`` in: ``user:$7$iterations$salt$hash``, PBKDF2 with SHA-512.

    Raises InvalidInput where the user name is not [a-z0-9-]{1,64} or the password is empty.
    """
    if not _USER.fullmatch(user):
        raise InvalidInput({"user": "must be 1 to 64 of a-z, 0-9 and -"})
    if not password:
        raise InvalidInput({"password": "must not be empty"})
    salt = secrets.token_bytes(_SALT_BYTES)
    digest = _digest(password, salt, _ITERATIONS)
    return f"{user}:$7${_ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def password_fits(line: str, user: str, password: str) -> bool:
    """Whether a line of the password file is this user's and has this password; a damaged line fits nobody."""
    name, _, rest = line.partition(":")
    if name != user:
        return False
    try:
        empty, kind, iterations, salt, expected = rest.split("$")
        digest = _digest(password, base64.b64decode(salt, validate=True), int(iterations))
        return (empty, kind) == ("", "7") and hmac.compare_digest(digest, base64.b64decode(expected, validate=True))
    except (ValueError, binascii.Error):
        return False


def file_lets_in(file: Path, user: str, password: str) -> bool:
    """Whether the password file has this account with this password. Raises OSError."""
    return any(password_fits(line, user, password) for line in file.read_text().splitlines())


def _digest(password: str, salt: bytes, iterations: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha512", password.encode(), salt, iterations)


def set_password(file: Path, user: str, password: str) -> None:
    """Give ``user`` this password in the password file, made with mode 0600 where there is none.

    The others' lines, the file's owner and its mode stay. The broker reads the file again at SIGHUP.
    Raises InvalidInput like password_line, and OSError.
    """
    line = password_line(user, password)
    kept = [old for old in file.read_text().splitlines() if old.partition(":")[0] != user] if file.exists() else []
    written = file.with_name(f"{file.name}.new")
    written.unlink(missing_ok=True)
    written.touch(mode=0o600)
    written.write_text("".join(f"{each}\n" for each in [*kept, line]))
    if file.exists():
        before = file.stat()
        written.chmod(before.st_mode & 0o777)
        if before.st_uid != written.stat().st_uid:
            os.chown(written, before.st_uid, before.st_gid)
    written.replace(file)


def main(arguments: list[str]) -> int:
    """Exit code 0, or 2 and one line on stderr."""
    if len(arguments) < 2:
        print("usage: python -m facility_monitor.ingest.broker_accounts FILE VARIABLE...", file=sys.stderr)
        return 2
    file, *variables = arguments
    for variable in variables:
        if not os.environ.get(variable):
            continue
        parts = urlsplit(os.environ[variable])
        try:
            set_password(Path(file), unquote(parts.username or ""), unquote(parts.password or ""))
        except (InvalidInput, OSError) as error:
            print(f"{variable}: {error}", file=sys.stderr)
            return 2
        print(f"{file}: {parts.username} has its password from {variable}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
