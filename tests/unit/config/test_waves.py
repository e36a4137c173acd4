"""The order that `after` asks for."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployctl.config.waves import cycle, waves


def test_services_roll_as_early_as_they_may_in_the_order_of_the_file() -> None:
    assert waves({"c": ("b",), "z": (), "b": ("a",), "a": (), "d": ("b", "z")}) == (
        ("z", "a"),
        ("b",),
        ("c", "d"),
    )


def test_no_services_have_no_waves() -> None:
    assert waves({}) == ()


@pytest.mark.parametrize(
    ("after", "found"),
    [
        ({"a": ("a",)}, ("a", "a")),
        ({"a": ("b",), "b": ("a",)}, ("a", "b", "a")),
        ({"x": ("a",), "a": ("b",), "b": ("c",), "c": ("a",)}, ("a", "b", "c", "a")),
        ({"a": ("b", "c"), "b": ("c",), "c": ()}, ()),
        ({"a": ("unknown",)}, ()),
        ({}, ()),
    ],
)
def test_a_cycle_is_shown(after: dict[str, tuple[str, ...]], found: tuple[str, ...]) -> None:
    assert cycle(after) == found


def test_a_cycle_has_no_waves() -> None:
    with pytest.raises(ValueError, match="cycle"):
        waves({"a": ("a",)})


NAMES = st.sampled_from("abcdef")


@given(st.dictionaries(NAMES, st.lists(NAMES, max_size=3, unique=True).map(tuple)))
def test_either_there_is_a_cycle_or_every_wave_comes_after_what_it_needs(
    after: dict[str, tuple[str, ...]],
) -> None:
    known = {name: tuple(each for each in needs if each in after) for name, needs in after.items()}
    found = cycle(known)
    if found:
        assert found[0] == found[-1]
        assert all(later in known[name] for name, later in pairwise(found))
        return
    done: set[str] = set()
    for wave in waves(known):
        assert all(done.issuperset(known[name]) for name in wave)
        done.update(wave)
    assert done == set(known)
