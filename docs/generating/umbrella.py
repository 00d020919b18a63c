"""``helm-values/daskhub.yaml``: the values of the umbrella chart, from those of its two charts."""

from pathlib import Path
from textwrap import indent

VALUES = Path(__file__).parents[2] / "helm-values"
_HEAD = """\
# Values for the umbrella chart daskhub, for every installation: jupyterhub.yaml and dask-gateway.yaml, a level deeper.
# Written from these two by `python -m docs.generate`; change them instead. An overlay's two files go below these keys.
"""
_UMBRELLA = """
dask-kubernetes:
  enabled: false
"""
_EXTRA = "  extraConfig:\n"
_WITHOUT = """\
    # The umbrella's own way of declaring the gateway; 50-gatehouse does it.
    00-add-dask-gateway-values: ""
"""


def umbrella_text() -> str:
    """Return the text of the file."""
    hub = _text("jupyterhub.yaml").replace(_EXTRA, _EXTRA + _WITHOUT, 1)
    parts = {"jupyterhub": hub, "dask-gateway": "enabled: true\n\n" + _text("dask-gateway.yaml")}
    return _HEAD + "".join(f"\n{name}:\n{indent(text.rstrip(), '  ')}\n" for name, text in parts.items()) + _UMBRELLA


def _text(name: str) -> str:
    return (VALUES / name).read_text(encoding="utf-8")
