"""Facility monitoring: readings over MQTT become alarms, pushes, repair tickets and evidence."""

__version__ = "0.1.0"
