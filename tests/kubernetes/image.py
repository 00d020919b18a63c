"""The one image of the tests' real node: a static program on nothing, in an archive that ``ctr`` imports."""

import hashlib
import io
import json
import platform
import tarfile
from pathlib import Path
from typing import Any

IMAGE = "gatehouse.test/toy:1"
"""What pods call it. No registry has it, so its pull policy must not be Always."""
_ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())


def archive(program: Path, to: Path) -> None:
    """Write an OCI archive whose only layer holds the program as ``/toy``."""
    layer = _tar({"toy": program.read_bytes()})
    config = {"architecture": _ARCHITECTURE, "os": "linux", "config": {"Entrypoint": ["/toy"], "Cmd": ["pause"]}}
    diff = {"rootfs": {"type": "layers", "diff_ids": [_digest(layer)]}}
    blobs = {"layer": layer, "config": json.dumps({**config, **diff}).encode()}
    kinds = {"layer": "application/vnd.oci.image.layer.v1.tar", "config": "application/vnd.oci.image.config.v1+json"}
    described = {name: _described(kinds[name], blob) for name, blob in blobs.items()}
    manifest = {"schemaVersion": 2, "config": described["config"], "layers": [described["layer"]]}
    blobs["manifest"] = json.dumps(manifest).encode()
    first = _described("application/vnd.oci.image.manifest.v1+json", blobs["manifest"])
    index = {"schemaVersion": 2, "manifests": [{**first, "annotations": {"io.containerd.image.name": IMAGE}}]}
    files = {f"blobs/sha256/{_digest(blob).removeprefix('sha256:')}": blob for blob in blobs.values()}
    files["oci-layout"] = b'{"imageLayoutVersion": "1.0.0"}'
    files["index.json"] = json.dumps(index).encode()
    to.write_bytes(_tar(files))


def _described(kind: str, blob: bytes) -> dict[str, Any]:
    return {"mediaType": kind, "digest": _digest(blob), "size": len(blob)}


def _digest(blob: bytes) -> str:
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"


def _tar(files: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o755
            tar.addfile(member, io.BytesIO(content))
    return written.getvalue()
