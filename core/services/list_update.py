"""Compare a saved list with a newer one: people added, changed and gone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.domain.recipients import Recipient
from core.parsing.addresses import account


@dataclass(frozen=True, kw_only=True, slots=True)
class ListChange:
    """Changes that a newer list makes to a saved one."""

    added: tuple[Recipient, ...]
    changed: tuple[Recipient, ...]
    """People with other values, as the newer list has them."""
    gone: tuple[Recipient, ...]
    """People of the saved list who are not in the newer one, and addresses that a newer form replaces."""
    missing: int
    """Number of people who are not in the newer list."""
    same: int


def compare(saved: Iterable[Recipient], newer: Iterable[Recipient]) -> ListChange:
    """Compare by account: two forms of one phone number are one person."""
    before = {account(one): one for one in saved}
    added, changed, replaced, same = [], [], [], 0
    for one in newer:
        known = before.pop(account(one), None)
        if known is None:
            added.append(one)
        elif known.address != one.address:
            changed.append(one)
            replaced.append(known)
        elif one.variables and dict(one.variables) != dict(known.variables):
            changed.append(one)
        else:
            same += 1
    return ListChange(
        added=tuple(added),
        changed=tuple(changed),
        gone=(*before.values(), *replaced),
        missing=len(before),
        same=same,
    )
