"""Devices that a network runs on: their names, onnxruntime providers and packages; and opening a session on one."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from background_remover.errors import ModelError, OptionError, one_line
from background_remover.runtime import telemetry
from background_remover.segmentation import checksum

CPU_PROVIDER = "CPUExecutionProvider"
AUTO, CPU = "auto", "cpu"
OUT_OF_MEMORY = "bad_alloc"  # in onnxruntime's message


class Device(NamedTuple):
    """A device: onnxruntime's providers for it, the best first, and the package of onnxruntime that has them.

    `system` is the only operating system on which the package has them, if there is one.
    """

    providers: tuple[str, ...]
    package: str
    is_gpu: bool = True
    system: str = ""

    @property
    def needs(self) -> str:
        """What it requires, for error messages."""
        return self.system or f"pip install {self.package}"


DEVICES = {
    CPU: Device((CPU_PROVIDER,), "onnxruntime", is_gpu=False),
    "cuda": Device(("CUDAExecutionProvider",), "onnxruntime-gpu"),
    "rocm": Device(("MIGraphXExecutionProvider", "ROCMExecutionProvider"), "onnxruntime-rocm"),
    "directml": Device(("DmlExecutionProvider",), "onnxruntime-directml"),
    "coreml": Device(("CoreMLExecutionProvider",), "onnxruntime", is_gpu=False, system="macOS"),
    "openvino": Device(("OpenVINOExecutionProvider",), "onnxruntime-openvino", is_gpu=False),
}
"""The name of a device -> the device. "auto" chooses only GPUs; others have to be chosen by name."""
NAMES = (AUTO, *DEVICES)


def check_name(device: str) -> str:
    """Return the name of a device; raises `OptionError` at an unknown one."""
    if device not in NAMES:
        raise OptionError(f"unknown device {device[:64]!r}; known: {', '.join(NAMES)}")
    return device


def providers_for(device: str, available: Sequence[str]) -> list[str]:
    """Return the providers to request from onnxruntime, of those `available`; the CPU is always the last.

    "auto" is the first GPU that has a provider, or else the CPU. Raises `OptionError`, which names
    the package to install, where another device has none.
    """
    check_name(device)
    if device == AUTO:
        asked = [name for one in DEVICES.values() if one.is_gpu for name in one.providers if name in available][:1]
        return [*asked, CPU_PROVIDER]
    known = DEVICES[device]
    there = [name for name in known.providers if name in available]
    if not there:
        remedy = f"it needs {known.system}" if known.system else f"pip uninstall onnxruntime && {known.needs}"
        raise OptionError(f"device {device} isn't in the onnxruntime that is installed; {remedy}, or give auto or cpu")
    return list(dict.fromkeys([*there, CPU_PROVIDER]))


def load_onnxruntime(prefix: str = "") -> Any:
    """Return the module `onnxruntime`; raises `ModelError`, which begins with `prefix`, where it can't be loaded."""
    try:
        import onnxruntime  # type: ignore[import-untyped]  # here, as it takes longer to import than all the rest
    except (ImportError, OSError) as error:
        message = f"{prefix}onnxruntime can't be loaded ({one_line(error)}); free memory, or install it again"
        raise ModelError(message) from error
    telemetry.silence(onnxruntime)
    return onnxruntime


def available_providers() -> list[str]:
    """Return the providers that the installed onnxruntime has; raises `ModelError` where it can't be loaded."""
    return list(load_onnxruntime().get_available_providers())


def is_gpu(provider: str) -> bool:
    """Return whether an onnxruntime provider is that of a GPU."""
    return any(device.is_gpu and provider in device.providers for device in DEVICES.values())


def check_started(device: str, provider: str) -> None:
    """Raise `ModelError` where the network runs on a provider of another device than the one that was chosen."""
    if device != AUTO and provider not in DEVICES[device].providers:
        raise ModelError(
            f"device {device} can't be started here, though onnxruntime knows it; "
            "check its driver and libraries, or give auto or cpu"
        )


def open_session(path: Path, threads: int | None, device: str) -> Any:
    """Return an onnxruntime session of a model file, on a device, with `threads` threads; raises as `Network` does."""
    if not path.is_file():
        raise ModelError(f"{path}: no such model file; check the name")
    checksum.check(path)
    onnxruntime = load_onnxruntime(f"{path}: ")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or 0
    options.enable_mem_pattern = False  # it would keep a plan and its memory for every input shape
    options.enable_cpu_mem_arena = False  # it would keep the memory of the largest input, and saves no measurable time
    options.add_session_config_entry(
        "session.intra_op.allow_spinning", "0"
    )  # spinning threads would slow down the next step
    options.log_severity_level = 4  # errors are reported once, by those raised here
    providers = providers_for(device, onnxruntime.get_available_providers())
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=providers)
    except Exception as error:  # onnxruntime's errors share no base class
        if OUT_OF_MEMORY in str(error) or isinstance(error, MemoryError):
            raise no_memory(path) from error
        raise ModelError(f"{path}: not a whole ONNX model ({one_line(error)}); get it again") from error


def no_memory(path: Path) -> ModelError:
    """Return the error for a model file that there isn't enough memory to open."""
    return ModelError(f"{path}: not enough memory to open this model; end other programs, or raise the limit")
