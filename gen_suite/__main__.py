"""`python -m gen_suite` is `gen-suite`."""

from .cli.main import main

if __name__ == "__main__":
    main()
