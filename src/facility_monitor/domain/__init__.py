"""Floor 1: what things are. Standard library only; time, ids and rules come in as arguments."""
