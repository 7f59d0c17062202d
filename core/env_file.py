"""The .env file: its values, or one sentence for each line that cannot be what was meant."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import Final

from dotenv.parser import Binding, parse_stream

from core.domain.errors import ConfigurationError

_LIKENESS: Final = 0.8
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SINGLE_QUOTED: Final = re.compile(r"=\s*'")
_TYPOGRAPHIC: Final = re.compile("[\u2018\u201a\u201c\u201d\u201e\u00ab].*[\u2018\u2019\u201c\u201d\u00bb]")
_CUT_VALUE: Final = re.compile(r"=\s*[^\s'\"#][^'\"\n]*\s#")


def read_env_file(path: str | Path, known: Collection[str], secrets: Collection[str]) -> Mapping[str, str]:
    """Its values by their names; nothing where there is no file. Raises ConfigurationError with a line per problem.

    `known`: the names of all settings; `secrets`: those whose values may hold any character.
    """
    file = Path(path)
    bindings = list(parse_stream(StringIO(_text(file))))
    names = {*known, *(f"{name}_FILE" for name in secrets)}
    problems = [found for one in bindings for found in _problems(one, names, secrets)]
    problems += _contradictions(bindings, names)
    if problems:
        raise ConfigurationError("\n".join(f"{file.name}, {problem}" for problem in problems))
    return {one.key: one.value for one in bindings if one.key and one.value is not None}


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise ConfigurationError(f"{file.name}: is not UTF-8 text. Save it again as UTF-8.") from None
    except OSError as error:
        raise ConfigurationError(f"{file.name}: cannot be read ({error.strerror}).") from None


def _problems(binding: Binding, names: Collection[str], secrets: Collection[str]) -> Iterator[str]:
    where = f"line {_line(binding)}: "
    if binding.error or binding.value is None:
        if binding.error or not _NAME.fullmatch(binding.key or "_") or _meant(binding.key or "", names):
            yield f"{where}cannot be read. Write NAME=value, and close every quote that is opened."
        return
    name = binding.key or ""
    if name not in names and (meant := _meant(name, names)):
        yield f"{where}{name} is no setting. Do you mean {meant}?"
    if name in names and "$" in binding.value and not _SINGLE_QUOTED.search(binding.original.string):
        yield f"{where}docker compose reads the $ in the value of {name} as a variable. Put the value in single quotes."
    if name in names and _TYPOGRAPHIC.fullmatch(binding.value):
        yield f"{where}the quotation marks around the value of {name} are typographic. Use ' or leave them out."
    if name in secrets and _CUT_VALUE.search(binding.original.string):
        yield f"{where}the value of {name} ends at the #, as a comment begins there. Put the value in single quotes."


def _line(binding: Binding) -> int:
    skipped = len(binding.original.string) - len(binding.original.string.lstrip("\r\n"))
    return binding.original.line + binding.original.string[:skipped].count("\n")


def _contradictions(bindings: Sequence[Binding], names: Collection[str]) -> Iterator[str]:
    """A second line would silently replace the first: a second admin on a line of their own, for example."""
    first: dict[str, Binding] = {}
    for one in bindings:
        if not one.key or one.key not in names or one.value is None:
            continue
        before = first.setdefault(one.key, one)
        if before.value != one.value:
            yield f"line {_line(one)}: {one.key} is in line {_line(before)} too, with another value. Keep one of them."


def _meant(text: str, names: Collection[str]) -> str:
    """The setting that a name looks like; empty if it looks like none."""
    found = _NAME.match(text.removeprefix("export ").replace("-", "_"))
    if found is None:
        return ""
    if found[0].upper() in names:
        return found[0].upper()
    return next(iter(get_close_matches(found[0].upper(), names, 1, _LIKENESS)), "")
