"""Door: MQTT. Packets come in here; only ``subscriber`` knows the client library."""
