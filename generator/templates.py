"""The templates of a suite: those of the user's folder first, then those of concerns, then ours.

A file of the user's folder (`templates:` of the mapping) stands for ours of the same name. Of a
concern it needs only the macros that differ: all others are still ours. Under `gen_suite/` ours can be
included and imported by their names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Any

from jinja2 import (
    BaseLoader,
    BytecodeCache,
    ChoiceLoader,
    Environment,
    FileSystemBytecodeCache,
    FileSystemLoader,
    FunctionLoader,
    PrefixLoader,
    StrictUndefined,
    Template,
    TemplateNotFound,
    TemplateSyntaxError,
)

from ..errors import GenSuiteError, UsageError, reason_of
from ..mapping.names import did_you_mean
from ..mapping.resolve import Resolved
from ..matrix.concerns import concerns
from .code import call, comparison, literal, managed

SUFFIX = ".py.j2"
_OURS = "gen_suite"


@dataclass(frozen=True)
class Macros:
    """The templates of one concern, the user's first: the first one that has a macro makes the test."""

    templates: tuple[Template, ...]

    def make_module(self, context: Mapping[str, Any]) -> MacroModule:
        return MacroModule(tuple(t.make_module(dict(context)) for t in self.templates))


@dataclass(frozen=True)
class MacroModule:
    """The macros of a concern by name."""

    modules: tuple[Any, ...]

    def __getattr__(self, name: str) -> Any:
        for module in self.modules:
            if hasattr(module, name):
                return getattr(module, name)
        raise GenSuiteError(f"no template has a macro {name!r}")


@dataclass(frozen=True)
class Templates:
    """All templates of a suite."""

    environment: Environment
    folders: tuple[Path, ...]

    def get_template(self, name: str) -> Template:
        """The template of a whole file. GenSuiteError for one that cannot be read."""
        return self._read(name)

    def concern(self, name: str) -> Macros:
        """The templates of a concern. GenSuiteError where there is none, or one cannot be read."""
        file = f"{name}{SUFFIX}"
        own = [Path(folder, file) for folder in self.folders]
        layers = [f"{number}/{file}" for number, path in enumerate(own) if path.is_file()]
        layers += [f"{_OURS}/{file}"] if (files("gen_suite.templates") / file).is_file() else []
        if not layers:
            looked = ", ".join(map(str, own))
            raise GenSuiteError(f"the concern {name!r} has no template: there is no {looked}")
        return Macros(tuple(self._read(layer) for layer in layers))

    def _read(self, name: str) -> Template:
        try:
            return self.environment.get_template(name)
        except TemplateSyntaxError as error:
            where = f"{error.filename or error.name}:{error.lineno}"
            raise GenSuiteError(f"{where}: {error.message}") from error
        except TemplateNotFound as error:
            raise GenSuiteError(f"there is no template {error}") from error


def templates_of(resolved: Resolved) -> Templates:
    """The templates of a mapping. UsageError for a folder that is none, or a file that stands for none."""
    return _templates(resolved.mapping.templates_path)


@cache
def _templates(folder: Path | None) -> Templates:
    homes = [concern.home for concern in concerns() if concern.home is not None]
    folders = tuple(dict.fromkeys(filter(None, [folder, *homes])))
    if folder is not None:
        _check(folder)
    ours = FunctionLoader(_read_ours)
    layers: dict[str, BaseLoader] = {
        str(number): FileSystemLoader(path) for number, path in enumerate(folders)
    }
    first = [FileSystemLoader(folder)] if folder is not None else []
    environment = Environment(
        loader=ChoiceLoader([PrefixLoader({**layers, _OURS: ours}), *first, ours]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
        bytecode_cache=_bytecode_cache(),
    )
    environment.filters["py"] = literal
    environment.globals.update(call=call, compare=comparison, managed=managed)
    return Templates(environment, folders)


def _bytecode_cache() -> BytecodeCache | None:
    """Where compiled templates are kept between commands: a folder of the user's own, if it can be."""
    try:
        return FileSystemBytecodeCache()
    except (OSError, RuntimeError):
        return None


def _check(folder: Path) -> None:
    if not folder.is_dir():
        raise UsageError(f"`templates: {folder}` is no folder", hint="correct it in the mapping")
    ours = {file.name for file in files("gen_suite.templates").iterdir()}
    known = ours | {f"{concern.name}{SUFFIX}" for concern in concerns()}
    for file in folder.glob("*.j2"):
        if file.name not in known:
            raise UsageError(f"{file} stands for no template", hint=did_you_mean(file.name, known))


def _read_ours(name: str) -> str | None:
    file = files("gen_suite.templates") / name
    return file.read_text(encoding="utf-8") if file.is_file() else None


def template_reason(error: Exception) -> str:
    """Why a template failed, with the line of the template if it is not ours."""
    where, trace = "", error.__traceback__
    while trace is not None:
        where = _place(trace) or where
        trace = trace.tb_next
    return f"{where}{reason_of(error)}"


def _place(trace: TracebackType) -> str:
    """The line of a template file that a frame stands for; "" for other frames."""
    space, file = trace.tb_frame.f_globals, trace.tb_frame.f_code.co_filename
    template = space.get("__jinja_template__")
    if isinstance(template, Template) and template.filename:
        return f"{template.filename}:{template.get_corresponding_lineno(trace.tb_lineno)}: "
    if "__jinja_exception__" in space and file.endswith(".j2"):  # a frame that Jinja has put right
        return f"{file}:{trace.tb_lineno}: "
    return ""
