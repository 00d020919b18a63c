"""What a test does with a cluster: kubectl, objects from Python, namespaces, other users, the custom resources."""

import json
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml

from tests.kubernetes import crds
from tests.kubernetes.plane import ControlPlane, write_kubeconfig
from tests.service.waiting import until

PATIENCE = 60.0
"""Seconds that a controller may take on a busy machine."""


class Refused(Exception):
    """The API server refused; the text is what kubectl wrote."""


class Cluster:
    """A running Kubernetes, as its administrator sees it."""

    def __init__(self, kubeconfig: Path, kubectl: Path, scratch: Path, plane: ControlPlane | None = None) -> None:
        self.kubeconfig = kubeconfig
        self.plane = plane
        """The control plane that this run started; ``None`` for a cluster that KUBECONFIG names."""
        self._kubectl = kubectl
        self._scratch = scratch

    def kubectl(self, *words: str, given: str | None = None, kubeconfig: Path | None = None) -> str:
        """Run kubectl and return what it wrote.

        Args:
            words: its arguments.
            given: its standard input.
            kubeconfig: another user's, from :meth:`user_kubeconfig`.

        Raises:
            Refused: it failed.
        """
        command = [str(self._kubectl), f"--kubeconfig={kubeconfig or self.kubeconfig}", *words]
        done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Refused(done.stderr.strip())
        return done.stdout

    def get(self, *words: str, kubeconfig: Path | None = None) -> Any:
        """Return an object, or the list of ``items``, as JSON: ``get("pods", "-n", namespace)``."""
        found = json.loads(self.kubectl("get", *words, "-o", "json", kubeconfig=kubeconfig))
        return found["items"] if found["kind"] == "List" else found

    def apply(self, *objects: dict[str, Any] | str, namespace: str | None = None, dry_run: bool = False) -> str:
        """Apply objects, or YAML texts; with ``dry_run`` the API server checks them and keeps nothing.

        Raises:
            Refused: the API server takes one of them not; also for an unknown field.
        """
        texts = [text if isinstance(text, str) else yaml.safe_dump(text) for text in objects]
        words = ["apply", "--server-side", "--force-conflicts", "-f", "-"]
        words += ["--dry-run=server"] if dry_run else []
        words += ["-n", namespace] if namespace else []
        return self.kubectl(*words, given="\n---\n".join(texts))

    @contextmanager
    def namespace(self, name: str = "test") -> Iterator[str]:
        """Make a namespace of its own and yield its name; it goes afterwards, with all that is in it."""
        full = f"{name}-{uuid4().hex[:6]}"
        self.kubectl("create", "namespace", full)
        try:
            until(lambda: self._exists("serviceaccount", "default", full), PATIENCE)  # before it, pods are refused
            yield full
        finally:
            self.kubectl("delete", "namespace", full, "--wait=false")

    def _exists(self, kind: str, name: str, namespace: str) -> bool:
        return bool(self.kubectl("get", kind, name, "-n", namespace, "--ignore-not-found", "-o", "name"))

    def install_crds(self, definitions: Iterable[dict[str, Any]] = ()) -> None:
        """Install Dask Gateway's custom resources, or others, and wait until they are served."""
        wanted = list(definitions) or crds.definitions()
        self.apply(*wanted)
        names = [f"crd/{one['metadata']['name']}" for one in wanted]
        self.kubectl("wait", "--for=condition=Established", f"--timeout={PATIENCE:.0f}s", *names)

    def user_kubeconfig(self, account: str, namespace: str) -> Path:
        """Return a kubeconfig for a service account, which must exist."""
        token = self.kubectl("create", "token", account, "-n", namespace).strip()
        path = self._scratch / f"{namespace}-{account}.kubeconfig"
        if self.plane is not None:
            write_kubeconfig(path, self.plane.server, self.plane.certificate, token)
            return path
        config = yaml.safe_load(self.kubectl("config", "view", "--minify", "--flatten"))
        config["users"] = [{"name": one["name"], "user": {"token": token}} for one in config["users"]]
        path.write_text(yaml.safe_dump(config), encoding="utf-8")
        return path

    async def api(self, kubeconfig: Path | None = None) -> Any:
        """Return a ``kubernetes_asyncio`` ApiClient; close it, or use it with ``async with``."""
        from kubernetes_asyncio import config  # noqa: PLC0415 - what tests without it do not need

        return await config.new_client_from_config(config_file=str(kubeconfig or self.kubeconfig))

    def restart(self) -> None:
        """Kill the API server and start it again on the same port.

        Raises:
            RuntimeError: the cluster is not ours.
        """
        if self.plane is None:
            raise RuntimeError("Only a control plane that the tests started is restarted: mark the test own_plane.")
        self.plane.restart_apiserver()
