"""Coverage-guided fuzzing of the decoders with atheris. Not part of the test run.

Install atheris by hand, in an environment that has the project, and run from the project's root for as long as wanted::

    python -m pip install atheris
    python -m tests.fuzz_decoders CORPUS_FOLDER -max_total_time=600 -max_len=4096

The first byte of an input chooses the topic. What breaks a promise ends the run and is written to ``crash-*``; to see
it again, name that file in place of the corpus. With ``--conversation``, an input is several messages to one decoder,
each with two bytes of length before it.
"""

from __future__ import annotations

import logging
import sys

import atheris

with atheris.instrument_imports(include=["facility_monitor"]):
    from facility_monitor.ingest.decoders import Decoder
    from tests.ingest.decoders.promise import TOPICS, keep


def one(data: bytes) -> None:
    """An input as one message to a decoder of its own."""
    if data:
        keep(Decoder(), TOPICS[data[0] % len(TOPICS)], data[1:])


def conversation(data: bytes) -> None:
    """An input as messages to one decoder."""
    decoder = Decoder()
    while len(data) > 3:
        length = int.from_bytes(data[1:3], "big") % 512
        keep(decoder, TOPICS[data[0] % len(TOPICS)], data[3 : 3 + length])
        data = data[3 + length :]


def main() -> None:
    logging.disable(logging.CRITICAL)
    arguments = [each for each in sys.argv if each != "--conversation"]
    atheris.Setup(arguments, conversation if "--conversation" in sys.argv else one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
