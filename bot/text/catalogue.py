"""A catalogue of translations, read from the .po file that tools/catalogue.py writes."""

from __future__ import annotations

import gettext
import json
import re
from pathlib import Path


class Catalogue(gettext.NullTranslations):
    """Read without babel, which takes four times as long for the same file and leaves 1.5 MB more in use."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._forms: dict[str, list[str]] = {}
        for entry in re.split(r"\n{2,}", path.read_text(encoding="utf-8").strip()):
            message, *forms = _strings(entry)
            self._forms[message] = forms
        rule = self._forms.pop("")[0].partition("plural=")[2].partition(";")[0]
        self._form_for = gettext.c2py(rule)

    def gettext(self, message: str) -> str:
        """English where there is no translation."""
        return (self._forms.get(message) or [""])[0] or message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The form for the number n; English where there is no translation."""
        forms = self._forms.get(msgid1)
        return (forms[self._form_for(n)] if forms else "") or super().ngettext(msgid1, msgid2, n)


def _strings(entry: str) -> list[str]:
    """The text of an entry and its translations, one for each form of the plural."""
    found: dict[str, str] = {}
    keyword = ""
    for line in entry.splitlines():
        if line.startswith("#"):
            continue
        if not line.startswith('"'):
            keyword, _, line = line.partition(" ")
        # The escapes of a .po file are those of JSON.
        found[keyword] = found.get(keyword, "") + json.loads(line)
    found.pop("msgid_plural", None)
    return list(found.values())
