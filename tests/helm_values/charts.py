"""The charts that ``helm-values`` configures: their values and schemas as data, and what Helm does with values.

The data is beside the repository (``../shared/charts``) or where ``GATEHOUSE_CHARTS`` says; none of it is in the
repository. ``GATEHOUSE_CHARTS`` may also hold the charts themselves, packed (``jupyterhub-4.4.0.tgz``) or unpacked:
then ``helm template`` renders them, if there is a ``helm``.
"""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped] # publishes no types
import yaml

ROOT = Path(__file__).parents[2]
VALUES = ROOT / "helm-values"
OVERLAYS = ("laptop", "staging", "production")
CHARTS = ("jupyterhub", "dask-gateway")
_PLACES = (os.environ.get("GATEHOUSE_CHARTS", ""), str(ROOT.parent / "shared" / "charts"))
_SCHEMA = "values.schema.yaml"
_DATA = (*(f"{chart}/{_SCHEMA}" for chart in CHARTS), "daskhub/values.yaml")
DATA = next((Path(place) for place in _PLACES if place and all((Path(place) / name).exists() for name in _DATA)), None)
"""Where the charts' values and schemas are; None: nowhere."""
Values = dict[str, Any]


def load(path: Path) -> Values:
    """Read a values file."""
    read: Values = yaml.safe_load(path.read_text(encoding="utf-8"))
    return read


@cache
def _of_chart(path: Path) -> Values:
    """Read a file of a chart, once: they are long."""
    read: Values = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return read


def charts_in(directory: str | None) -> dict[str, Path]:
    """Return the charts in a directory, packed or unpacked, by name."""
    there = sorted(Path(directory).iterdir()) if directory else []
    whole = [path for path in there if path.suffix == ".tgz" or (path / "templates").is_dir()]
    names = (*CHARTS, "daskhub")
    return {name: path for path in whole for name in names if path.name.partition(".")[0].rstrip("-0123456789") == name}


def merged(base: Values, over: Values) -> Values:
    """Lay values over others as Helm does: mappings key by key, null removes a key, everything else as a whole."""
    result = dict(base)
    for key, value in over.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merged(result[key], value)
        else:
            result[key] = value
    return result


def helm_is_there() -> bool:
    """Say whether charts can be rendered."""
    return shutil.which("helm") is not None and bool(charts_in(os.environ.get("GATEHOUSE_CHARTS")))


def rendered_chart(chart: str, overlay: str, namespace: str) -> str:
    """Return what ``helm template`` makes of a chart with our values and an overlay's, as YAML.

    Raises:
        RuntimeError: with what helm says.
    """
    over = {part: load(VALUES / "overlays" / overlay / f"{part}.yaml") for part in CHARTS}
    values = over if chart == "daskhub" else over[chart]
    archive = charts_in(os.environ.get("GATEHOUSE_CHARTS"))[chart]
    command = ["helm", "template", chart, str(archive), f"--namespace={namespace}", "--no-hooks"]
    command += ["--kube-version=1.34.0"]  # what helm takes for its default is that of its own build
    command += [f"--values={VALUES / chart}.yaml", "--values=-"]
    done = subprocess.run(command, input=yaml.safe_dump(values), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout


def ours(chart: str, overlay: str | None) -> Values:
    """Return our values of a chart, with those of an overlay over them."""
    base = load(VALUES / f"{chart}.yaml")
    return merged(base, load(VALUES / "overlays" / overlay / f"{chart}.yaml")) if overlay else base


def complaints(data: Path, chart: str, values: Values) -> list[str]:
    """Return what a chart's strict schema says against values, laid over the chart's own."""
    whole = merged(_of_chart(data / chart / "values.yaml"), values)
    found = jsonschema.Draft7Validator(_of_chart(data / chart / _SCHEMA)).iter_errors(whole)
    return [f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in found]
