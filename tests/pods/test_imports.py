"""A service on one machine needs nothing of Kubernetes."""

import subprocess
import sys


def test_a_service_starts_without_the_packages_of_kubernetes() -> None:
    """They are imported when a namespace is to be watched."""
    told = "import sys, hub_ext.service.app; print(sorted({'kubernetes_asyncio', 'kubespawner'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
