import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover.errors import OptionError
from background_remover.export.source import drawn, prepare, read_pictures
from background_remover.models import locate
from background_remover.segmentation.network import Network
from tests.conftest import CARD


def test_a_network_finds_a_subject_in_drawn_pictures_and_not_everywhere():
    network = Network(locate("unet"))
    alpha = network.predict(drawn(network.card.longest_side)[0][None])
    assert 0.05 < (alpha > 0.9).mean() < 0.5
    assert (alpha < 0.1).mean() > 0.3


def test_pictures_are_stretched_to_a_fixed_size_and_else_fitted(photo):
    assert [picture.shape for picture in prepare([photo], CARD, (64, 32))] == [(1, 64, 32, 3)]
    assert [picture.shape for picture in prepare([photo], CARD, None)] == [(1, 96, 128, 3)]


def test_pictures_are_read_from_a_folder(tmp_path, photo):
    with pytest.raises(OptionError, match="no pictures here"):
        read_pictures(tmp_path)
    PillowImage.fromarray(photo).save(tmp_path / "photo.png")
    (read,) = read_pictures(tmp_path)
    np.testing.assert_array_equal(read, photo)
