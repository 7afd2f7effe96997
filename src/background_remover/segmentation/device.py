"""Devices that a network runs on: their names, onnxruntime's providers for them, and the packages that bring these."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from background_remover.errors import ModelError, OptionError, one_line
from background_remover.runtime import telemetry

CPU_PROVIDER = "CPUExecutionProvider"
AUTO, CPU = "auto", "cpu"


@dataclass(frozen=True)
class Device:
    """A device: onnxruntime's providers for it, the best first, and the package of onnxruntime that has them.

    Where the ordinary package has them, on one system alone, `system` is the name of that.
    """

    providers: tuple[str, ...]
    package: str
    is_gpu: bool = True
    system: str = ""

    @property
    def needs(self) -> str:
        """What has to be there for it."""
        return self.system or f"pip install {self.package}"


DEVICES = {
    CPU: Device((CPU_PROVIDER,), "onnxruntime", is_gpu=False),
    "cuda": Device(("CUDAExecutionProvider",), "onnxruntime-gpu"),
    "rocm": Device(("MIGraphXExecutionProvider", "ROCMExecutionProvider"), "onnxruntime-rocm"),
    "directml": Device(("DmlExecutionProvider",), "onnxruntime-directml"),
    "coreml": Device(("CoreMLExecutionProvider",), "onnxruntime", is_gpu=False, system="macOS"),
    "openvino": Device(("OpenVINOExecutionProvider",), "onnxruntime-openvino", is_gpu=False),
}
"""The name of a device -> what is known of it. Those that aren't GPUs alone have to be asked for by name."""
NAMES = (AUTO, *DEVICES)


def check_name(device: str) -> str:
    """Return the name of a device; raises `OptionError` at an unknown one."""
    if device not in NAMES:
        raise OptionError(f"unknown device {device[:64]!r}; known: {', '.join(NAMES)}")
    return device


def providers_for(device: str, available: Sequence[str]) -> list[str]:
    """Return the providers to ask onnxruntime for, of those that are `available`, the processor always the last.

    "auto" is the first graphics processor that has a provider, or else the processor. Raises `OptionError`, which names
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
    """Return whether a provider of onnxruntime is that of a graphics processor."""
    return any(device.is_gpu and provider in device.providers for device in DEVICES.values())


def check_started(device: str, provider: str) -> None:
    """Raise `ModelError` where the network runs on another provider than one of the device that was asked for."""
    if device != AUTO and provider not in DEVICES[device].providers:
        raise ModelError(
            f"device {device} can't be started here, though onnxruntime knows it; "
            "check its driver and libraries, or give auto or cpu"
        )
