"""A server process that belongs to a folder and is shared by everyone who uses that folder.

The first user starts it, the last one stops it, whichever program they are in. A user who is killed leaves no lock
behind; a server whose users are all gone is recognised by its recorded pid, start time and command line, and is ended
before a new one is started.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO, Self

import psutil

from facility_monitor.demo.account import Account
from facility_monitor.errors import Unavailable

_LOG_BYTES = 5_000_000


class SharedProcess(ABC):
    """Context manager: inside it the server answers. Raises Unavailable where it cannot be brought to.

    While it is open SIGTERM ends this program by SystemExit, unless the program handles SIGTERM itself, so that the
    server is stopped then too.
    """

    stop_signals: tuple[tuple[signal.Signals, float], ...] = ((signal.SIGTERM, 15.0), (signal.SIGKILL, 5.0))
    """How the server is told to stop: signals in their order, and the seconds that it has to follow each."""

    def __init__(self, folder: Path, account: Account | None) -> None:
        self.folder = folder.absolute()
        self.account = account
        self._exit = ExitStack()
        self._started: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def launch(self) -> None:
        """Start the server by calling spawn, and return when it answers. No other user is there at this time."""

    @abstractmethod
    def facts(self) -> Mapping[str, str]:
        """What other users need to reach the server that launch started."""

    @abstractmethod
    def join(self, facts: Mapping[str, str]) -> None:
        """Take over the facts of a server that another user started."""

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            self._make_folder()
            undo.enter_context(_exit_on_sigterm())
            users = undo.enter_context(self._open_lock("users.lock"))
            with self._alone_in("start.lock"):
                if _try_lock(users):
                    self._end_recorded()
                    undo.callback(self._leave, users)
                    self.launch()
                else:
                    undo.callback(self._leave, users)
                    process, facts = self._recorded()
                    if process is None:
                        raise Unavailable(f"the server of {self.folder} died while another program uses it")
                    self.join(facts)
                fcntl.flock(users, fcntl.LOCK_SH)
            self._exit = undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exit.close()

    def spawn(self, command: list[str]) -> None:
        """Start ``command``, which must contain the folder's path, away from the terminal's Ctrl-C; record its pid."""
        user = None if self.account is None else self.account.uid
        group = None if self.account is None else self.account.gid
        with self.log() as log:
            self._started = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=environment(),
                start_new_session=True,
                user=user,
                group=group,
                extra_groups=None if user is None else [],
                umask=0o077,
            )
        self._record(self._started.pid, {})

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> bool:
        """Whether ``ready()`` came true in time and before the server ended by itself; then its facts are recorded."""
        if self._started is None:
            raise RuntimeError("launch waits before it spawned")
        deadline = time.monotonic() + seconds
        while self._started.poll() is None and time.monotonic() < deadline:
            if ready():
                self._record(self._started.pid, self.facts())
                return True
            time.sleep(0.02)
        return False

    def pids(self) -> list[int]:
        """The server's process and its children, while it runs."""
        process, _ = self._recorded()
        return [] if process is None else [process.pid, *(child.pid for child in process.children(recursive=True))]

    def kill(self) -> None:
        """End the server and its children as a crash would; launch starts it again."""
        process, _ = self._recorded()
        if process is not None:
            family = [process, *process.children(recursive=True)]
            for each in family:
                with suppress(psutil.NoSuchProcess):
                    each.kill()
            psutil.wait_procs(family, timeout=10)
        if self._started is not None:
            self._started.wait()

    def end(self) -> None:
        """Stop the recorded server, if there is one and it is ours."""
        self._end_recorded()

    def end_unused(self) -> bool:
        """Stop a server whose users were all killed. False where the folder has users."""
        if not self.folder.exists():
            return True
        with self._alone_in("start.lock"), self._open_lock("users.lock") as users:
            if not _try_lock(users):
                return False
            self._end_recorded()
            return True

    def log(self) -> IO[bytes]:
        """The server's log, open for appending."""
        path = self.log_path
        if path.exists() and path.stat().st_size > _LOG_BYTES:
            path.replace(path.with_suffix(".old.log"))
        return path.open("ab")

    @property
    def log_path(self) -> Path:
        """Where the server's own words are kept."""
        return self.folder / "server.log"

    def last_words(self) -> str:
        """The last lines of the log, for an error message."""
        lines = self.log_path.read_text(errors="replace").splitlines() if self.log_path.exists() else []
        return " | ".join(lines[-3:])

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if self.account is not None:
                self.account.open_way_to(self.folder)
            (self.folder / "start.lock").touch()
        except OSError as error:
            raise Unavailable(f"cannot use {self.folder}: {error.strerror}") from error

    def _open_lock(self, name: str) -> IO[str]:
        try:
            return (self.folder / name).open("a")
        except OSError as error:
            raise Unavailable(f"cannot use {self.folder}: {error.strerror}") from error

    @contextmanager
    def _alone_in(self, name: str) -> Iterator[None]:
        with self._open_lock(name) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _leave(self, users: IO[str]) -> None:
        with self._alone_in("start.lock"):
            if _try_lock(users):
                self._end_recorded()
            elif self._started is not None:
                # Others still use it and the last of them ends it: nobody must wait for it here.
                self._started.returncode = 0
                self._started = None
            fcntl.flock(users, fcntl.LOCK_UN)

    @property
    def _record_path(self) -> Path:
        return self.folder / "process.json"

    def _record(self, pid: int, facts: Mapping[str, str]) -> None:
        try:
            began = psutil.Process(pid).create_time()
        except psutil.NoSuchProcess:
            return
        written = self._record_path.with_suffix(".new")
        written.unlink(missing_ok=True)
        written.touch(mode=0o600)  # the facts may hold passwords
        written.write_text(json.dumps({"pid": pid, "began": began, "facts": dict(facts)}))
        written.replace(self._record_path)

    def _recorded(self) -> tuple[psutil.Process | None, dict[str, str]]:
        """The recorded process, if it still is the one that was recorded, and its facts."""
        try:
            record = json.loads(self._record_path.read_text())
            pid, began, facts = int(record["pid"]), float(record["began"]), dict(record["facts"])
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None, {}
        try:
            process = psutil.Process(pid)
            ours = (
                abs(process.create_time() - began) < 2.0
                and process.status() != psutil.STATUS_ZOMBIE
                and any(str(self.folder) in word for word in process.cmdline())
            )
        except psutil.Error:
            return None, facts
        return (process if ours else None), facts

    def _end_recorded(self) -> None:
        # A child of this program is known without its record, and must be waited for lest it stays as a zombie.
        process = self._started or self._recorded()[0]
        if process is not None:
            for number, seconds in self.stop_signals:
                try:
                    process.send_signal(number)
                    process.wait(seconds)
                    break
                except psutil.NoSuchProcess:
                    break
                except (psutil.TimeoutExpired, subprocess.TimeoutExpired):
                    continue
                except psutil.AccessDenied:
                    raise Unavailable(f"{self.folder} is used by process {process.pid} of another user") from None
        self._started = None
        self._record_path.unlink(missing_ok=True)


def environment() -> dict[str, str]:
    """The environment of a server: nothing of ours but what finds programs and libraries."""
    kept = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"LC_ALL": "C", "TZ": "UTC"}


def _try_lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _exit_on_sigterm() -> Iterator[None]:
    """Let SIGTERM unwind the stack, where nobody else has a say in it."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield
        return

    def leave(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGTERM) is leave:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
