"""Watch, undo, arrange, fail and race the database behind an API, from outside the API.

Works without pytest:

    with open_database("sqlite:///shop.db") as database:
        database.install()
        mark = database.mark()
        with database.watch() as changes:
            ...  # the application writes
        print(changes)
        database.undo(mark)
        database.uninstall()
"""

from .changes import Changes, Check, Condition, NotShown, Row, RowChange, RowChanges
from .database import Database, clone, drop_clone, open_database, restore
from .engine import Capabilities, Engine, Recovery, Unsupported
from .fault import Fault, Injected, Write
from .race import Gate, Outcome

__all__ = [
    "Capabilities",
    "Changes",
    "Check",
    "Condition",
    "Database",
    "Engine",
    "Fault",
    "Gate",
    "Injected",
    "NotShown",
    "Outcome",
    "Recovery",
    "Row",
    "RowChange",
    "RowChanges",
    "Unsupported",
    "Write",
    "clone",
    "drop_clone",
    "open_database",
    "restore",
]
