"""What two runs of the same requests must agree on, and what may differ."""

from datetime import UTC, datetime

from gen_suite.runtime.database import Row, RowChange
from gen_suite.runtime.left_behind import is_moment, left_behind


def inserted(table: str, key: int, **values: object) -> RowChange:
    return RowChange(table, "insert", {"id": key}, None, Row({"id": key, **values}))


def updated(table: str, key: int, before: dict, after: dict) -> RowChange:
    return RowChange(table, "update", {"id": key}, Row(before), Row(after))


def test_keys_and_times_may_differ() -> None:
    one = left_behind([inserted("orders", 1, at=datetime(2026, 1, 1, tzinfo=UTC))])
    two = left_behind([inserted("orders", 7, at=datetime(2026, 1, 2, tzinfo=UTC))])
    assert one.differs_from(two, [two]) == ""


def test_a_row_too_many_differs() -> None:
    one = left_behind([inserted("orders", 1), inserted("orders", 2)])
    two = left_behind([inserted("orders", 1)])
    assert one.differs_from(two, [two]) == "2 new row(s) in orders, not 1"


def test_two_rows_with_one_number_differ_from_two_with_two() -> None:
    one = left_behind([inserted("bills", 1, number=5), inserted("bills", 2, number=5)])
    two = left_behind([inserted("bills", 1, number=5), inserted("bills", 2, number=6)])
    assert "1 different value(s) of bills.number, not 2" in one.differs_from(two, [two])


def test_a_text_that_no_run_left_is_made_up_and_one_that_a_run_left_is_not() -> None:
    def ending(text: str) -> object:
        return left_behind([updated("docs", 1, {"tag": "a"}, {"tag": text})])

    known = [ending("first"), ending("second")]
    assert ending("random").differs_from(known[1], known) == ""
    assert "docs(id=1).tag is 'first', not 'second'" in ending("first").differs_from(
        known[1], known
    )


def test_times_in_any_form_are_known() -> None:
    now = datetime.now(UTC)
    assert all(map(is_moment, (now, now.isoformat(), now.timestamp(), int(now.timestamp() * 1000))))
    assert not any(map(is_moment, (1, 100_000_000, "2026", True, "some text of more than 19")))
