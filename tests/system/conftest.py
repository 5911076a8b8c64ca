"""What holds for every test in a real browser."""

from __future__ import annotations

from playwright.sync_api import expect

# A busy machine is slow, not wrong: what should appear may take its time.
expect.set_options(timeout=20_000)
