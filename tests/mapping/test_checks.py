"""CHECK constraints in the dialects of the engines, as far as they are simple."""

from __future__ import annotations

import pytest

from gen_suite.mapping.checks import Limits, Order, limits, orders

VALUES = Limits(values=("a", "b"))


@pytest.mark.parametrize(
    ("check", "column", "said"),
    [
        ("status IN ('a','b')", "status", VALUES),
        ("status in ('a', 'b')", "status", VALUES),
        ("(\"status\" IN ('a', 'b'))", "status", VALUES),
        ("`status` in ('a','b')", "status", VALUES),
        ("(`status` in (_utf8mb4'a',_utf8mb4'b'))", "status", VALUES),
        ("status = ANY (ARRAY['a'::text, 'b'::text])", "status", VALUES),
        (
            "((status)::text = ANY ((ARRAY['a'::character varying, 'b'::character "
            "varying])::text[]))",
            "status",
            VALUES,
        ),
        ("status = 'a'::text", "status", Limits(values=("a",))),
        ("status IN ('it''s', 'x, y)')", "status", Limits(values=("it's", "x, y)"))),
        (r"`status` in ('it\'s')", "status", Limits(values=("it's",))),
        ("status IN ('this or that')", "status", Limits(values=("this or that",))),
        ("stock >= 0", "stock", Limits(low=0)),
        ("(stock > 0)", "stock", Limits(low=0, low_exclusive=True)),
        (
            "price >= 0::numeric AND price < 10.5",
            "price",
            Limits(low=0, high=10.5, high_exclusive=True),
        ),
        ("`n` between 1 and 5", "n", Limits(low=1, high=5)),
        ("n BETWEEN 1 AND 5", "n", Limits(low=1, high=5)),
        ("(n >= '-1'::integer)", "n", None),
        ("n >= (-1)", "n", Limits(low=-1)),
        ("n > 0 OR n IS NULL", "n", None),
        ("NOT n > 0", "n", None),
        ("length(name) > 0", "name", None),
        ("n > m", "n", None),
        ("n <> 5", "n", None),
        ("CASE WHEN n > 0 THEN 1 END", "n", None),
    ],
)
def test_checks(check: str, column: str, said: Limits | None) -> None:
    assert limits([check]).get(column) == said


def test_several_checks_of_one_column_come_together() -> None:
    assert limits(["n >= 1", "n <= 9", "m > 2"]) == {
        "n": Limits(low=1, high=9),
        "m": Limits(low=2, low_exclusive=True),
    }


@pytest.mark.parametrize(
    ("check", "said"),
    [
        ("ends_at > starts_at", [Order("starts_at", "ends_at")]),
        ("(ends_at>starts_at)", [Order("starts_at", "ends_at")]),
        ("`starts_at` < `ends_at`", [Order("starts_at", "ends_at")]),
        ('"from" <= "to"', [Order("from", "to", strict=False)]),
        ("[high] >= [low]", [Order("low", "high", strict=False)]),
        (
            "((ends_on)::timestamp without time zone > starts_at)",
            [Order("starts_at", "ends_on")],
        ),
        ("((high)::numeric(10,2) >= (low)::numeric)", [Order("low", "high", strict=False)]),
        ("low >= 0 AND high > low", [Order("low", "high")]),
        ("((low >= (0)::numeric) AND (high > low))", [Order("low", "high")]),
        ("ends_at IS NULL OR ends_at > starts_at", [Order("starts_at", "ends_at")]),
        (
            "((starts_at IS NULL) OR (ends_at IS NULL) OR (ends_at > starts_at))",
            [Order("starts_at", "ends_at")],
        ),
        ("a > b OR a < c", []),
        ("NOT a > b", []),
        ("a > 5", []),
        ("a <> b", []),
        ("a > b + 1", []),
        ("length(a) > b", []),
        ("a > 'b'", []),
        ("ends_at IS NULL OR ends_at > starts_at OR open", []),
    ],
)
def test_two_columns_in_an_order(check: str, said: list[Order]) -> None:
    assert list(orders([check])) == said
