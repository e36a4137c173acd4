"""Exit codes: a public contract for scripts and CI. What is not known to be good is a failure."""

from enum import IntEnum


class Exit(IntEnum):
    """What the process ends with. Never renumber: pipelines branch on these."""

    OK = 0
    BUG = 1
    USAGE = 2
    CONFIG = 3
    CHECK_FAILED = 4
    LEASE_HELD = 5
    DENIED = 6
    CHANGES = 10
    FAILED_CLEAN = 20
    ROLLED_BACK = 21
    STUCK = 22
    PAUSED = 23
    UNKNOWN = 24
    SUPERSEDED = 25
    GATE_FAILED = 26
    LATE = 70
    INTERRUPTED = 130
    TERMINATED = 143
