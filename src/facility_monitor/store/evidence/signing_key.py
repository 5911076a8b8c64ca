"""The service's Ed25519 key: made once, in a file that only the service reads; its public half is for everybody."""

from __future__ import annotations

import base64
import hmac
import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from facility_monitor.errors import BadSettings, InvalidInput


class SigningKey:
    """Signs. ``public`` is the raw public key as 64 hexadecimal digits, by which people compare keys."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()

    def sign(self, message: bytes) -> str:
        return self._key.sign(message).hex()

    def mac(self, purpose: str, message: bytes) -> bytes:
        """A mark of 32 bytes that only the holder of this key can make, for one ``purpose`` only."""
        secret = self._key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        of_purpose = hmac.digest(secret, purpose.encode(), "sha256")
        return hmac.digest(of_purpose, message, "sha256")

    def mark(self, purpose: str, words: str) -> str:
        """A mark of ``words`` for an address: 32 letters and digits, nothing to be escaped."""
        return base64.b32encode(self.mac(purpose, words.encode())[:20]).decode().lower()

    def public_pem(self) -> bytes:
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def kept(path: Path) -> SigningKey:
    """The key in the file ``path``, made there where there is none. Raises BadSettings."""
    try:
        if not path.exists():
            _make(path)
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise BadSettings(f"{path}: no signing key: {error}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise BadSettings(f"{path}: is no Ed25519 key")
    return SigningKey(key)


def _make(path: Path) -> None:
    """Two that make the key at once end with the same one: a link is made once only, and complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    key = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_bytes(key)
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def signed(public: str, signature: str, message: bytes) -> bool:
    """Whether ``signature`` is that of the holder of ``public`` under ``message``."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def public_of(pem: bytes) -> str:
    """The public key in a PEM file, as hexadecimal digits. Raises InvalidInput."""
    try:
        key = load_pem_public_key(pem)
    except ValueError:
        raise InvalidInput({"key": "is no public key in PEM"}) from None
    if not isinstance(key, Ed25519PublicKey):
        raise InvalidInput({"key": "is no Ed25519 key"})
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
