import numpy as np

from background_remover.arrays.box_filter import blur
from background_remover.arrays.resample import enlarge
from background_remover.matting.keying.cast_shadow import find_shade
from background_remover.matting.keying.ground import find_ground

SIZE = (240, 320)


def thrown(dark: float = 0.4, radius: float = 12):
    """The shade under a box, the box, and the picture of a red one on light paper."""
    box = np.zeros(SIZE, dtype=np.float32)
    box[60:160, 100:220] = 1
    shade = dark * blur(np.roll(box, (15, 10), (0, 1)), radius)
    paper = np.float32([250, 248, 240])
    image = (1 - shade[..., None]) * paper
    image[box > 0] = (180, 40, 40)
    return shade, box, np.rint(image).astype(np.uint8)


def whole(shade):
    return enlarge(shade[None], SIZE, slice(0, SIZE[0]), slice(0, SIZE[1]))[0]


def test_a_soft_shadow_is_measured():
    shade, box, image = thrown()
    found = whole(find_shade(image, find_ground(image)))
    outside = (blur(box, 2) < 0.01) & (shade > 0.02)
    assert np.abs(found - shade)[outside].mean() < 0.05
    assert np.abs(found - shade)[outside].max() < 0.2


def test_black_of_that_share_over_the_ground_is_the_picture():
    _, box, image = thrown()
    ground = find_ground(image)
    found = whole(find_shade(image, ground))
    behind = whole(ground.colours[0]) * 255
    outside = blur(box, 2) < 0.01
    assert np.abs((1 - found) * behind - image[..., 0])[outside].mean() < 2


def test_a_grey_subject_with_edges_is_no_shade():
    image = np.full((*SIZE, 3), 255, dtype=np.uint8)
    image[60:160, 100:220] = 180
    assert not whole(find_shade(image, find_ground(image)))[70:150, 110:210].any()


def test_a_coloured_glow_is_no_shade():
    shade, _, _ = thrown()
    image = np.rint(255 * (1 - shade[..., None] * np.float32([0, 0.5, 1]))).astype(np.uint8)
    assert whole(find_shade(image, find_ground(image)))[shade > 0.2].max() < 0.05


def test_where_the_subject_is_there_is_no_shade_of_its_own():
    shade, _, _ = thrown()
    image = np.rint(255 * (1 - shade[..., None] * np.ones(3, np.float32))).astype(np.uint8)
    subject = np.zeros(SIZE, dtype=np.float32)
    subject[100:140, 140:200] = 1
    assert not whole(find_shade(image, find_ground(image), subject))[115:125, 160:180].any()
