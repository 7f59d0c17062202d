"""Writes docs/performance.md from the results in bench/results: `python -m bench.report`.

What has no result there stays as it is on the page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from bench import goals
from bench.results import load, table

PAGE: Final = Path(__file__).parent.parent / "docs" / "performance.md"

_INTRO: Final = """# Performance

Every figure here was measured with the product's real programs by the benchmarks in [bench/](../bench/README.md), which
says what is measured and how to do it again. No test asserts any of them. Each table names the machine, the day and
the command; this page is written by `python -m bench.report`.
"""

_SECTIONS: Final = (
    (
        "throughput",
        "Messages a second, beside other engines",
        "One after the other in one go: the same messages to the same stand-in for Telegram, every engine "
        "on an empty store of the same kind (Valkey, AOF with `appendfsync always`). Ours writes every "
        "delivery into its ledger before and after the request and keeps to a shared rate limit; the "
        "others store the job and its result. Ours ran three times, and its middle run counts. CPU is that "
        "of the worker and its child processes, without start-up. Bytes waiting and finished are what one "
        "recipient takes in the store before anything is sent and when all is sent, each engine keeping "
        "what it keeps by default.",
    ),
    (
        "scale",
        "From a thousand recipients to a million",
        "The times of acts are medians of five where an act can be repeated. The store may use 512 MB. "
        "`last page` reads the last page of the list of all recipients. The columns from `sent in s` on "
        "are filled where the broadcast was also sent, by one worker with 200 in flight to a messenger that "
        "answers at once. Scripts: as in the next section.",
    ),
    (
        "million",
        "A million recipients",
        "As above, within a store of 512 MB. `script p99`: all but one of a hundred scripts of the act were done after "
        "that time. 0 is less than 2 ms. Among thousands of scripts, the longest is one during which the store forked "
        "to rewrite its log: with rewriting off, learning a million people took 8.2 ms at most, renaming 3.8. Of "
        "`put off`, `unknown` and `send again`, at most 200,000 recipients are part.",
    ),
    (
        "lateness",
        "From the set second to the first POST",
        "Many broadcasts due in the same second, with a real scheduler and one worker; then without the "
        "scheduler, whose part the worker's own sweeper takes over.",
    ),
    (
        "control",
        "How fast it obeys under full load",
        "One worker sends a huge broadcast to a messenger that answers after 50 ms. A rate of 100,000/s "
        "is one that nothing reaches.",
    ),
    (
        "answers",
        "The bot's answers under full load",
        "From a command in the admin's chat to the bot's answer in it, with the real bot on the sandbox's Telegram: "
        "first with nothing else to do, then while a worker on the same machine and store sends as fast as it can.",
    ),
    (
        "idle",
        "Nothing to do",
        "What `./run.sh` starts, on the sandbox, all messengers set up, nothing to send. PSS divides a shared page "
        "among the processes that share it.",
    ),
    (
        "limits",
        "The shared rate against a messenger that enforces it",
        "A bucket of one second's worth is how a limit of so many messages a second is commonly kept; the "
        "rows counted in any one second are stricter than any messenger is known to be.",
    ),
    (
        "receipts",
        "Receipts taken in and applied",
        "One report in each call, the most expensive way there is, at a steady rate for a minute.",
    ),
    (
        "contacts",
        "A million known people",
        "People with three addresses and ten attributes, and how fast they are found. `script` is the longest of "
        "thousands, as above.",
    ),
    (
        "lists",
        "Lists of 200,000 people",
        "From the bytes of a file to the list that the preview shows, in a process of its own. The goal is 10 s and "
        "300 MB.",
    ),
)


def _section(benchmark: str, title: str, words: str) -> str:
    found = load(benchmark)
    if found is None:
        return ""
    measured = f"Measured {found['date']} on {found['machine']}: `{found['command']}`"
    tables = _with_acts_apart(found["rows"]) if benchmark in ("scale", "million") else [table(found["rows"])]
    return "\n\n".join((f"## {title}", words, measured, *tables, *_ratios(found.get("ratios", {}))))


def _with_acts_apart(rows: Sequence[dict[str, Any]]) -> list[str]:
    """The rows without the times of acts, and a table of these."""
    scripts, largest = " script ms", rows[-1]
    acts = [name.removesuffix(scripts) for name in largest if name.endswith(scripts)]
    rest = [{name: value for name, value in row.items() if not name.endswith(" ms")} for row in rows]
    times = [
        {
            "act": act,
            **{f"ms at {row['recipients']:,}": row.get(f"{act} ms") for row in rows},
            **(
                {"script p99 ms": usual} if (usual := largest.get(f"{act} script p99 ms")) is not None else {}
            ),
            "longest script ms": largest[f"{act} script ms"],
        }
        for act in acts
    ]
    return [table(rest), table(times)]


def _ratios(ratios: dict[str, Any]) -> list[str]:
    if not ratios:
        return []
    rows = [{"messages/s of": what, "times": times} for what, times in ratios.items()]
    return [table(rows)]


def _sections_of(page: str) -> dict[str, str]:
    """By title, each with its heading."""
    _, *parts = re.split(r"^## ", page, flags=re.MULTILINE)
    return {part.partition("\n")[0]: f"## {part.rstrip()}" for part in parts}


def _goals(before: str) -> str:
    """The table, with the rows of the one before for what was not measured."""
    kept = {line.split(" | ")[0].removeprefix("| "): line for line in before.splitlines()}
    lines = [
        table([row]).splitlines()[-1] if (row := goal.row()) else kept.get(goal.what, "")
        for goal in goals.GOALS
    ]
    head = table([dict.fromkeys(goals.COLUMNS, "")]).splitlines()[:2]
    return "\n".join(("## Goals\n", *head, *filter(None, lines)))


def main() -> None:
    before = _sections_of(PAGE.read_text(encoding="utf-8"))
    sections = [_section(*entry) or before.get(entry[1], "") for entry in _SECTIONS]
    parts = (_INTRO.rstrip(), _goals(before.get("Goals", "")), *filter(None, sections))
    PAGE.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    measured = [name for name, *_ in _SECTIONS if load(name)]
    print(f"{PAGE.name}: {', '.join(measured) or 'nothing new'}")


if __name__ == "__main__":
    main()
