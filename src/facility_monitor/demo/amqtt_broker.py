"""The broker of last resort: amqtt, which is Python, in a process of its own.

Run as ``python -m facility_monitor.demo.amqtt_broker PORT PASSWORD_FILE ACL_FILE``; the files are Mosquitto's. It
listens on 127.0.0.1 only. It keeps sessions and queues in memory only, and gives up on a message that is not
acknowledged within 5 s: good enough to see the service at work, not to run it.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from pathlib import Path
from typing import Any

from amqtt.broker import Broker

from facility_monitor.demo.amqtt_access import AccessRules, Accounts


def configuration(port: int, password_file: Path, rules: str) -> dict[str, Any]:
    """What amqtt's Broker takes."""
    return {
        "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
        "plugins": {
            f"{Accounts.__module__}.{Accounts.__name__}": {"password_file": str(password_file)},
            f"{AccessRules.__module__}.{AccessRules.__name__}": {"rules": rules},
            "amqtt.plugins.sys.broker.BrokerSysPlugin": {"sys_interval": 10},
        },
    }


async def serve(broker_configuration: dict[str, Any]) -> None:
    """Run the broker until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    broker = Broker(broker_configuration)
    await broker.start()
    await stop.wait()
    await broker.shutdown()


def main(arguments: list[str]) -> int:
    """Exit code 0 after a signal."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    port, password_file, acl_file = arguments
    asyncio.run(serve(configuration(int(port), Path(password_file), Path(acl_file).read_text())))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
