"""Text that breaks what was only tried with plain words; valid by its length all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .faults import faults

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from .node import Node

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


# Much at once, so that few examples meet it all; a failure shrinks to the fragment that is to blame.
MIXTURES = (
    ' <b>&amp;</b> O\'Brien "x" 👍🏽 \u202e שלום \\ %s é-- ',
    "👩‍👩‍👧 \"é\" '<i>'; &lt; \\n مرحبا\ttwo  blanks\u200b\n",
)

_LONGEST = 4_000  # where nothing bounds a text
_HUGE = 100_000  # a boundary length beyond it only makes drawing slow


def hostile_text(node: Node) -> SearchStrategy[str] | None:
    """Fragments, any character that JSON and a database can hold, and both boundary lengths.

    None where pattern or format take none of them.
    """
    from hypothesis import strategies as st

    def sized(text: str) -> str:
        return _sized(node, text)

    def held(text: str) -> bool:
        return not faults(node, text)

    told = (map(sized, FRAGMENTS), map(sized, MIXTURES), _boundaries(node))
    kept = [list(filter(held, dict.fromkeys(texts))) for texts in told]
    if not kept[0]:
        return None
    found = [st.sampled_from(texts) for texts in kept if texts]
    if all(map(held, map(sized, FRAGMENTS))):
        # NUL is no character of PostgreSQL's text, surrogates are none of UTF-8.
        anything = st.characters(codec="utf-8", exclude_characters="\0")
        found.append(st.text(anything, max_size=12).map(sized).filter(held))
    return st.one_of(found)


def _sized(node: Node, text: str) -> str:
    filled = text + "x" * (node.min_length - len(text))
    return filled if node.max_length is None else filled[: node.max_length]


def _boundaries(node: Node) -> list[str]:
    """The shortest and the longest texts, of characters of one, two and four bytes."""
    top = _LONGEST if node.max_length is None else node.max_length
    lengths = {node.min_length, top, max(top - 1, node.min_length)}
    return [char * length for length in sorted(lengths) if length < _HUGE for char in "aé👍"]
