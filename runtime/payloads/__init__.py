"""Payloads from a contract: valid ones, unique ones, and one violation per constraint.

space = payloads_for(document, document.operation("POST /customers"))
space.example()                      # the smallest valid body
space.bodies()                       # a Hypothesis strategy
for violation in space.violations():
    client.post("/customers", **violation.of(json=space.example()))
"""

from .columns import ColumnLimit
from .errors import CannotBreak, NoPayload
from .examples import Example
from .media import FilePart
from .option import Option
from .space import PayloadSpace, payloads_for
from .violation import Violation

__all__ = [
    "CannotBreak",
    "ColumnLimit",
    "Example",
    "FilePart",
    "NoPayload",
    "Option",
    "PayloadSpace",
    "Violation",
    "payloads_for",
]
