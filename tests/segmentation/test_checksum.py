import onnx
import pytest

from background_remover.errors import ModelError
from background_remover.models import MODELS
from background_remover.segmentation.checksum import CHECKSUM, check, stamped
from background_remover.segmentation.network import Network


@pytest.fixture
def ours(bright, tmp_path):
    """A model file with a checksum."""
    path = tmp_path / "ours.onnx"
    path.write_bytes(stamped(bright.read_bytes()))
    return path


def test_a_file_with_a_checksum_is_the_same_model(ours, bright):
    check(ours)
    assert Network(ours).card == Network(bright).card
    graph, before = onnx.load(ours), onnx.load(bright)
    assert graph.metadata_props.pop().key == CHECKSUM
    assert graph == before


def test_every_bit_that_falls_over_is_found(ours):
    whole = ours.read_bytes()
    for place in range(len(whole)):
        for bit in (1, 128) if place < len(whole) - 22 else ():
            data = bytearray(whole)
            data[place] ^= bit
            ours.write_bytes(data)
            with pytest.raises(ModelError, match=r"ours\.onnx: damaged, its bytes don't match its checksum; get"):
                check(ours)
    with pytest.raises(ModelError, match=r"ours\.onnx: damaged"):
        Network(ours)


def test_a_file_without_one_is_passed_over(bright, tmp_path):
    check(bright)
    (tmp_path / "empty.onnx").touch()
    check(tmp_path / "empty.onnx")
    check(tmp_path / "none.onnx")


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_the_shipped_files_carry_one(model):
    check(model.path)
    assert onnx.load(model.path).metadata_props[-1].key == CHECKSUM
