"""Alerts fire when they should, and every panel of the dashboards shows something of a real service.

They need no cluster, but ``promtool`` and ``prometheus``, which ``make test-kubernetes`` installs.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import urlopen

import pytest
import yaml

from hub_ext.metrics import Metrics
from tests.kubernetes.installing import VALUES
from tests.service.test_doors import ask, bind
from tests.service.waiting import until
from tests.support.hub import running_hub
from tests.support.ports import free_port
from tests.support.service import Service, running_service

MONITORING = VALUES / "monitoring"
DASHBOARDS = sorted((MONITORING / "dashboards").glob("*.json"))
ALERTS = MONITORING / "alerts.yaml"
UNITS = Path(__file__).with_name("alerts.test.yaml")
NAME = re.compile(r"\bgatehouse_[a-z_]+\b")
POLICY = """
apiVersion: gatehouse/v1
prices: [{from: 2026-01-01, core_hour: 1}]
profiles:
  small: {kind: server, cores: 1, memory: 1 GiB}
  large: {kind: server, cores: 4, memory: 4 GiB}
  standard: {kind: cluster, scheduler: {cores: 1, memory: 1 GiB}, worker: {cores: 1, memory: 1 GiB}, workers: {max: 9}}
cohorts: {company: {nominal_quota: {cores: 2}}}
groups:
  research:
    match: [/research]
    cohort: company
    profiles: [small, large, standard]
    quota: {cores: 4, memory: 9 GiB}
    burst: {core_minutes: 60}
    budget: {monthly: 100, on_exhausted: deny_new}
administrators: [{match: [/platform-admins], may: [read]}]
"""


def panels() -> list[tuple[str, str, str]]:
    """Return every query of every panel as dashboard, panel and PromQL, for all groups."""
    return [
        (path.stem, panel["title"], target["expr"].replace("$group", ".*"))
        for path in DASHBOARDS
        for panel in json.loads(path.read_text(encoding="utf-8"))["panels"]
        for target in panel["targets"]
    ]


def rules(directory: Path) -> Path:
    """Write the alerts as a rule file and return it."""
    path = directory / "rules.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["spec"]), encoding="utf-8")
    return path


def promtool(*words: str) -> str:
    """Run promtool; its complaint is the test's."""
    done = subprocess.run(["promtool", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_alerts_fire_when_they_should(tmp_path: Path) -> None:
    """Promtool takes the rules, and each alert fires and stays silent as its unit test says."""
    promtool("check", "rules", str(rules(tmp_path)))
    units = tmp_path / "alerts.test.yaml"
    units.write_text(UNITS.read_text(encoding="utf-8"), encoding="utf-8")
    promtool("test", "rules", str(units))


def test_every_alert_has_a_unit_test() -> None:
    """No alert is without a moment at which it fires."""
    groups = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["spec"]["groups"]
    fired = {
        case["alertname"]
        for test in yaml.safe_load(UNITS.read_text(encoding="utf-8"))["tests"]
        for case in test["alert_rule_test"]
        if case.get("exp_alerts")
    }
    assert {rule["alert"] for group in groups for rule in group["rules"]} == fired


def test_only_metrics_that_there_are_are_used() -> None:
    """Each name in a query or an alert is one of ours."""
    known = {sample.name for family in Metrics().registry.collect() for sample in family.samples}
    known |= {family.name for family in Metrics().registry.collect()}
    used = {name for _, _, query in panels() for name in NAME.findall(query)}
    used |= set(NAME.findall(ALERTS.read_text(encoding="utf-8")))
    assert used - known == set()
    assert len(used) > 10


@pytest.mark.parametrize("path", DASHBOARDS, ids=[path.stem for path in DASHBOARDS])
def test_dashboards_are_whole(path: Path) -> None:
    """Panels have their own ids and places, a sentence each, and ask the data source that the reader chose."""
    board = json.loads(path.read_text(encoding="utf-8"))
    ids = [panel["id"] for panel in board["panels"]]
    assert len(set(ids)) == len(ids) > 0
    cells: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        at = panel["gridPos"]
        taken = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        cells |= taken
        assert panel["description"].endswith("."), panel["title"]
        assert {target["datasource"]["uid"] for target in panel["targets"]} == {"${datasource}"}


@dataclass(frozen=True)
class Prometheus:
    """A running Prometheus."""

    url: str

    def ask(self, query: str) -> list[dict[str, Any]]:
        """Return the samples of a query of this moment."""
        with urlopen(f"{self.url}/api/v1/query?query={quote(query)}", timeout=20) as answer:  # noqa: S310 - our own
            found: list[dict[str, Any]] = json.loads(answer.read())["data"]["result"]
        return found


@contextmanager
def running_prometheus(service: Service, directory: Path) -> Iterator[Prometheus]:
    """Start a Prometheus that scrapes the service each second, as the ServiceMonitor says, and stop it afterwards."""
    monitor = next(yaml.safe_load_all((MONITORING / "monitors.yaml").read_text(encoding="utf-8")))["spec"]["endpoints"][
        0
    ]
    scrape = {
        "job_name": "gatehouse",
        "scrape_interval": "1s",
        "metrics_path": monitor["path"],
        "authorization": {"type": monitor["authorization"]["type"], "credentials": _token(service)},
        "static_configs": [{"targets": [service.url.split("/")[2]]}],
    }
    config = {"rule_files": [str(rules(directory))], "scrape_configs": [scrape]}
    (directory / "prometheus.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    url = f"127.0.0.1:{free_port()}"
    command = ["prometheus", "--config.file=prometheus.yaml", "--storage.tsdb.path=data", f"--web.listen-address={url}"]
    with (directory / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=directory, stdout=log, stderr=log)
        try:
            prometheus = Prometheus(f"http://{url}")
            until(lambda: _answers(prometheus))
            yield prometheus
        finally:
            process.terminate()
            process.wait(20)


def _token(service: Service) -> str:
    """Return a token with the scopes that the values give the hub's service prometheus, and no other."""
    values = yaml.safe_load((VALUES / "jupyterhub.yaml").read_text(encoding="utf-8"))
    scopes = values["hub"]["loadRoles"]["prometheus"]["scopes"]
    return service.hub.token("adam", *(scope for scope in scopes if scope != "read:metrics"))


def _answers(prometheus: Prometheus) -> bool:
    try:
        prometheus.ask("1")
    except (URLError, OSError):
        return False
    return True


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus that has scraped a service in which something started and something was refused."""
    directory = tmp_path_factory.mktemp("monitoring")
    (directory / "policy.yaml").write_text(POLICY, encoding="utf-8")
    with (
        running_hub(directory) as hub,
        running_service(hub, directory / "service", directory / "policy.yaml") as service,
    ):
        bind(service, ask(service, "small").json["lease"]["id"], "alice/")
        with running_prometheus(service, directory) as prometheus:
            until(lambda: prometheus.ask("sum_over_time(up[1h]) > 2"))
            assert ask(service, "standard").status == 200
            leases = [ask(service, "large").json.get("lease") for _ in range(2)]
            assert leases[-1] is None  # refused
            until(lambda: prometheus.ask('increase(gatehouse_decisions_total{reason!="allowed"}[1h]) > 0'))
            yield prometheus


@pytest.mark.parametrize(("board", "panel", "query"), panels(), ids=[f"{b}-{p}" for b, p, _ in panels()])
def test_every_panel_shows_something(prometheus: Prometheus, board: str, panel: str, query: str) -> None:
    """Its query is good PromQL and finds samples of a service that has just begun."""
    assert prometheus.ask(query), f"{board}: {panel}"


def test_alerts_are_evaluated(prometheus: Prometheus) -> None:
    """Each expression of an alert runs; none fires over a healthy service."""
    groups = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["spec"]["groups"]
    firing = {rule["alert"]: prometheus.ask(rule["expr"]) for group in groups for rule in group["rules"]}
    assert {alert for alert, samples in firing.items() if samples} <= {"GatehouseSpendsFast"}
