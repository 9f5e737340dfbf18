"""Situations, times and idempotency in the mapping file."""

import pytest
from pydantic import ValidationError

from gen_suite.mapping.entry import Change, OperationEntry
from gen_suite.mapping.situation import Idempotency


@pytest.mark.parametrize(
    ("written", "seconds"), [("5s", 5.0), ("500ms", 0.5), ("2min", 120.0), (3, 3.0), ("1.5", 1.5)]
)
def test_a_time_is_read_in_its_unit(written: object, seconds: float) -> None:
    assert Change.model_validate({"updates": "jobs", "within": written}).within == seconds


@pytest.mark.parametrize("written", ["soon", "5 days", "0s", True, [5]])
def test_what_is_no_time_is_refused(written: object) -> None:
    with pytest.raises(ValidationError):
        Change.model_validate({"updates": "jobs", "within": written})


@pytest.mark.parametrize("written", [{}, {"header": "K", "field": "k"}, {"natural": []}])
def test_a_key_is_known_in_exactly_one_way(written: dict) -> None:
    with pytest.raises(ValidationError, match="exactly one of"):
        Idempotency.model_validate(written)


def test_each_situation_knows_where_it_stands() -> None:
    entry = OperationEntry.model_validate(
        {
            "refuses": {"sold out": {"arrange": {"product": {"stock": 0}}, "status": 409}},
            "scarce": {"arrange": {"product": {"stock": 1}}, "fill": {"amount": 1}},
        }
    )
    places = [place for place, _ in entry.situations]
    assert places == [("refuses", "sold out"), ("scarce",)]
    with pytest.raises(ValidationError):
        OperationEntry.model_validate({"refuses": {"odd": {"status": 200}}})
