"""In-memory contacts and audiences for parsing recipients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.domain.audience import Chosen, LookedUp
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Contact, Recipient

ALICE = Contact(
    id="1", name="Alice", addresses={Messenger.TELEGRAM: "1001", Messenger.WHATSAPP: "+12025550123"}
)


class Contacts:
    """Contacts in memory."""

    def __init__(self, *contacts: Contact) -> None:
        self._contacts = {contact.id: contact for contact in contacts}

    async def get_many(self, contact_ids: list[str]) -> Mapping[str, Contact]:
        return {key: self._contacts[key] for key in contact_ids if key in self._contacts}


CUSTOMERS = Chosen(id="BCDFGH", title="Customers", counts={Messenger.WHATSAPP: 1204})
ALL = Chosen(id="all", title="all", counts={Messenger.TELEGRAM: 2})

NEWCOMERS = Chosen(id="CDFGHJ", title="newcomers", counts={})


class Audiences:
    """Audiences by name, in memory."""

    async def look_up(self, words: Iterable[str]) -> LookedUp:
        known = {"customers": CUSTOMERS, "all": ALL, "newcomers": NEWCOMERS}
        wanted = list(words)
        return LookedUp(
            found={word: known[word.lower()] for word in wanted if word.lower() in known},
            near={"custmers": [CUSTOMERS]} if "custmers" in wanted else {},
        )


def recipient(messenger: Messenger, address: str, contact_id: str | None = None) -> Recipient:
    variables = {"name": ALICE.name} if contact_id else {}
    return Recipient(messenger=messenger, address=address, contact_id=contact_id, variables=variables)
