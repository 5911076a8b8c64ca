"""Labels by which residents report what is wrong."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from facility_monitor.api.models.fields import Id, Input, Output, Text, Words, example


class ReportPlace(Output):
    id: int
    site_id: int
    equipment_id: int = Field(description="what the tickets of its reports are about, since residents name none")
    name: Text
    created_at: datetime
    revoked_at: datetime | None
    url: str | None = Field(description="what its QR code opens, without a log-in; null once it is revoked")


class NewReportPlace(Input):
    model_config = example(equipment_id=1, name={"zh-CN": "7 号楼大堂", "en": "Building 7, lobby"})
    equipment_id: Id = Field(description="what its reports are about: a lift, or a site's grounds for all else")
    name: Words
