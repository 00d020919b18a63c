"""How two things are compared on a machine that does other work meanwhile."""

from benchmarks.overhead import paired, ratio


def test_both_are_called_in_turns_and_paired() -> None:
    """A B, then B A: neither is always the first."""
    calls: list[str] = []

    def measured(name: str, seconds: float) -> float:
        calls.append(name)
        return seconds + len(calls)

    ours, stock = paired(lambda: measured("a", 0), lambda: measured("b", 10), pairs=4)

    assert "".join(calls) == "abbaabba"
    assert (ours, stock) == ([1, 4, 5, 8], [12, 13, 16, 17])


def test_the_ratio_is_the_median_of_the_pairs() -> None:
    """One pair that something else has slowed down does not tell."""
    assert ratio([2, 2, 90], [1, 2, 3]) == 2
