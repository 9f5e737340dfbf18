"""gen-suite: a pytest suite that proves what every write endpoint of an API did to its database."""

__version__ = "0.1.0"
