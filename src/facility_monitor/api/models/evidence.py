"""Photos and other files as evidence."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from facility_monitor.api.models.fields import Input, Latitude, Longitude, Output, PathId, Sha256, Time
from facility_monitor.api.models.shared import Named
from facility_monitor.domain.fire.evidence import Doubt as Reason
from facility_monitor.domain.fire.evidence import Source


def _plain_name(name: str) -> str:
    if set(name) & set("/\\:") or any(ord(letter) < 32 or ord(letter) == 127 for letter in name) or name in (".", ".."):
        raise ValueError("must be a file's name without a path or control characters")
    return name


FileName = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_plain_name)]


class FileContext(Input):
    """What is told of a file when it is sent: as fields of the form, or in the query."""

    equipment_id: PathId | None = Field(None, description="what it is of; this or the site")
    site_id: PathId | None = None
    device_at: Time | None = Field(None, description="when the device says that a photo was taken, or a file chosen")
    file_name: FileName | None = None

    @model_validator(mode="after")
    def _of_something(self) -> Self:
        if self.equipment_id is None and self.site_id is None:
            raise ValueError("say of which equipment_id or site_id it is")
        return self


class PhotoContext(FileContext):
    latitude: Latitude | None = Field(None, description="where the device says that it was, WGS 84")
    longitude: Longitude | None = None
    source: Source = Field(Source.UNKNOWN, description="where the device had it from")

    @model_validator(mode="after")
    def _placed(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("latitude and longitude go together")
        return self


class PhotoRef(Input):
    """A photo that was sent before."""

    sha256: Sha256 = Field(description="as POST /photos has answered it")
    purpose: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,32}$")] = Field(
        description="what it shows: `before`, `after`, ..."
    )


class FileRef(Input):
    """A file that is no photo and was sent before."""

    sha256: Sha256 = Field(description="as POST /files has answered it")
    purpose: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,32}$")] = Field(
        "document", description="what it is: `certificate`, `log`, ..."
    )


FileRefs = Annotated[list[FileRef], Field(max_length=20, description="sent to POST /files before")]


class Doubt(Output):
    """Something that speaks against a photo. It refuses nothing."""

    doubt: Reason = Field(
        description="`gallery`: not taken just now; `time_gap`: clocks apart, or not of that time; `far`: not of this "
        "place; `reused`: the same bytes are evidence of another record; `alike`: it shows what the photo of another "
        "record shows"
    )
    measured: float | None
    limit: float | None
    unit: str


class GeoPoint(Output):
    latitude: float
    longitude: float


class PhotoUpload(Output):
    id: int
    site_id: int
    equipment_id: int | None
    taken_at: datetime | None = Field(description="by the camera, in the site's time zone where it named none")
    device_at: datetime | None
    received_at: datetime
    source: Source
    place: GeoPoint | None
    file_name: str | None
    uploaded_by: Named | None = Field(description="null: a resident")
    doubts: list[Doubt]


class UsedPhoto(Output):
    """A photo of a record."""

    sha256: str
    purpose: str
    used_at: datetime
    used_by: Named | None = Field(description="null: a resident")
    taken_at: datetime | None
    device_at: datetime | None
    received_at: datetime
    doubts: list[Doubt]


class RecordFile(Output):
    """A file of a record; its bytes are at ``/files/{sha256}``."""

    sha256: str
    purpose: str
    name: str | None = Field(description="as whoever sent it called it")
    media_type: str
    size_bytes: int
    received_at: datetime


class UsedFile(RecordFile):
    used_at: datetime
    used_by: Named | None


class FileUse(Output):
    record_kind: str
    record_id: int
    purpose: str
    used_at: datetime
    used_by: Named | None


class FileUpload(Output):
    id: int
    site_id: int
    equipment_id: int | None
    received_at: datetime
    file_name: str | None
    uploaded_by: Named | None


class File(Output):
    """The bytes are at ``/files/{sha256}``."""

    sha256: str
    size_bytes: int
    media_type: str
    stored_at: datetime
    uploads: list[FileUpload]
    uses: list[FileUse]


class PhotoUse(UsedPhoto):
    record_kind: str
    record_id: int


class Photo(Output):
    """The bytes are at ``/photos/{sha256}``, a small JPEG of them at ``/photos/{sha256}/preview``."""

    sha256: str
    size_bytes: int
    media_type: str
    width: int
    height: int
    exif_local: str | None = Field(description="the camera's clock as it stands in the picture, without a zone")
    exif_place: GeoPoint | None
    stored_at: datetime
    uploads: list[PhotoUpload]
    uses: list[PhotoUse]
