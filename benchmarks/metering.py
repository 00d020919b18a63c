"""``make bench-metering``: exactness beside samplers, intake, and answers from a large ledger."""

from benchmarks import exactness, ingest, pages


def main() -> None:
    """Measure one after the other."""
    exactness.measure()
    ingest.measure()
    pages.measure()


if __name__ == "__main__":
    main()
