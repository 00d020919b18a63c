"""What a meter bills that looks only now and then, by the rule that is published for the usual one.

OpenCost asks Prometheus for the samples of a pod in the window and takes the first and the last of them as its start
and end; a pod with one sample gets one resolution, a pod with none does not exist. Source: opencost/opencost, pull
request 719 (the author's table of errors) and the query of ``kube_pod_container_status_running``.
"""

import math
from collections.abc import Iterable
from fractions import Fraction

Life = tuple[float, float]
"""Start and end in seconds."""


def billed(life: Life, resolution: float, phase: float) -> float:
    """Return the seconds that a sampling meter bills.

    Args:
        life: start and end of a process.
        resolution: seconds between two samples.
        phase: when the first sample is taken, in seconds.
    """
    start, end = life
    first = math.ceil((start - phase) / resolution)
    last = math.ceil((end - phase) / resolution) - 1
    samples = last - first + 1
    if samples <= 0:
        return 0.0
    return resolution if samples == 1 else (samples - 1) * resolution


def error_percent(lives: Iterable[Life], resolution: float, phases: int = 240) -> float:
    """Return the mean absolute error of a sampler's total, in percent of the truth, over evenly spread phases.

    Args:
        lives: the processes of one trace.
        resolution: seconds between two samples.
        phases: how many.
    """
    known = list(lives)
    truth = sum(end - start for start, end in known)
    shares = [float(Fraction(step, phases)) * resolution for step in range(phases)]
    errors = [abs(sum(billed(life, resolution, phase) for life in known) / truth - 1) for phase in shares]
    return 100 * sum(errors) / phases
