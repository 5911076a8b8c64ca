"""A network that can be cut: a TCP proxy on the loopback address whose links stall, are reset, or go dead."""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

CHUNK = 262_144
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Proxy:
    """Passes on what comes to ``port`` of 127.0.0.1; ``upstream`` opens the connection to the real server.

    A context manager with a thread of its own. The methods may be called from any thread.
    """

    def __init__(self, upstream: Callable[[], socket.socket]) -> None:
        self._upstream = upstream
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._links: list[tuple[socket.socket, socket.socket]] = []
        self._flowing = threading.Event()
        self._flowing.set()
        self._refusing = False
        self._dead: set[socket.socket] = set()
        self._ending = False
        self._thread = threading.Thread(target=self._accept, name="proxy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending = True
        self.flow()
        self.reset()
        # wakes the thread that accepts
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        self._thread.join()
        self._listener.close()

    def stall(self) -> None:
        """Nothing gets through any more, and nobody is told; it waits for ``flow``."""
        self._flowing.clear()

    def flow(self) -> None:
        """Everything gets through again, what waited first."""
        self._refusing = False
        self._flowing.set()

    def reset(self) -> None:
        """End all connections at once, by a reset on both sides."""
        with self._lock:
            for link in self._links:
                for end in link:
                    # the thread of the link sees it, and closes
                    with contextlib.suppress(OSError):
                        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
                        end.shutdown(socket.SHUT_RDWR)

    def drop(self) -> None:
        """As when a cable is pulled: connections that stand are never heard of again, new ones are refused."""
        self._refusing = True
        with self._lock:
            self._dead |= {end for link in self._links for end in link}

    def _accept(self) -> None:
        while True:
            client, _ = self._listener.accept()
            if self._ending:
                client.close()
                return
            if self._refusing:
                client.close()
                continue
            try:
                server = self._upstream()
            except OSError:
                client.close()
                continue
            with self._lock:
                self._links.append((client, server))
            threading.Thread(target=self._carry, args=(client, server), name="link", daemon=True).start()

    def _carry(self, client: socket.socket, server: socket.socket) -> None:
        other = {client: server, server: client}
        with selectors.DefaultSelector() as selector, client, server:
            for each in other:
                selector.register(each, selectors.EVENT_READ, each)
            with contextlib.suppress(OSError):
                while selector.get_map():
                    for key, _ in selector.select():
                        end: socket.socket = key.data
                        self._flowing.wait()
                        data = end.recv(CHUNK)
                        if end in self._dead:
                            if not data:
                                selector.unregister(end)
                            continue
                        if not data:
                            return
                        try:
                            other[end].sendall(data)
                        except OSError:
                            # who has gone may have said something before, which a network carries all the same
                            selector.unregister(end)
