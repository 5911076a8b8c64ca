"""The world's API over a real socket."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from facility_monitor.api.server import Server
from tests.api.world import World


@dataclass
class Served:
    """The API on a port of the loopback address."""

    world: World
    server: Server
    thread: threading.Thread
    url: str

    def stop(self) -> float:
        """Ask the server to stop; returns the seconds that it took."""
        began = time.monotonic()
        self.server.should_exit = True
        self.thread.join(10)
        assert not self.thread.is_alive()
        return time.monotonic() - began


@contextmanager
def serve(world: World) -> Iterator[Served]:
    """Until the end, or until it is stopped."""
    server = Server(world.app, "127.0.0.1", 0)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    end = time.monotonic() + 10
    while not server.started:
        assert time.monotonic() < end, "the server did not start in time"
        time.sleep(0.01)
    one = Served(world, server, thread, f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}")
    yield one
    if thread.is_alive():
        one.stop()
