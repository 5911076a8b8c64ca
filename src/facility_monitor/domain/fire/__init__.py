"""The fire log: what is due, how it is judged, and the chain that proves it."""
