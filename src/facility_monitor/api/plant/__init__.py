"""Sites and equipment."""
