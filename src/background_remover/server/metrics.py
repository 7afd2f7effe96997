"""`Metrics`: the counts and times of a running service that Prometheus collects."""

from collections.abc import Callable, Mapping

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from background_remover.server.jobs.job_queue import JobQueue
from background_remover.server.queue import WorkQueue
from background_remover.server.request.body import Budget

TYPE = CONTENT_TYPE_LATEST
_NAME = "background_remover_{}"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_BYTES = (1e4, 1e5, 3e5, 1e6, 3e6, 1e7, 3e7, 1e8)
_MEGAPIXELS = (0.1, 0.25, 0.5, 1, 2, 4, 8, 12, 25, 50)


class Metrics:
    """Counts and times of one service; threads may share it."""

    def __init__(self, queue: WorkQueue, budget: Budget) -> None:
        registry = self._registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._requests = Counter(
            _NAME.format("requests"), "Requests answered, by address and status.", ["path", "status"], registry=registry
        )
        self._stages = Histogram(
            _NAME.format("stage_seconds"), "Seconds of each stage.", ["stage"], registry=registry, buckets=_SECONDS
        )
        self._received = Histogram(
            _NAME.format("request_bytes"), "Bytes of the requests worked on.", registry=registry, buckets=_BYTES
        )
        self._sent = Histogram(_NAME.format("result_bytes"), "Bytes of cutouts.", registry=registry, buckets=_BYTES)
        self._pixels = Histogram(
            _NAME.format("result_megapixels"), "Megapixels of cutouts.", registry=registry, buckets=_MEGAPIXELS
        )
        for name, text, value in (
            ("waiting", "Pictures that wait for a worker.", lambda: queue.waiting),
            ("working", "Pictures being worked on.", lambda: queue.working),
            ("held_bytes", "Bytes of requests and answers held.", lambda: budget.held),
        ):
            self._watch(name, text, value)
        self._videos: Counter | None = None

    def watch_videos(self, jobs: JobQueue) -> None:
        """Add the metrics of videos."""
        self._watch("videos_waiting", "Videos that wait.", lambda: jobs.waiting)
        self._watch("videos_working", "Videos being worked on.", lambda: jobs.working)
        name, text = _NAME.format("videos"), "Videos that ended, by their last state."
        self._videos = Counter(name, text, ["state"], registry=self._registry)
        self._frames = Counter(_NAME.format("video_frames"), "Frames of videos cut out.", registry=self._registry)

    def record_video(self, state: str, frames: int) -> None:
        """Count a video that is done or has failed, and its frames."""
        if self._videos is not None:
            self._videos.labels(state).inc()
            self._frames.inc(frames)

    def _watch(self, name: str, text: str, value: Callable[[], float]) -> None:
        Gauge(_NAME.format(name), text, registry=self._registry).set_function(value)

    def count_response(self, path: str, status: int) -> None:
        """Count a response; `path` is that of a route, so that the number of labels is bounded."""
        self._requests.labels(path, status).inc()

    def record_cutout(self, seconds: Mapping[str, float], received: int, sent: int, pixels: int) -> None:
        """Record a cutout: the seconds of each stage, the bytes of the request and of the result, and its pixels."""
        for stage, time in seconds.items():
            self._stages.labels(stage).observe(time)
        self._received.observe(received)
        self._sent.observe(sent)
        self._pixels.observe(pixels / 1e6)

    def text(self) -> bytes:
        """Return all metrics in Prometheus's text format, of the media type `TYPE`."""
        return generate_latest(self._registry)
