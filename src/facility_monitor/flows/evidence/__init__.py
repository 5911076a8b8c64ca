"""Evidence taken in, and the ledger sealed, proved and handed out."""
