"""Readable text of any length: a failing test shows words, not noise."""

from __future__ import annotations

from string import ascii_lowercase, digits

_SOME = """
    amber birch cedar delta ember fern grove hazel iris jade koala lemon maple north olive pearl
    quartz river sage tulip umber violet willow xenon yarrow zinc acorn beach coral daisy eagle
    flint grape heron indigo juniper kelp lotus mango nectar opal plum quince raven slate thyme
    ultra velvet walnut yellow zebra apple basil clover dune elm fig ginger honey ivory jasmine
    kiwi lilac mint
    """
WORDS = tuple(_SOME.split())
BASE36 = digits + ascii_lowercase
DRAWN = len(WORDS) ** 3


def words(number: int, between: str = " ") -> str:
    """The number as one word, two or three."""
    parts = [WORDS[number % len(WORDS)]]
    number //= len(WORDS)
    while number:
        number -= 1
        parts.append(WORDS[number % len(WORDS)])
        number //= len(WORDS)
    return between.join(parts)


def fit(text: str, shortest: int, longest: int | None, between: str = " ") -> str:
    """The text at a length from `shortest` to `longest`, cut at its end or filled with more words."""
    if len(text) < shortest:
        filler = between.join(WORDS) + between
        text = (text + between + filler * (1 + shortest // len(filler)))[:shortest]
    if longest is not None:
        text = text[:longest]
    # A blank at an end is lost in many applications.
    return text[:-1] + "a" if text.endswith(between) else text


def base36(number: int, width: int) -> str:
    """The number in small letters and digits, with leading zeros."""
    found = ""
    for _ in range(width):
        number, digit = divmod(number, 36)
        found = BASE36[digit] + found
    return found


def letters(number: int, width: int) -> str:
    """The number in small letters, `a` for zero."""
    found = ""
    for _ in range(width):
        number, digit = divmod(number, 26)
        found = ascii_lowercase[digit] + found
    return found
