"""The devices: which providers are asked for, what is said where one is missing, and what can't be started."""

import pytest

from background_remover import ModelError, OptionError
from background_remover.segmentation.device import DEVICES, NAMES, check_name, check_started, providers_for

CPU_PROVIDER = "CPUExecutionProvider"
MANY = ["TensorrtExecutionProvider", "CUDAExecutionProvider", "OpenVINOExecutionProvider", CPU_PROVIDER]


@pytest.mark.parametrize(
    ("device", "available", "asked"),
    [
        ("cpu", MANY, [CPU_PROVIDER]),
        ("auto", [CPU_PROVIDER], [CPU_PROVIDER]),
        ("auto", MANY, ["CUDAExecutionProvider", CPU_PROVIDER]),
        ("auto", ["OpenVINOExecutionProvider", CPU_PROVIDER], [CPU_PROVIDER]),
        ("openvino", MANY, ["OpenVINOExecutionProvider", CPU_PROVIDER]),
        ("rocm", ["ROCMExecutionProvider", "MIGraphXExecutionProvider", CPU_PROVIDER], None),
        ("directml", ["DmlExecutionProvider", CPU_PROVIDER], ["DmlExecutionProvider", CPU_PROVIDER]),
    ],
)
def test_providers_are_those_of_the_device_and_the_processor_last(device, available, asked):
    expected = asked or ["MIGraphXExecutionProvider", "ROCMExecutionProvider", CPU_PROVIDER]
    assert providers_for(device, available) == expected


@pytest.mark.parametrize("device", [name for name in DEVICES if name != "cpu"])
def test_a_device_that_is_missing_is_refused_with_what_it_needs(device):
    with pytest.raises(OptionError, match=f"{device} isn't in .*{DEVICES[device].needs}, or"):
        providers_for(device, [CPU_PROVIDER])


def test_no_device_asks_for_the_package_that_is_there_already():
    assert DEVICES["coreml"].needs == "macOS"
    assert DEVICES["cuda"].needs == "pip install onnxruntime-gpu"


def test_unknown_devices_are_refused():
    with pytest.raises(OptionError, match="unknown device 'tpu'; known: auto, cpu, cuda, rocm"):
        check_name("tpu")
    assert [check_name(name) for name in NAMES] == list(NAMES)


def test_a_device_that_falls_back_is_an_error_unless_it_may():
    check_started("auto", CPU_PROVIDER)
    check_started("cuda", "CUDAExecutionProvider")
    with pytest.raises(ModelError, match="device cuda can't be started here"):
        check_started("cuda", CPU_PROVIDER)
