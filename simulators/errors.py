"""The one error a user of the simulators sees: wrong options, a wrong input file, an unreachable broker."""


class SimulatorError(Exception):
    """One line for the user; the command ends with exit code 2."""
