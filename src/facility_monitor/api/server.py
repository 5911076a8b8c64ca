"""The HTTP server of the API."""

from __future__ import annotations

import gc
import socket

import uvicorn
from fastapi import FastAPI

from facility_monitor.api.parts import Parts

SELDOM = 2_000, 20
"""Thresholds of the collector's two young generations (`gc.set_threshold`). A request's statements, some
1,400 objects in cycles, are mostly gone before it looks, and few get into the old one, whose walk stops everybody."""


class Server(uvicorn.Server):
    """uvicorn with the settings that the API needs. It waits for open requests when it stops, so event streams,
    which never end by themselves, are told to first."""

    def __init__(self, app: FastAPI, host: str, port: int) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                log_config=None,
                access_log=False,
                server_header=False,
                lifespan="on",
                ws="none",
                timeout_keep_alive=20,
                timeout_graceful_shutdown=5,
            )
        )
        self._app = app

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # What the app is made of stays: to walk through it would stop every request that comes just then for 0.2 s.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*SELDOM)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        parts: Parts = self._app.state.parts
        parts.feed.end()
        await super().shutdown(sockets)
