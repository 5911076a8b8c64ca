"""Shapes that several resources have in common."""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import BaseModel, Field

from facility_monitor.api.models.fields import Output, Text

Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """A part of a list. ``next_cursor`` asks for the next part; null at the end."""

    items: list[Item]
    next_cursor: str | None = Field(None, description="pass it as `cursor` for what follows; null at the end")


class Named(Output):
    id: int
    name: str


class SiteName(Output):
    id: int
    code: str
    name: Text


class EquipmentName(SiteName):
    kind: str


class Basis(Output):
    source: str
    grade: str
    effective_from: str | None = None


class WrongField(Output):
    field: str = Field(description="the field's path: limit.value, scopes.0, cursor, If-Match")
    message: str


class Problem(Output):
    """What went wrong (RFC 9457)."""

    type: str = Field(examples=["/docs#invalid-input"])
    title: str = Field(examples=["The input is wrong"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["limit.value: Input should be a finite number"])
    instance: str | None = Field(None, description="names this one occurrence in the service's log")
    existing: int | None = Field(None, description="the id of the thing that stands in the way")
    errors: list[WrongField] | None = None
