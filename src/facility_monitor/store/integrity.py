"""What the database refuses, in the words of the error tree."""

from __future__ import annotations

import psycopg
from psycopg import errors
from sqlalchemy.exc import IntegrityError

from facility_monitor.errors import Conflict, FacilityMonitorError, InvalidInput

_TAKEN = {
    "site_code_key": "another site has this code",
    "space_site_id_code_key": "another space of the site has this code",
    "equipment_site_id_code_key": "another piece of equipment of the site has this code",
    "equipment_kind_pkey": "another kind has this code",
    "metric_pkey": "another metric has this code",
    "value_code_pkey": "this code of the set has a row from that day on already",
    "device_code_key": "another device has this code",
    "device_address_key": "another device has this address",
    "point_device_id_key_key": "another point of the device has this key",
    "payload_mapping_topic_filter_key": "another mapping has this topic filter",
    "rule_code_key": "another rule has this code",
    "escalation_policy_code_key": "another escalation policy has this code",
    "escalation_policy_scope": "another escalation policy that is switched on holds for the same alarms",
    "organisation_code_key": "another organisation has this code",
    "person_username_key": "another person has this user name",
}


def refusal(error: IntegrityError) -> FacilityMonitorError | None:
    """What the caller is told of ``error``; None where it can only be a fault of the service."""
    cause = error.orig
    if not isinstance(cause, psycopg.Error):
        return None
    constraint = cause.diag.constraint_name or ""
    if isinstance(cause, errors.UniqueViolation):
        return Conflict(_TAKEN.get(constraint, "there is one like this already"))
    if isinstance(cause, errors.ForeignKeyViolation):
        if cause.diag.message_primary and "update or delete" in cause.diag.message_primary:
            return Conflict("it is still in use")
        field = constraint.removesuffix("_fkey").removeprefix(f"{cause.diag.table_name}_")
        return InvalidInput({field: "no such thing"})
    return None
