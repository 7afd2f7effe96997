from prometheus_client.parser import text_string_to_metric_families

from background_remover.server.metrics import Metrics
from background_remover.server.queue import WorkQueue
from background_remover.server.request.body import Budget


def values(metrics: Metrics) -> dict[str, float]:
    """Every sample by its name and labels."""
    families = text_string_to_metric_families(metrics.text().decode())
    return {
        " ".join([sample.name.removeprefix("background_remover_"), *sample.labels.values()]): sample.value
        for family in families
        for sample in family.samples
    }


def test_answers_are_counted_by_address_and_status():
    metrics = Metrics(WorkQueue(1, 1), Budget(10))
    for path, status in [("/remove", 200), ("/remove", 200), ("/remove", 503)]:
        metrics.count_response(path, status)
    told = values(metrics)
    assert (told["requests_total /remove 200"], told["requests_total /remove 503"]) == (2, 1)


def test_cutouts_are_measured():
    metrics = Metrics(WorkQueue(1, 1), Budget(10))
    metrics.record_cutout({"network": 0.03, "write": 0.2}, 1000, 2000, 3_000_000)
    metrics.record_cutout({"network": 0.05}, 500, 100, 1_000_000)
    told = values(metrics)
    assert told["stage_seconds_count network"] == 2
    assert abs(told["stage_seconds_sum network"] - 0.08) < 1e-9
    assert (told["request_bytes_sum"], told["result_bytes_sum"], told["result_megapixels_sum"]) == (1500, 2100, 4)


def test_what_waits_and_what_is_held_is_seen_as_it_is_now():
    queue, budget = WorkQueue(1, 1), Budget(1000)
    metrics = Metrics(queue, budget)
    queue.waiting, queue.working = 3, 2
    budget.acquire(700)
    told = values(metrics)
    assert (told["waiting"], told["working"], told["held_bytes"]) == (3, 2, 700)
    assert told["process_resident_memory_bytes"] > 0
