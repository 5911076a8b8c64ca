"""Settings: from the environment (``FM_*``) and ``.env``; nothing else configures the service."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from facility_monitor.errors import BadSettings


def _database_url(url: str) -> str:
    if urlsplit(url).scheme not in ("postgresql", "postgres"):
        raise ValueError("must be postgresql://[user[:password]@]host[:port]/database")
    return url


def _mqtt_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
        raise ValueError("must be mqtt://[user:password@]host[:port], or mqtts:// for TLS")
    _ = parts.port  # raises ValueError where it is no port number
    return url


def _address(address: str) -> str:
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError("must be host:port, for example 127.0.0.1:8000")
    return address


def _slots(text: str) -> str:
    if text != "all" and not all(part.strip().isdigit() and int(part) < 32 for part in text.split(",")):
        raise ValueError("must be all, or numbers from 0 to 31 with commas between")
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("must be an IANA time zone, for example Asia/Shanghai") from None
    return name


class Settings(BaseSettings):
    """Every setting of the service. The description of a field is its documentation."""

    model_config = SettingsConfigDict(env_prefix="FM_", env_file=".env", extra="ignore", frozen=True)

    database_url: Annotated[str, AfterValidator(_database_url)] = Field(
        "postgresql://localhost/facility_monitor", description="PostgreSQL 15 or newer, TimescaleDB if it has it"
    )
    mqtt_url: Annotated[str, AfterValidator(_mqtt_url)] = Field(
        "mqtt://127.0.0.1:1883", description="the broker, with the service's own account"
    )
    data_dir: Path = Field(Path("var"), description="files of the service and of the embedded servers")
    http: Annotated[str, AfterValidator(_address)] = Field("127.0.0.1:8000", description="where the API listens")
    public_url: str | None = Field(None, description="how phones reach the service; stands in links of notices")
    push_loopback: bool = Field(False, description="let Web Push go to this machine without TLS, for trials")
    timezone: Annotated[str, AfterValidator(_zone)] = Field(
        "Asia/Shanghai", description="default zone of new sites (IANA name)"
    )
    locale: Literal["zh-CN", "en"] = Field("zh-CN", description="language of notices to nobody in particular")
    batch: int = Field(1000, ge=1, le=10_000, description="messages in one transaction at most")
    gather_ms: int = Field(
        10, ge=0, le=1000, description="shortest time between two batches, backlog apart, milliseconds"
    )
    slots: Annotated[str, AfterValidator(_slots)] = Field(
        "all", description="which ingest slots this process serves or stands by for: all, or numbers such as 0,2"
    )
    session_hours: int = Field(12, ge=1, le=24 * 30, description="how long a log-in lasts, hours")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="what is logged")
    checkpoint_dir: Path | None = Field(
        None,
        description="where the ledger's signed checkpoints are written, best on another disk; none: below the data",
    )
    timestamp_url: str | None = Field(None, description="a time-stamp authority (RFC 3161) for the checkpoints")

    archive_key_file: Path | None = Field(
        None, description="the key of the ledger's archive, 64 hexadecimal digits; none: made below the data"
    )

    @property
    def archive(self) -> tuple[Path, Path]:
        """The folder of the archives, and the file of their key."""
        return self.data_dir / "archive", self.archive_key_file or self.data_dir / "archive-key"

    @property
    def checkpoints(self) -> Path:
        """The folder of the checkpoints."""
        return self.checkpoint_dir or self.data_dir / "checkpoints"

    @property
    def signing_key(self) -> Path:
        """The file of the service's own key."""
        return self.data_dir / "signing-key.pem"

    @property
    def evidence_dir(self) -> Path:
        """Where photos are kept."""
        return self.data_dir / "evidence"

    def chosen_slots(self) -> frozenset[int] | None:
        """The slots of ``FM_SLOTS``; None for all."""
        return None if self.slots == "all" else frozenset(map(int, self.slots.split(",")))

    def masked(self) -> dict[str, str]:
        """All settings as ``{FM_NAME: text}``, passwords replaced by ``***``: safe to print and to log."""
        shown = {f"FM_{name.upper()}": str(value) for name, value in self.model_dump().items()}
        for name in ("FM_DATABASE_URL", "FM_MQTT_URL"):
            shown[name] = masked_url(shown[name])
        return shown


def masked_url(url: str) -> str:
    """``url`` with its password, also one given as a query parameter, replaced by ``***``."""
    parts = urlsplit(url)
    query = "&".join(
        f"{pair.partition('=')[0]}=***" if pair.lower().startswith(("password=", "sslpassword=")) else pair
        for pair in parts.query.split("&")
    )
    netloc = parts.netloc
    if parts.password is not None:
        account, _, host = netloc.rpartition("@")
        netloc = f"{account.partition(':')[0]}:***@{host}"
    return urlunsplit(parts._replace(netloc=netloc, query=query))


def load(**overrides: object) -> Settings:
    """Read the settings. Raises BadSettings whose one-line text names each wrong variable, never its secret."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        wrong = [f"FM_{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors(include_input=False)]
        raise BadSettings("; ".join(wrong)) from None
