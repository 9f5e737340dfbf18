"""The names that meet: what emitted code may import, and what the runtime offers."""

import gen_suite.runtime
from gen_suite.generator.imports import RUNTIME


def test_emitted_code_imports_only_what_the_runtime_exports() -> None:
    assert set(RUNTIME) <= set(gen_suite.runtime.__all__)


def test_every_export_can_be_imported() -> None:
    for name in gen_suite.runtime.__all__:
        assert getattr(gen_suite.runtime, name) is not None
