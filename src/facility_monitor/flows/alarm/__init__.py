"""From a verdict to an alarm, and what people make of it."""
