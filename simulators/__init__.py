"""Simulators of a residential compound's sensors, with named scenarios whose alarms are known beforehand.

Speaks only MQTT topics and JSON payloads and imports nothing of facility_monitor. See `python -m simulators --help`.

    sites       the devices and their points          scenarios, catalogue, demo   what happens, and what should alarm
    stream      the models of a site, merged by time  line    what a poor line does to messages
    clock       event time against the wall clock     drive   the loop that sends
    sinks, mqtt where messages go                     replay  recordings instead of models
"""
