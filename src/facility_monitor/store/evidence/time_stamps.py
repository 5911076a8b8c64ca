"""Time stamps of checkpoints by a third party (RFC 3161): asked for when there is a network, never waited for."""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime

import httpx
from rfc3161_client import HashAlgorithm, PKIStatus, TimestampRequestBuilder, decode_timestamp_response

from facility_monitor.store.evidence.checkpoints import BadCheckpoint, Checkpoints

log = logging.getLogger(__name__)

TIMEOUT_S = 15.0
LARGEST = 100_000
"""Bytes of an answer."""


def fetch_missing(checkpoints: Checkpoints, url: str) -> int:
    """Ask the authority at ``url`` to stamp each checkpoint without one, the oldest first; returns how many it did.

    Stops, and logs why, at the first that it does not: the others would fare no better now.
    """
    done = 0
    with httpx.Client(timeout=TIMEOUT_S) as client:
        for name, data, stamp in checkpoints.files():
            if stamp is not None:
                continue
            try:
                try:
                    token = _stamp(client, url, data, certificates=True)
                except BadCheckpoint:
                    # a chain that is not in the order of DER, as `openssl ts -reply` sends it, is not read by the
                    # library: an answer without certificates is
                    token = _stamp(client, url, data, certificates=False)
            except (httpx.HTTPError, BadCheckpoint) as error:
                log.warning("no time stamp for %s from %s yet: %s", name, url, error)
                return done
            checkpoints.add_stamp(name, token)
            done += 1
    return done


def _stamp(client: httpx.Client, url: str, data: bytes, *, certificates: bool) -> bytes:
    """A stamp of ``data``, with the authority's ``certificates`` or without. Raises HTTPError, BadCheckpoint."""
    asked = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256)
    asked = asked.cert_request(cert_request=certificates)
    headers = {"Content-Type": "application/timestamp-query"}
    answer = client.post(url, content=asked.build().as_bytes(), headers=headers)
    answer.raise_for_status()
    token = answer.content[:LARGEST]
    stamped_at(token, data)
    return token


def stamped_at(token: bytes, data: bytes) -> datetime:
    """When the authority has seen ``data``. Raises BadCheckpoint where the stamp is none, or one of something else.

    Whom the authority's certificate is from is not asked here: ``openssl ts -verify`` does so.
    """
    try:
        answer = decode_timestamp_response(token)
        granted = PKIStatus(answer.status) is PKIStatus.GRANTED
        imprint, at = bytes(answer.tst_info.message_imprint.message), answer.tst_info.gen_time
    except ValueError as error:
        raise BadCheckpoint(f"is no time stamp: {error}") from None
    if not granted:
        raise BadCheckpoint("the time stamp was not granted")
    if imprint not in (hashlib.sha256(data).digest(), hashlib.sha512(data).digest()):
        raise BadCheckpoint("the time stamp is that of another file")
    return at
