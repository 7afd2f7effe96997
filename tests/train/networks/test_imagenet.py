import numpy as np
import torch

from background_remover.train.networks.imagenet import DEVIATION, MEAN, normalise


def test_normalised_pictures_have_the_mean_and_the_deviation_taken_out():
    images = torch.rand(2, 3, 4, 4)
    wanted = (images.numpy() - np.array(MEAN).reshape(3, 1, 1)) / np.array(DEVIATION).reshape(3, 1, 1)
    np.testing.assert_allclose(normalise(images), wanted, atol=1e-6)
