"""The journal's chain: every edit shows."""

from dataclasses import replace

import pytest

from deployctl.model.errors import JournalBroken
from deployctl.model.lease import Holder, taken
from deployctl.model.record import Record, Told, chained, verified
from tests.fakes.clock import START

LEASE = taken(None, Holder(owner="one"), version="v", at=START)


def a_journal(length: int = 4) -> list[Record]:
    records: list[Record] = []
    for number in range(length):
        last = records[-1] if records else None
        body: dict[str, str] = {"n": str(number)}
        records.append(
            chained(last, LEASE, at=START, release="r", told=Told.TOOK_OVER, body={**body})
        )
    return records


def test_an_untouched_journal_is_accepted_as_it_is() -> None:
    journal = a_journal()
    assert verified(journal) == tuple(journal)
    assert verified([]) == ()


@pytest.mark.parametrize("place", range(4))
def test_an_edited_record_is_found_wherever_it_is(place: int) -> None:
    journal = a_journal()
    journal[place] = replace(journal[place], body={"n": "forged"})
    with pytest.raises(JournalBroken, match=f"record {place + 1}"):
        verified(journal)


@pytest.mark.parametrize("place", range(3))
def test_a_dropped_or_swapped_record_is_found(place: int) -> None:
    journal = a_journal()
    dropped = journal[:place] + journal[place + 1 :]
    with pytest.raises(JournalBroken):
        verified(dropped)
    journal[place], journal[place + 1] = journal[place + 1], journal[place]
    with pytest.raises(JournalBroken):
        verified(journal)


def test_a_record_of_a_newer_format_is_not_guessed_at() -> None:
    journal = [replace(a_journal(1)[0], v=2)]
    with pytest.raises(JournalBroken, match="format 2") as told:
        verified(journal)
    assert "newer" in told.value.hint
