"""Questions about columns that select who on a list is written to: yes and no beside the number, consent, refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from core.domain.translatable import sentence
from core.files.column_facts import FITS, Facts
from core.files.consent import Only, Wanted
from core.files.headings import Means
from core.files.questions import Choice, Question

Ask = Callable[[Question], str]
"""Returns the answer to a question, or raises NeedsAnswer."""


def ask_flag(columns: Iterable[Facts], means: Means, ask: Ask) -> Only | None:
    """A column "WhatsApp" with yes and no beside the phone numbers. `means`: of the messenger's columns."""
    for one in columns:
        if not one.means & means or one.share("flag") < 1 or not one.filled:
            continue
        answer = ask(
            Question(
                key=f"flag{one.place}",
                text=sentence("“{name}” says yes or no. Who do you want to write to?", name=one.title),
                samples=tuple(one.samples),
                choices=(
                    Choice("yes", sentence("Only those with yes")),
                    Choice("all", sentence("Everyone on the list")),
                ),
            )
        )
        return Only(one.place, one.title) if answer == "yes" else None
    return None


def ask_consent(columns: Iterable[Facts], ask: Ask) -> Only | None:
    """A column of people who agreed to messages, or want none."""
    for one in columns:
        if one.means & (Means.CONSENT | Means.OPT_OUT):
            wanted = Wanted.FLAG_IS_NO if one.means & Means.OPT_OUT else Wanted.FLAG_IS_YES
            asks = one.filled and one.share("flag", "wish", "date") == 1
        else:
            wanted = Wanted.NOT_REFUSED
            asks = one.kinds["refusal"] and one.share("flag", "wish") >= FITS
        if not asks:
            continue
        if one.share("flag") == 1:
            refusal = wanted is Wanted.FLAG_IS_NO
            label = sentence("Only those with no") if refusal else sentence("Only those with yes")
            text = sentence("“{name}” says yes or no. Who do you want to write to?", name=one.title)
        else:
            label = sentence("Only those who want messages")
            text = sentence(
                "“{name}” may say who wants no messages. Who do you want to write to?", name=one.title
            )
        answer = ask(
            Question(
                key=f"consent{one.place}",
                text=text,
                samples=tuple(one.samples),
                choices=(Choice("some", label), Choice("all", sentence("Everyone on the list"))),
            )
        )
        return Only(one.place, one.title, wanted) if answer == "some" else None
    return None
