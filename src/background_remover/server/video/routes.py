"""The routes of `/video`: a video and options in, the address of a job out; its state and its result there."""

import asyncio
from pathlib import Path, PurePath

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from background_remover.server.api import Api, Json
from background_remover.server.errors import RequestError
from background_remover.server.jobs.job import Job
from background_remover.server.jobs.job_queue import JobQueue
from background_remover.server.jobs.work import VideoTask
from background_remover.server.request.body import ClientDisconnect
from background_remover.server.settings import ServerSettings
from background_remover.server.state import ServerState
from background_remover.server.video.parameters import MEDIA_TYPES, VideoChoices, read_choices
from background_remover.server.video.result_file import ResultFile
from background_remover.server.video.schema import operations, state_schema
from background_remover.server.video.upload import Upload, is_form, receive

PATH = "/video"
JOB, FILE = f"{PATH}/{{id}}", f"{PATH}/{{id}}/file"
_NOT_KEPT = {"Cache-Control": "no-store"}


def _routes(state: ServerState) -> list[Route]:
    if state.jobs is None:
        return [Route(PATH, _off, methods=["POST"]), Route(f"{PATH}/{{rest:path}}", _off, methods=["GET", "DELETE"])]
    jobs, settings = state.jobs, state.settings

    async def take(request: Request) -> Response:
        with jobs.arriving() as folder:
            job = await _arrived(request, folder, jobs, settings)
            if await request.is_disconnected():  # nobody has heard of it
                raise ClientDisconnect
        jobs.add(job)
        headers = {"Location": f"{PATH}/{job.id}"} | _NOT_KEPT
        return JSONResponse(_state(job, jobs), 202, headers=headers)

    async def state_of(request: Request) -> Response:
        return JSONResponse(_state(jobs.get(request.path_params["id"]), jobs), headers=_NOT_KEPT)

    async def remove(request: Request) -> Response:
        await jobs.remove(jobs.get(request.path_params["id"]))
        return Response(status_code=204)

    async def file(request: Request) -> Response:
        return _file(jobs.get(request.path_params["id"]))

    return [
        Route(PATH, take, methods=["POST"]),
        Route(JOB, state_of, methods=["GET"]),
        Route(JOB, remove, methods=["DELETE"]),
        Route(FILE, file, methods=["GET"]),
    ]


async def _off(_: Request) -> Response:
    """Answer where videos aren't taken."""
    raise RequestError(
        "not_found", "videos are off here; start the service with --video: pip install 'background-remover[video]'"
    )


async def _arrived(request: Request, folder: Path, jobs: JobQueue, settings: ServerSettings) -> Job:
    """Return the job of a request, once its video has arrived and is found to be one that can be worked on."""
    query = request.query_params.multi_items()

    def choices(upload: Upload) -> VideoChoices:
        return read_choices([*query, *upload.texts], upload.files, max_megapixels=settings.video_megapixels)

    if not is_form(request):
        choices(Upload())  # before a body is read for nothing
    upload = await receive(request, folder, settings)
    chosen = choices(upload)
    most = int(settings.video_megabytes * 1e6)
    task = VideoTask(folder, chosen.suffix, chosen.options, chosen.video, settings.video_seconds, most)
    frames = await asyncio.to_thread(jobs.check, task)
    stem = PurePath(upload.name.replace("\\", "/")).stem or "cutout"
    return Job(task, frames, f"{stem}{chosen.suffix}")


def _state(job: Job, jobs: JobQueue) -> Json:
    """Return the state of a job as JSON."""
    done, rate = job.progress()
    result = job.result
    return {
        "id": job.id,
        "state": job.state,
        "ahead": jobs.ahead_of(job) if job.state == "waiting" else 0,
        "frames": done,
        "frames_total": max(result.frames if result else job.frames, done),
        "frames_per_second": round(rate, 2) or None,
        "seconds_left": round((max(job.frames - done, 0)) / rate, 1) if rate else None,
        "error": {"code": job.error.code, "message": job.error.message} if job.error else None,
        "file": f"{PATH}/{job.id}/file" if result else None,
        "name": job.name,
        "type": MEDIA_TYPES[job.task.suffix],
        "bytes": job.task.result_file.stat().st_size if result else None,
        "confidence": round(result.confidence, 4) if result else None,
        "empty": result.empty if result else None,
        "unsure": result.unsure if result else None,
        "notes": list(result.notes) if result else [],
    }


def _file(job: Job) -> Response:
    """Return the result; raises `RequestError` where there is none, or none yet."""
    if job.error is not None:
        raise job.error
    if job.result is None:
        raise RequestError("not_done", f"the video is {job.state}; ask for its state until it is done")
    return ResultFile(
        job.task.result_file, media_type=MEDIA_TYPES[job.task.suffix], filename=job.name, headers=_NOT_KEPT
    )


VIDEO = Api(_routes, operations(PATH, JOB, FILE), {"VideoJob": state_schema()}, token_paths=(f"{PATH}/",))
"""Videos."""
