"""Time stamps: asked for again until they are there, and none of something else is taken."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from facility_monitor.store.evidence import signing_key
from facility_monitor.store.evidence.checkpoints import BadCheckpoint, Checkpoint, Checkpoints
from facility_monitor.store.evidence.time_stamps import fetch_missing, stamped_at


@pytest.fixture
def checkpoints(tmp_path: Path) -> Checkpoints:
    made = Checkpoints(tmp_path)
    made.add(Checkpoint(1, datetime(2026, 3, 2, tzinfo=UTC), None, {}), signing_key.kept(tmp_path / "key.pem"))
    return made


CONFIGURATION = """
[req]
distinguished_name=name
x509_extensions=use
prompt=no
[name]
CN=Test authority
[use]
extendedKeyUsage=critical,timeStamping
[authority]
serial=serial
default_policy=1.2.3.4
digests=sha256
signer_digest=sha256
"""


@contextmanager
def answering(answer: Callable[[bytes], bytes]) -> Iterator[str]:
    """An authority at a URL of its own."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("chain", [[], ["-chain", "short.pem"]], ids=["one certificate", "a chain out of order"])
def test_a_checkpoint_is_stamped_by_an_authority_once(
    checkpoints: Checkpoints, tmp_path: Path, require: Callable[[str, bool], None], chain: list[str]
) -> None:
    require("openssl", shutil.which("openssl") is not None)
    folder = tmp_path / "authority"
    folder.mkdir()
    (folder / "c.cnf").write_text(CONFIGURATION)

    def openssl(words: str, *more: str) -> None:
        subprocess.run(["openssl", *words.split(), *more], cwd=folder, check=True, capture_output=True, timeout=60)

    openssl("req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out c.pem -days 2 -config c.cnf")
    # of a shorter key: its certificate should come first, and openssl sends it last
    openssl("req -x509 -newkey ed25519 -nodes -keyout s.pem -out short.pem -days 2 -config c.cnf")

    def stamp(query: bytes) -> bytes:
        (folder / "q").write_bytes(query)
        openssl("ts -reply -queryfile q -signer c.pem -inkey k.pem -config c.cnf -section authority -out r", *chain)
        return (folder / "r").read_bytes()

    with answering(stamp) as url:
        assert fetch_missing(checkpoints, url) == 1
        assert fetch_missing(checkpoints, url) == 0
    ((_, data, token),) = checkpoints.files()
    assert token is not None
    assert abs(stamped_at(token, data) - datetime.now(UTC)) < timedelta(minutes=5)
    with pytest.raises(BadCheckpoint, match="another file"):
        stamped_at(token, data + b" ")


def test_without_a_network_nothing_is_lost_and_it_is_said(
    checkpoints: Checkpoints, caplog: pytest.LogCaptureFixture
) -> None:
    assert fetch_missing(checkpoints, "http://127.0.0.1:9/") == 0
    assert "no time stamp for checkpoint-000001.json" in caplog.text
    assert [stamp for _, _, stamp in checkpoints.files()] == [None]


def test_an_answer_that_is_no_stamp_is_not_kept(checkpoints: Checkpoints, caplog: pytest.LogCaptureFixture) -> None:
    with answering(lambda _: b"0\x03\x02\x01\x00") as url:
        assert fetch_missing(checkpoints, url) == 0
    assert "no time stamp" in caplog.text
    assert [stamp for _, _, stamp in checkpoints.files()] == [None]


def test_what_is_no_time_stamp_is_refused() -> None:
    with pytest.raises(BadCheckpoint):
        stamped_at(b"nothing", b"data")
