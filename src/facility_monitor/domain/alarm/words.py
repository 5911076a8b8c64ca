"""What people call severities, states and events of alarms, and the reasons for which nobody is called."""

from __future__ import annotations

from collections.abc import Mapping

from facility_monitor.domain.alarm.alarm import AlarmEvent, AlarmState, Quiet
from facility_monitor.domain.alarm.rule import Severity
from facility_monitor.domain.text import Text

EVENTS: Mapping[str, Text] = {
    AlarmEvent.RAISED: {"zh-CN": "报警", "en": "Alarm"},
    AlarmEvent.RERAISED: {"zh-CN": "再次报警", "en": "Alarm again"},
    AlarmEvent.REALARMED: {"zh-CN": "仍未恢复", "en": "Still there"},
    AlarmEvent.ANNOUNCED: {"zh-CN": "报警（静默已结束）", "en": "Alarm (no longer quiet)"},
    AlarmEvent.RESET: {"zh-CN": "已复位", "en": "Reset"},
    AlarmEvent.SHELVING_REQUESTED: {"zh-CN": "搁置待第二人确认", "en": "Shelving needs a second person"},
    AlarmEvent.SHELVED: {"zh-CN": "已搁置", "en": "Shelved"},
    AlarmEvent.UNSHELVED: {"zh-CN": "搁置结束", "en": "No longer shelved"},
    AlarmEvent.SUPPRESSED: {"zh-CN": "已抑制", "en": "Suppressed"},
    AlarmEvent.UNSUPPRESSED: {"zh-CN": "抑制结束", "en": "No longer suppressed"},
    AlarmEvent.TAKEN_OUT_OF_SERVICE: {"zh-CN": "已停用", "en": "Out of service"},
    AlarmEvent.RETURNED_TO_SERVICE: {"zh-CN": "恢复使用", "en": "Back in service"},
    AlarmEvent.ACKNOWLEDGED: {"zh-CN": "已确认", "en": "Acknowledged"},
    AlarmEvent.RETURNED: {"zh-CN": "恢复正常", "en": "Back to normal"},
    AlarmEvent.CLEARED: {"zh-CN": "已解除", "en": "Cleared"},
}
SEVERITIES: Mapping[str, Text] = {
    Severity.CRITICAL: {"zh-CN": "紧急", "en": "critical"},
    Severity.HIGH: {"zh-CN": "高", "en": "high"},
    Severity.MEDIUM: {"zh-CN": "中", "en": "medium"},
    Severity.LOW: {"zh-CN": "低", "en": "low"},
}
STATES: Mapping[str, Text] = {
    AlarmState.ACTIVE_UNACKNOWLEDGED: {"zh-CN": "未确认", "en": "not acknowledged"},
    AlarmState.ACTIVE_ACKNOWLEDGED: {"zh-CN": "已确认，仍在报警", "en": "acknowledged, still active"},
    AlarmState.RETURNED_UNACKNOWLEDGED: {"zh-CN": "已恢复，未确认", "en": "back to normal, not acknowledged"},
    AlarmState.LATCHED: {"zh-CN": "已恢复，待复位", "en": "back to normal, to be reset"},
    AlarmState.CLEARED: {"zh-CN": "已解除", "en": "cleared"},
}
QUIET: Mapping[str, Text] = {
    Quiet.SHADOW: {"zh-CN": "试运行", "en": "on trial"},
    Quiet.OUT_OF_SERVICE: {"zh-CN": "停用", "en": "out of service"},
    Quiet.SHELVED: {"zh-CN": "已搁置", "en": "shelved"},
    Quiet.PARENT_DOWN: {"zh-CN": "上级离线", "en": "gateway offline"},
    Quiet.POWER_OFF: {"zh-CN": "停电", "en": "power off"},
    Quiet.EQUIPMENT_OFF: {"zh-CN": "设备停机", "en": "equipment off"},
    Quiet.NOT_IN_USE: {"zh-CN": "未投用", "en": "not in use"},
    Quiet.OUTRANKED: {"zh-CN": "已有更高级报警", "en": "worse limit stands"},
    Quiet.FLOOD: {"zh-CN": "并入汇总", "en": "in a summary"},
}
