"""The values for the charts fit the charts' strict schemas and fit each other."""

import os
import re
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tests.helm_values.charts import (
    CHARTS,
    DATA,
    OVERLAYS,
    VALUES,
    charts_in,
    complaints,
    helm_is_there,
    load,
    merged,
    ours,
    rendered_chart,
)

OVER = [None, *OVERLAYS]


@pytest.fixture
def data() -> Path:
    """Where the charts' own values and schemas are."""
    if DATA is None:
        pytest.skip("the charts' schemas are not here; name a directory with them in GATEHOUSE_CHARTS")
    return DATA


@pytest.mark.parametrize("overlay", OVER)
@pytest.mark.parametrize("chart", CHARTS)
def test_values_fit_the_strict_schema(data: Path, chart: str, overlay: str | None) -> None:
    """Every values file fits, alone and with each overlay over it."""
    assert complaints(data, chart, ours(chart, overlay)) == []


@pytest.mark.parametrize("overlay", OVER)
def test_the_umbrella_takes_the_same_values(data: Path, overlay: str | None) -> None:
    """Below daskhub each part is what its chart gets, over what daskhub itself sets; overlays go there as well."""
    umbrella = merged(load(data / "daskhub" / "values.yaml"), load(VALUES / "daskhub.yaml"))
    for chart in CHARTS:
        part = merged(umbrella[chart], load(VALUES / "overlays" / overlay / f"{chart}.yaml") if overlay else {})
        found = complaints(data, chart, {key: value for key, value in part.items() if key != "enabled"})
        assert found == []


@pytest.mark.parametrize(
    ("chart", "path"),
    [
        ("jupyterhub", ("hub", "extraEnviron")),
        ("jupyterhub", ("singleuser", "networkPolicy", "egres")),
        ("dask-gateway", ("gateway", "image", "nme")),
        ("dask-gateway", ("controler",)),
    ],
)
def test_a_misspelt_key_is_found(data: Path, chart: str, path: tuple[str, ...]) -> None:
    """A key that a chart does not know is an error with its name."""
    wrong: Any = {}
    for key in reversed(path):
        wrong = {key: wrong or "x"}
    found = complaints(data, chart, merged(ours(chart, "production"), wrong))
    assert any(f"'{path[-1]}' was unexpected" in one for one in found)


def test_the_umbrella_differs_only_in_what_it_must() -> None:
    """Its two parts are the two files; the umbrella's own snippet is emptied, since ours does what it did."""
    umbrella = load(VALUES / "daskhub.yaml")
    assert umbrella["jupyterhub"]["hub"]["extraConfig"].pop("00-add-dask-gateway-values") == ""
    assert umbrella["dask-gateway"].pop("enabled") is True
    assert {chart: umbrella[chart] for chart in CHARTS} == {chart: ours(chart, None) for chart in CHARTS}


def test_workers_run_what_kernels_run() -> None:
    """In every overlay schedulers and workers have the notebook's image, to the digest."""
    for overlay in OVER:
        notebook = ours("jupyterhub", overlay)["singleuser"]["image"]
        assert ours("dask-gateway", overlay)["gateway"]["backend"]["image"] == notebook


@pytest.mark.parametrize("overlay", OVER)
def test_no_secret_is_written(overlay: str | None) -> None:
    """Tokens and passwords come from Secrets by name and key; no value holds one."""
    for chart in CHARTS:
        for path, text in _texts(ours(chart, overlay)):
            assert not re.search(r"://[^/@\s]+:[^/@\s]+@", text), path
            assert not re.search(r"(?i)(password|token|secret)$", path), path


def _texts(value: Any, path: str = "") -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [found for key, item in value.items() for found in _texts(item, f"{path}.{key}")]
    if isinstance(value, list):
        return [found for item in value for found in _texts(item, path)]
    named = path.endswith((".existingSecret", "FromSecretName", "FromSecretKey"))
    return [] if named or not isinstance(value, str) else [(path, value)]


@pytest.mark.skipif(not helm_is_there(), reason="needs helm, and the charts themselves where GATEHOUSE_CHARTS says")
def test_charts_render() -> None:
    """With charts and helm at hand every overlay renders; tests/kubernetes shows the result to an API server."""
    for chart, overlay in product(charts_in(os.environ["GATEHOUSE_CHARTS"]), OVERLAYS):
        assert "kind: Deployment" in rendered_chart(chart, overlay, "gatehouse")
