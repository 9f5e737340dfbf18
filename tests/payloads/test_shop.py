"""The bundled shop: payloads of all its write operations, judged without asking it.

`benchmarks/payloads_shop.py` asks the running shop with each of them.
"""

from __future__ import annotations

import importlib.resources
import time
from pathlib import Path

from gen_suite.runtime.payloads import payloads_for
from gen_suite.spec.read import read_document

SENDING = {"malformed", "media type", "empty"}
OF_TWO_FIELDS = {"order"}
"""Rules that no schema can say."""
FILE = Path(str(importlib.resources.files("gen_suite.examples.shop"))) / "openapi.yaml"


def test_every_operation_has_valid_payloads_and_telling_violations(judge_of) -> None:
    document = read_document(FILE)
    count = 0
    for operation in document.write_operations:
        if operation.request_body is None:
            continue
        found = judge_of(document, operation)
        bodies = [found.space.example(), found.space.complete()]
        bodies += [body for _, body in found.space.without()]
        assert not any(found.errors(body) for body in bodies), operation.label
        for example in found.space.examples():
            # The package counts in floats: 19.99 is no multiple of 0.01 to it.
            rules = {rule for _, rule in found.errors(example.body)}
            assert rules <= {"multipleOf"}, f"{operation.label} {example.name}"
        for violation in found.space.violations():
            if violation.place != "body" or violation.rule in SENDING | OF_TWO_FIELDS:
                continue
            errors = found.errors(found.sent(violation.of(json=bodies[0])))
            assert len({place for place, _ in errors}) == 1, f"{operation.label} {violation}"
            count += 1
    assert count > 600


def test_the_shop_s_own_examples_are_all_valid() -> None:
    document = read_document(FILE)
    for operation in document.write_operations:
        assert payloads_for(document, operation).findings == (), operation.label


def test_violations_cost_milliseconds() -> None:
    """A second would be felt at each start of pytest; here it is 30 ms on a fast machine."""
    document = read_document(FILE)
    start = time.perf_counter()
    count = sum(len(payloads_for(document, op).violations()) for op in document.write_operations)
    assert time.perf_counter() - start < 1
    assert count > 800
