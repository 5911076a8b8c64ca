"""Door: HTTP. Routers turn requests into flows, and errors into problem details (RFC 9457)."""
