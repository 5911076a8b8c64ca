"""``python -m facility_monitor.cli`` is ``facility-monitor``."""

import sys

from facility_monitor.cli import main

sys.exit(main())
