"""How a list is paged, and where its answer has what: what names tell, and what a test walks by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """The paging of a GET. Places in the answer are steps with slashes: `meta/total`; "" for `rows` is
    the answer itself.

    `total_header` is a header. `size`, `page`, `offset` and `cursor` are query parameters, "" where
    there is none; `next` is where the answer has the next cursor, or an address, which is followed
    then; `link`: a `Link` header has it. `least` and `most` bound the size of a page, `first` is the
    number of the first one.
    """

    rows: str = ""
    total: str = ""
    total_header: str = ""
    size: str = ""
    page: str = ""
    offset: str = ""
    cursor: str = ""
    next: str = ""
    link: bool = False
    least: int = 1
    most: int | None = None
    first: int = 1

    @property
    def paged(self) -> bool:
        """There is a way from a page to the next one."""
        return bool(self.page or self.offset or self.next or self.link)
