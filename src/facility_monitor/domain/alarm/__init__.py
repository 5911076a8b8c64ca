"""Rules, how they are judged, and what becomes of an alarm."""
