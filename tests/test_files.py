"""Files that people own: an interrupted write leaves the old text, and nothing else changes."""

from pathlib import Path

import pytest

from gen_suite.files import replace_text


def test_line_ends_mode_and_link_stay(tmp_path: Path) -> None:
    real = tmp_path / "real.yaml"
    real.write_bytes(b"a: 1\r\nb: 2\r\n")
    real.chmod(0o640)
    link = tmp_path / "gen-suite.yaml"
    link.symlink_to(real)
    replace_text(link, "a: 1\nb: 3\n")
    assert real.read_bytes() == b"a: 1\r\nb: 3\r\n"
    assert real.stat().st_mode & 0o777 == 0o640
    assert link.is_symlink()
    replace_text(tmp_path / "new.yaml", "a: 1\n")
    assert (tmp_path / "new.yaml").read_bytes() == b"a: 1\n"


def test_an_interrupted_write_leaves_the_old_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "gen-suite.yaml"
    file.write_text("mine\n")

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        replace_text(file, "new\n")
    assert list(tmp_path.iterdir()) == [file]
    assert file.read_text() == "mine\n"
