"""The rehearsal Litmos, for demos, rehearsals and tests. README.md tells how to use it."""

from .exchange import Call
from .faults import FaultError
from .sandbox import Sandbox

__all__ = ["Call", "FaultError", "Sandbox"]
