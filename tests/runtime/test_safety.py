"""What is refused before a database is touched, and what never reaches a report."""

import pytest

from gen_suite.errors import Refused
from gen_suite.runtime.safety import check_allowed, production_sign
from gen_suite.runtime.secrets import mask_headers, mask_text, remember


def test_a_database_needs_a_word() -> None:
    with pytest.raises(Refused, match=r"nobody allowed to touch the database sqlite:///x\.db"):
        check_allowed(False, "sqlite:///x.db", {})


def test_the_word_may_come_by_the_environment() -> None:
    check_allowed(False, "sqlite:///x.db", {"GEN_SUITE_ALLOW_DB": "1"})
    with pytest.raises(Refused):
        check_allowed(False, "sqlite:///x.db", {"GEN_SUITE_ALLOW_DB": "no"})


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:pw@prod-db.internal/shop",
        "postgresql://db/shop_production",
        "mysql+pymysql://u@live.example.com/shop",
        "sqlite:////data/prod.db",
    ],
)
def test_production_is_refused_whatever_was_allowed(url: str) -> None:
    with pytest.raises(Refused, match="looks like production") as caught:
        check_allowed(True, url, {})
    assert "pw@" not in str(caught.value)


@pytest.mark.parametrize("url", ["sqlite:///products.db", "postgresql://localhost/delivery_test"])
def test_a_name_that_only_sounds_like_it_is_not(url: str) -> None:
    assert production_sign(url) == ""


def test_what_is_remembered_is_masked_everywhere() -> None:
    remember("s3cr3t-token-of-ann")
    assert mask_text("got s3cr3t-token-of-ann back") == "got *** back"


def test_fields_and_headers_named_like_a_secret_are_masked() -> None:
    assert mask_text('{"password": "x\\"y", "name": "Ann"}') == '{"password": "***", "name": "Ann"}'
    shown = mask_headers({"Authorization": "Bearer abc", "X-Api-Key": "k", "Accept": "a"})
    assert shown == {"Authorization": "***", "X-Api-Key": "***", "Accept": "a"}
