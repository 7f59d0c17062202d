"""What is sent: a text, checked against each messenger's limits before anything is accepted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from core.domain.messengers import Messenger

SNIPPET_LENGTH = 24
_BROKEN = re.compile("[\ud800-\udfff]")


def utf16_length(text: str) -> int:
    """Length in UTF-16 units, as the messengers count: most emoji take two."""
    return len(text.encode("utf-16-le")) // 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """One text, sent exactly as written: no markup in it is read by any messenger's parser."""

    text: str

    @property
    def snippet(self) -> str:
        """The beginning on one line, for lists and titles."""
        line = " ".join(self.text.split())
        return line if len(line) <= SNIPPET_LENGTH else line[: SNIPPET_LENGTH - 1].rstrip() + "…"

    def problems(self, messengers: Iterable[Messenger]) -> list[str]:
        """One sentence for each limit that the text breaks on the given messengers; empty when it fits."""
        if not self.text.strip():
            return ["The text is empty. Write what people shall read."]
        broken = _BROKEN.search(self.text)
        if broken is not None:
            return [
                f"Character {broken.start() + 1} of the text is half of an emoji or symbol (a lone surrogate), which "
                "cannot be sent. Write it anew."
            ]
        return [problem for messenger in messengers for problem in self._too_long_for(messenger)]

    def _too_long_for(self, messenger: Messenger) -> list[str]:
        traits = messenger.traits
        length = utf16_length(self.text)
        if length > traits.max_text:
            return [
                f"The text has {length:,} characters; {traits.title} takes {traits.max_text:,}. "
                f"Cut {length - traits.max_text:,}, or send it as two broadcasts."
            ]
        size = len(self.text.encode())
        if traits.max_payload is not None and size > traits.max_payload:
            return [
                f"The text takes {size:,} bytes; {traits.title} takes {traits.max_payload:,} in one message. "
                f"Cut about {size - traits.max_payload:,} bytes, or send it as two broadcasts."
            ]
        return []
