"""Who is told what, by which way, and who is next."""
