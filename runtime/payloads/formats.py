"""Formats of text: those of the OpenAPI registry, and the names that people use beside it.

Registry: https://spec.openapis.org/registry/format/
"""

from __future__ import annotations

import re
from functools import lru_cache

from .format import Format
from .format_addresses import ADDRESSES
from .format_texts import TEXTS
from .format_times import TIMES

FORMATS = {found.name: found for found in (*ADDRESSES, *TIMES, *TEXTS)}

# Written without hyphens and in small letters: `dateTime`, `date_time` and `DateTime` are one.
_ALIASES = {
    "url": "uri",
    "link": "uri",
    "iri": "uri",
    "irireference": "uri-reference",
    "urireference": "uri-reference",
    "uritemplate": "uri-template",
    "idnemail": "email",
    "idnhostname": "hostname",
    "domain": "hostname",
    "guid": "uuid",
    "ip": "ipv4",
    "datetime": "date-time",
    "rfc3339": "date-time",
    "isodatetime": "date-time",
    "googledatetime": "date-time",
    "googleduration": "seconds",
    "isodate": "date",
    "fulldate": "date",
    "fulltime": "time",
    "base64": "byte",
    "phonenumber": "phone",
    "e164phonenumber": "phone",
    "hexcolor": "color",
    "decimal128": "decimal",
    "double": "decimal",
    "float": "decimal",
    "number": "decimal",
    "sfdecimal": "decimal",
    "sfinteger": "whole",
    "integer": "whole",
    "int": "whole",
    "int8": "whole",
    "int16": "whole",
    "int32": "whole",
    "int64": "whole",
    "uint8": "whole",
    "uint16": "whole",
    "uint32": "whole",
    "uint64": "whole",
    "unixtime": "whole",
    "doubleint": "whole",
    "bool": "boolean",
}


@lru_cache(maxsize=1024)
def format_named(name: str) -> Format | None:
    """The format, also under the names `url`, `guid`, `dateTime` ..., None if it is not known."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    return FORMATS.get(name) or FORMATS.get(_ALIASES.get(plain, plain))
