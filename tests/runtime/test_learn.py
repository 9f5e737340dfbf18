"""The learner's own steps that need no running API."""

from __future__ import annotations

from gen_suite.mapping.infer.observed import Trial
from gen_suite.runtime.learn import LONGEST_SAID, _said
from gen_suite.runtime.secrets import remember


def test_no_part_of_a_secret_is_left_of_what_a_refusal_says() -> None:
    remember("s3cr3t-of-the-learner")
    text = "x" * (LONGEST_SAID - 5) + "s3cr3t-of-the-learner is refused"
    said = _said(Trial("ada", 422, answer={"detail": text}))
    assert len(said) <= LONGEST_SAID
    assert "s3c" not in said
    assert _said(Trial("ada", 422, answer={"token": "abc"})) == '{"token": "***"}'
    assert _said(None) == ""
