"""The web app: its build, served with what a browser needs to keep it safe and fresh."""

from __future__ import annotations

import mimetypes
from pathlib import Path, PurePosixPath

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.exceptions import HTTPException

DIST = Path(__file__).parents[1] / "web" / "dist"

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; media-src 'self' blob:; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_NEVER_CHANGES = "public, max-age=31536000, immutable"
_ASK_FIRST = "no-cache"
_ABSENT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>facility_monitor</title>
<p>The web app is not built. Run <code>make web</code>, then reload. The API is at <a href="/docs">/docs</a>.</p>
"""

mimetypes.add_type("application/manifest+json", ".webmanifest")
mimetypes.add_type("text/javascript", ".js")

router = APIRouter(include_in_schema=False)


@router.api_route("/{path:path}", methods=["GET", "HEAD"])
def serve_app(path: str, request: Request) -> Response:
    """A file of the build, or its page for the addresses that the app makes up itself."""
    dist: Path = request.app.state.web
    if path == "api" or path.startswith("api/"):
        raise HTTPException(404)
    headers = {"Content-Security-Policy": PAGE_POLICY, "Cache-Control": _ASK_FIRST}
    found = _file(dist, path)
    if found is not None:
        # Only what bears its content's hash in its name may be kept without asking.
        if PurePosixPath(path).parts[0] == "assets":
            headers["Cache-Control"] = _NEVER_CHANGES
        return FileResponse(found, headers=headers)
    if PurePosixPath(path).suffix:
        raise HTTPException(404)
    index = dist / "index.html"
    if not index.is_file():
        return HTMLResponse(_ABSENT, 503, headers)
    return FileResponse(index, headers=headers)


def _file(dist: Path, path: str) -> Path | None:
    """The file of the build under ``path``, never one outside of it."""
    if not path or "\0" in path:
        return None
    found = (dist / path).resolve()
    return found if found.is_relative_to(dist.resolve()) and found.is_file() else None
