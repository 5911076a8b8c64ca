"""Messages from the transaction that caused them until they have left and were answered."""
