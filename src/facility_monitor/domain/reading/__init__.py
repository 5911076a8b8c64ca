"""What arrives: readings, their units, numbers and clocks."""
