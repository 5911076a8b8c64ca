"""Sites, equipment, devices and points as they are added and changed."""
