"""How fair a division is: Jain's index, against the weighted max-min fair share."""

from collections.abc import Mapping, Sequence


def jain_index(values: Sequence[float]) -> float:
    """Return ``(sum x)^2 / (n * sum x^2)``: 1 where all have the same, 1/n where one has everything.

    Source: R. Jain, D. Chiu, W. Hawe, "A Quantitative Measure of Fairness and Discrimination for Resource Allocation in
    Shared Computer Systems", DEC Research Report TR-301, 1984.

    Args:
        values: what each got, normalised by what would be fair; of nobody, or of nothing, everybody has the same.
    """
    squares = sum(value * value for value in values)
    return sum(values) ** 2 / (len(values) * squares) if squares else 1.0


def fair_shares(capacity: float, demands: Mapping[str, float], weights: Mapping[str, float]) -> dict[str, float]:
    """Return the weighted max-min fair share of each: nobody can have more without taking it from somebody poorer.

    Progressive filling: who wants no more than its weighted part of what is left gets its demand, and the others divide
    the rest. Source: D. Bertsekas, R. Gallager, "Data Networks", 2nd edition, section 6.5.2.

    Args:
        capacity: what there is to divide.
        demands: what each could use, by name.
        weights: above zero, by name.
    """
    shares: dict[str, float] = {}
    left, open_ = capacity, dict(demands)
    while open_:
        level = left / sum(weights[name] for name in open_)
        content = [name for name, demand in open_.items() if demand <= level * weights[name]]
        if not content:
            return shares | {name: level * weights[name] for name in open_}
        for name in content:
            shares[name] = open_.pop(name)
            left -= shares[name]
    return shares
