"""The report of a run: printed, kept, and written into docs/reliability.md.

`python -m tests.chaos.report` puts the long run that was kept last between the markers of that file.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from tests.support.processes import ROOT

INVARIANTS: Final = {
    "I1": "all states add up to what was accepted, at every look",
    "I2": "everything ends once the faults are over",
    "I3": "sent: the messenger has it",
    "I4": "failed or cancelled: the messenger does not have it",
    "I5": "nobody has a message twice",
    "I6": "what was accepted is there, whole and once; what was refused is not",
    "I7": "unknown: its answer was cut off, or its worker was killed before its request",
    "I8": "nothing before its time",
    "I9": "nobody has a message that was not meant for them",
    "I10": "sent again only to the unknown, only when asked, once for two taps",
    "I11": "nothing within quiet hours",
    "I12": "a worker of another account sends nothing with it, and says so",
}
KEPT: Final = ROOT / ".pytest_cache" / "chaos.json"
DOCUMENT: Final = ROOT / "docs" / "reliability.md"
_FIRST, _LAST = "<!-- chaos report: written by tests.chaos.report -->", "<!-- end of the chaos report -->"


@dataclass
class Report:
    """Number of checks per invariant, and a sentence for each violation."""

    recipients: int
    seconds: float
    faults: dict[str, int]
    states: Counter[str] = field(default_factory=Counter)
    checked: Counter[str] = field(default_factory=Counter)
    broken: dict[str, list[str]] = field(default_factory=dict)
    unknown_cut_off: int = 0
    """Unknown ones whose answer nobody got, as the messengers saw it."""
    unknown_unwritten: int = 0
    """Unknown ones whose answer reached a worker that was killed before it had written it."""
    unknown_unseen: int = 0
    """Unknown ones whose worker was killed before a messenger saw a request."""
    unknown_arrived: int = 0
    """Unknown ones whose message is on the phone: only its answer was cut off."""
    latest_start: float = 0.0
    """Longest time from the due time of a planned broadcast to its first message, in seconds."""
    day: str = field(default_factory=lambda: f"{datetime.now(UTC):%Y-%m-%d}")
    cores: int = field(default_factory=lambda: os.cpu_count() or 0)

    def look(self, invariant: str, count: int = 1, *broken: str) -> None:
        """Add checks and violations of an invariant."""
        self.checked[invariant] += count
        self.broken.setdefault(invariant, []).extend(broken)

    @property
    def sentences(self) -> list[str]:
        """All violations."""
        return [f"{name} {sentence}" for name, found in self.broken.items() for sentence in found[:5]]

    def __str__(self) -> str:
        return "\n".join([*self._lines(), *(f"BROKEN {sentence}" for sentence in self.sentences)])

    def _lines(self) -> list[str]:
        states = ", ".join(f"{count:,} {state}" for state, count in sorted(self.states.items()))
        return [
            f"{self.recipients:,} recipients, {self.seconds:.0f} s, {self.cores} cores, {self.day}",
            "",
            "| what was done | times |",
            "|---|---|",
            *(f"| {name} | {count:,} |" for name, count in sorted(self.faults.items())),
            "",
            "| what must hold | looked at | broken |",
            "|---|---|---|",
            *(
                f"| {name} {words} | {self.checked[name]:,} | {len(self.broken.get(name, []))} |"
                for name, words in INVARIANTS.items()
            ),
            "",
            f"Recipients by state: {states}. Unknown before anybody asked to send again: {self.checked['I7']:,}, of "
            f"which {self.unknown_arrived:,} had arrived. {self.unknown_cut_off:,} of them were requests whose answer "
            f"nobody got, {self.unknown_unwritten:,} were answered to a worker that was killed before it had written "
            f"that, and {self.unknown_unseen:,} were claimed by a worker that was killed before a messenger saw a "
            f"request. Planned broadcasts started {self.latest_start:.1f} s late at most.",
        ]

    def keep(self) -> None:
        """For `python -m tests.chaos.report`."""
        KEPT.parent.mkdir(exist_ok=True)
        kept = {
            name: dict(value) if isinstance(value, Counter) else value for name, value in vars(self).items()
        }
        KEPT.write_text(json.dumps(kept))


def main() -> int:
    """Rewrite the document. Returns 1 if no run was kept, or one with a violation."""
    if not KEPT.exists():
        sys.stderr.write("No run was kept yet. Run ./test.sh chaos first.\n")
        return 1
    kept = json.loads(KEPT.read_text())
    report = Report(**{**kept, "states": Counter(kept["states"]), "checked": Counter(kept["checked"])})
    text = DOCUMENT.read_text(encoding="utf-8")
    before, after = text.partition(_FIRST)[0], text.partition(_LAST)[2]
    DOCUMENT.write_text(f"{before}{_FIRST}\n\n{report}\n\n{_LAST}{after}", encoding="utf-8")
    return 1 if report.sentences else 0


if __name__ == "__main__":
    sys.exit(main())
