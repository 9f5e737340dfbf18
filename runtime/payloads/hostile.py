"""Text that breaks what was only tried with plain words; valid by its length all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

FRAGMENTS = (
    "O'Brien",
    'say "cheese"',
    "Robert'); DROP TABLE students;--",
    "1' OR '1'='1",
    "<script>alert(1)</script>",
    "<b>bold</b> & more",
    "{{7*7}} ${7*7} %s %n",
    "../../etc/passwd",
    "null",
    "-1",
    "1e999",
    " leading blank",
    "trailing blank ",
    "two\nlines",
    "tab\there",
    "back\\slash",
    "=1+1",
    "Zażółć gęślą jaźń",
    "İstanbul ß ŒUVRE ﬁ",
    "Ελληνικά",
    "мир",
    "日本語のテキスト",
    "שלום עולם",
    "مرحبا بالعالم",
    "\u202eright to left",
    "e\u0301 is two, é is one",
    "zero\u200bwidth",
    "👍🏽",
    "👩‍👩‍👧‍👦",
    "🇵🇱",
)


def hostile_text(shortest: int, longest: int | None) -> SearchStrategy[str]:
    """Fragments, any character that JSON and a database can hold, and both boundary lengths."""
    from hypothesis import strategies as st

    def sized(text: str) -> str:
        filled = text if len(text) >= shortest else text + "x" * (shortest - len(text))
        return filled if longest is None else filled[:longest]

    # NUL is no character of PostgreSQL's text, surrogates are none of UTF-8.
    anything = st.characters(codec="utf-8", exclude_characters="\0")
    top = 4_000 if longest is None else longest
    boundaries = [
        shortest,
        *([top] if top < 100_000 else []),
        *([top - 1] if top > shortest else []),
    ]
    return st.one_of(
        st.sampled_from(FRAGMENTS).map(sized),
        st.text(anything, max_size=12).map(sized),
        st.tuples(st.sampled_from("aé👍"), st.sampled_from(boundaries)).map(lambda t: t[0] * t[1]),
    )
