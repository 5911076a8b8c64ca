"""Floor 3: what happens. Each verb takes a transaction first and ``now`` last, and never commits."""
