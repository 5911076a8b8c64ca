"""People, how they sign in, and when they are on duty."""
