"""Rules, what they remember, alarms, and what keeps them quiet."""
