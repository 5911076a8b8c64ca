"""Door: people's phones and other systems. Empties the outbox, one channel kind a file."""
