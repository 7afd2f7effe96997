import numpy as np

from background_remover.arrays.neighbours import Neighbours


def test_neighbours_are_those_of_the_picture_whose_frame_goes_on_outside():
    picture = np.arange(20).reshape(4, 5)
    padded = np.pad(picture, 2, mode="edge")
    near = Neighbours(np.arange(20), picture.shape)
    for down in range(-2, 3):
        for along in range(-2, 3):
            wanted = padded[2 + down : 6 + down, 2 + along : 7 + along]
            assert np.array_equal(picture.ravel()[near.at(down, along)], wanted.ravel())
