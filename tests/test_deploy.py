"""The files beside the server's container: they lead to each other, and the dashboard shows metrics that there are."""

import json
import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from background_remover.cli.program import cli
from background_remover.server.metrics import Metrics
from background_remover.server.queue import WorkQueue
from background_remover.server.request.body import Budget

FOLDER = Path(__file__).parents[1] / "deploy"
DASHBOARD = json.loads((FOLDER / "grafana" / "dashboards" / "background-remover.json").read_text(encoding="utf-8"))
PANELS = {panel["title"]: panel for panel in DASHBOARD["panels"]}
WORDS = {"sum", "by", "rate", "histogram_quantile", "__rate_interval"}
"""What PromQL knows by itself, of what the dashboard uses."""


def read(name: str) -> dict:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def labels():
    """Each name of a sample that GET /metrics prints once something was asked for, with its labels."""
    metrics = Metrics(WorkQueue(1, 1), Budget(10))
    metrics.count_response("/remove", 200)
    metrics.record_cutout({"network": 0.03}, 1000, 2000, 3_000_000)
    found = defaultdict(set)
    for family in text_string_to_metric_families(metrics.text().decode()):
        for sample in family.samples:
            found[sample.name] |= sample.labels.keys()
    return found


@pytest.mark.parametrize("title", PANELS)
def test_every_metric_and_label_of_the_dashboard_is_printed(title, labels):
    for target in PANELS[title]["targets"]:
        words = set(re.findall(r"[a-z_]{2,}", re.sub(r'"[^"]*"', "", target["expr"])))
        metrics = words & labels.keys()
        assert metrics
        known = set.union(*(labels[metric] for metric in metrics))
        assert words <= {*metrics, *known, *WORDS}
        assert set(re.findall(r"{{(\w+)}}", target["legendFormat"])) <= known


def test_no_two_panels_share_a_place_a_number_or_a_title():
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in DASHBOARD["panels"])
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    assert len(PANELS) == len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def test_grafana_finds_the_dashboard_and_prometheus_the_server():
    services = read("compose.yaml")["services"]
    (source,) = read("grafana/provisioning/datasources/prometheus.yml")["datasources"]
    (provider,) = read("grafana/provisioning/dashboards/folder.yml")["providers"]
    ((target,),) = (part["targets"] for part in read("prometheus.yml")["scrape_configs"][0]["static_configs"])
    port = next(option.default for option in cli.commands["serve"].params if option.name == "port")
    assert source["url"] == "http://prometheus:9090"
    assert {panel["datasource"]["uid"] for panel in PANELS.values()} == {source["uid"]}
    assert f"./grafana/dashboards:{provider['options']['path']}:ro" in services["grafana"]["volumes"]
    assert target == f"server:{port}"
    assert services["server"]["command"] == ["--allow-host", "server"]


def test_what_is_mounted_is_there_and_what_is_published_is_for_this_machine_alone():
    for service in read("compose.yaml")["services"].values():
        for volume in service.get("volumes", []):
            assert not volume.startswith(".") or (FOLDER / volume.split(":")[0]).exists()
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def prints(*command: str) -> str:
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(
    shutil.which("docker-compose") is None, reason="Docker Compose isn't installed: apt-get install docker-compose"
)
def test_compose_itself_takes_its_file():
    services = json.loads(prints("docker-compose", "-f", "compose.yaml", "config", "--format", "json"))["services"]
    assert services.keys() == read("compose.yaml")["services"].keys()


@pytest.mark.skipif(shutil.which("promtool") is None, reason="Prometheus isn't installed: apt-get install prometheus")
def test_prometheus_itself_takes_its_file():
    assert "SUCCESS" in prints("promtool", "check", "config", "prometheus.yml")


@pytest.mark.skipif(shutil.which("promtool") is None, reason="Prometheus isn't installed: apt-get install prometheus")
def test_prometheus_itself_takes_every_query_of_the_dashboard(tmp_path):
    queries = [target["expr"] for panel in PANELS.values() for target in panel["targets"]]
    rules = [
        {"record": f"query:{number}", "expr": query.replace("$__rate_interval", "1m")}
        for number, query in enumerate(queries)
    ]
    (tmp_path / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    assert f"{len(queries)} rules found" in prints("promtool", "check", "rules", str(tmp_path / "rules.yml"))
