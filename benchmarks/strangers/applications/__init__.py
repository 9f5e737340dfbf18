"""The applications, one module each; its `APPLICATION` is found by its module's place here."""
