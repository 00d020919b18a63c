"""What the service counts, as Prometheus reads it."""

from urllib.request import Request, urlopen

from prometheus_client.parser import text_string_to_metric_families

from tests.support.service import Service


def counted(service: Service, name: str, **labels: str) -> float:
    """Return the value of a sample.

    Args:
        service: the service.
        name: of the sample: a counter's ends in ``_total``.
        labels: all of its labels.
    """
    headers = {"Authorization": f"token {service.hub.token('adam')}"}
    with urlopen(Request(f"{service.url}metrics", headers=headers), timeout=60) as answer:  # noqa: S310 - our service
        families = text_string_to_metric_families(answer.read().decode())
    samples = (sample for family in families for sample in family.samples)
    return next(sample.value for sample in samples if sample.name == name and sample.labels == labels)
