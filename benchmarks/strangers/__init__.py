"""`python -m benchmarks.strangers`: whole runs of gen-suite on applications from package registries.

Each application is installed from its registry, started with an empty database of its own and handed
to `init`, `learn`, `doctor`, `generate`, `pytest` and `gaps`; nothing is edited by hand. One row for
each application and engine is written to benchmarks/strangers.json. What its suite finds was judged
once, in `judged/`, so that a run counts by itself; `truth/` says which tables its requests really
change, so that the learned mapping is counted too.

`applications/` has one module each, `requirements/` what it is installed with.
"""
