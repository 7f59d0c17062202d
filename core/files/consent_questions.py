"""Questions about columns that select who on a list is written to: yes and no beside the number, consent, refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from core.domain.translatable import Sentence, sentence
from core.files.column_facts import FITS, Facts
from core.files.consent import Only, Wanted
from core.files.headings import Means
from core.files.questions import Choice, Question

Ask = Callable[[Question], str]
"""Returns the answer to a question, or raises NeedsAnswer."""


def ask_flag(columns: Iterable[Facts], means: Means, ask: Ask) -> Only | None:
    """A column "WhatsApp" with yes and no beside the phone numbers. `means`: of the messenger's columns."""
    for one in columns:
        if one.means & means and one.filled and one.share("flag") == 1:
            some = Choice("yes", sentence("Only those with yes"))
            question = _question(f"flag{one.place}", one, _yes_or_no(one), some)
            return Only(one.place, one.title) if ask(question) == some.key else None
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
            text = _yes_or_no(one)
            refusal = wanted is Wanted.FLAG_IS_NO
            label = sentence("Only those with no") if refusal else sentence("Only those with yes")
        else:
            text = sentence(
                "“{name}” may say who wants no messages. Who do you want to write to?", name=one.title
            )
            label = sentence("Only those who want messages")
        some = Choice("some", label)
        question = _question(f"consent{one.place}", one, text, some)
        return Only(one.place, one.title, wanted) if ask(question) == some.key else None
    return None


def _yes_or_no(one: Facts) -> Sentence:
    return sentence("“{name}” says yes or no. Who do you want to write to?", name=one.title)


def _question(key: str, one: Facts, text: Sentence, some: Choice) -> Question:
    everyone = Choice("all", sentence("Everyone on the list"))
    return Question(key=key, text=text, samples=tuple(one.samples), choices=(some, everyone))
