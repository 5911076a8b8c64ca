"""Who sees what, as conditions of the query itself: nothing is fetched first and hidden afterwards.

=================================  ===================================================================
admin                              everything
manager, engineer, inspector       the sites in ``site_access``
contractor                         the equipment that a contract of its organisation covers today,
                                   by the calendar of the site, and what hangs on that equipment
=================================  ===================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Date, Select, and_, exists, false, func, literal, or_, select, true
from sqlalchemy.types import DateTime

from facility_monitor.domain.person import Person, Role
from facility_monitor.store.tables import (
    contract,
    device,
    equipment,
    person,
    point,
    reject,
    rule,
    service_window,
    site,
    site_access,
    space,
    unknown_device,
)

Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Sight:
    """What ``person`` sees at ``now``."""

    person: Person
    now: datetime

    def at_site(self, site_id: ColumnElement[int]) -> Condition:
        """Whether the site itself is seen; a contractor sees the sites that it works at."""
        if self.person.role is Role.ADMIN:
            return true()
        if self.person.role is Role.CONTRACTOR:
            return site_id.in_(self._contracts(contract.c.site_id))
        return site_id.in_(self.sites())

    def sites(self) -> Select[int]:
        """The ids of the sites that are seen as a whole; a contractor sees none so."""
        if self.person.role is Role.ADMIN:
            return select(site.c.id)
        if self.person.role is Role.CONTRACTOR:
            return select(site.c.id).where(false())
        return select(site_access.c.site_id).where(site_access.c.person_id == self.person.id)

    def covered(self) -> Select[int]:
        """The ids of the equipment that a contractor sees."""
        mine = equipment.alias("mine")
        return select(mine.c.id).where(
            exists(
                self._contracts(literal(1)).where(
                    contract.c.site_id == mine.c.site_id,
                    or_(contract.c.equipment_kind.is_(None), contract.c.equipment_kind == mine.c.kind),
                )
            )
        )

    def thing(self, site_id: ColumnElement[int], equipment_id: ColumnElement[int]) -> Condition:
        """Whether something that hangs on a piece of equipment of a site is seen, the equipment itself included."""
        if self.person.role is Role.CONTRACTOR:
            return equipment_id.in_(self.covered())
        return self.at_site(site_id)

    def space(self) -> Condition:
        """Whether a row of ``space`` is seen: a contractor sees the way to its equipment, not the whole building."""
        if self.person.role is not Role.CONTRACTOR:
            return self.at_site(space.c.site_id)
        return space.c.id.in_(self._way())

    def _way(self) -> Select[int]:
        """The spaces in which the equipment that a contractor sees stands, and all around them."""
        mine = equipment.alias("standing")
        way = (
            select(space.c.id, space.c.parent_id)
            .where(space.c.id.in_(select(mine.c.space_id).where(mine.c.id.in_(self.covered()))))
            .cte("way", recursive=True)
        )
        above = space.alias("above")
        way = way.union(select(above.c.id, above.c.parent_id).where(above.c.id == way.c.parent_id))
        return select(way.c.id)

    def window(self) -> Condition:
        """Whether a row of ``service_window`` is seen: a contractor sees those that may reach its equipment."""
        window, mine = service_window.c, equipment.alias("reached")
        if self.person.role is not Role.CONTRACTOR:
            return self.at_site(window.site_id)
        reached = select(mine.c.id).where(
            mine.c.id.in_(self.covered()),
            mine.c.site_id == window.site_id,
            or_(window.equipment_id.is_(None), mine.c.id == window.equipment_id),
            or_(window.equipment_kind.is_(None), mine.c.kind == window.equipment_kind),
        )
        return and_(exists(reached), or_(window.space_id.is_(None), window.space_id.in_(self._way())))

    def device(self) -> Condition:
        """Whether a row of ``device`` is seen: a contractor sees those that stand at or speak for its equipment."""
        if self.person.role is not Role.CONTRACTOR:
            return self.at_site(device.c.site_id)
        return or_(
            device.c.equipment_id.in_(self.covered()),
            device.c.id.in_(select(point.c.device_id).where(point.c.equipment_id.in_(self.covered()))),
        )

    def rule(self) -> Condition:
        """Whether a row of ``rule`` is seen: one that may watch something at a site that is seen."""
        scope = rule.c.definition["scope"]
        at, of_point = scope["site_id"].as_integer(), scope["point_id"].as_integer()
        watched = select(equipment.c.site_id).join(point, point.c.equipment_id == equipment.c.id)
        return or_(
            and_(at.is_(None), of_point.is_(None)),
            self.at_site(at),
            self.at_site(watched.where(point.c.id == of_point).scalar_subquery()),
        )

    def reject(self) -> Condition:
        """Whether a row of ``reject`` is seen: by its site; what tells none is for an admin."""
        if self.person.role is Role.ADMIN:
            return true()
        codes = select(site.c.code).where(site.c.id.in_(self.sites()))
        return reject.c.site.in_(codes)

    def unknown_device(self) -> Condition:
        """Whether a row of ``unknown_device`` is seen: as a reject is."""
        if self.person.role is Role.ADMIN:
            return true()
        return unknown_device.c.site.in_(select(site.c.code).where(site.c.id.in_(self.sites())))

    def contract(self) -> Condition:
        """Whether a row of ``contract`` is seen: that of a site, and a contractor's own."""
        if self.person.role is Role.CONTRACTOR:
            return contract.c.organisation_id == self.person.organisation_id
        return self.at_site(contract.c.site_id)

    def organisation(self, organisation_id: ColumnElement[int]) -> Condition:
        """Whether an organisation is seen: one's own, and those with a contract at a site that is seen."""
        if self.person.role is Role.ADMIN:
            return true()
        return or_(
            organisation_id == self.person.organisation_id,
            organisation_id.in_(select(contract.c.organisation_id).where(contract.c.site_id.in_(self.sites()))),
        )

    def people(self) -> Condition:
        """Whether a row of ``person`` is seen: oneself, those of the sites that are seen, and their contractors."""
        if self.person.role is Role.ADMIN:
            return true()
        return or_(
            person.c.id == self.person.id,
            person.c.id.in_(select(site_access.c.person_id).where(site_access.c.site_id.in_(self.sites()))),
            person.c.organisation_id.in_(
                select(contract.c.organisation_id).where(contract.c.site_id.in_(self.sites()))
            ),
        )

    def sees_all_sites(self) -> Condition:
        """Whether no site is hidden: what holds everywhere may be changed only by who sees everywhere."""
        return ~exists(select(site.c.id).where(~self.at_site(site.c.id)))

    def _contracts(self, column: ColumnElement[int]) -> Select[int]:
        """``column`` of the contracts of the contractor's organisation that are in force today at their site."""
        at = site.alias("at")
        today = func.timezone(at.c.timezone, literal(self.now, DateTime(timezone=True))).cast(Date)
        return (
            select(column)
            .select_from(contract)
            .join(at, at.c.id == contract.c.site_id)
            .where(
                contract.c.organisation_id == self.person.organisation_id,
                contract.c.starts_on <= today,
                or_(contract.c.ends_on.is_(None), contract.c.ends_on >= today),
            )
        )
