#!/usr/bin/env bash
# Makes weights/unet-lite2.onnx: a U-Net on EfficientNet-Lite2 at 288x288. DATA is a folder that holds the sources below.
set -euo pipefail
DATA=${1:?usage: runs/unet-lite2.sh DATA [OUT]}
OUT=${2:-scratch/unet-lite2}
FILE=src/background_remover/weights/unet-lite2.onnx

# The number after = is the source's share of the samples. A sixth of each source, 500 pictures at most, is held out.
python -m background_remover.train fit --recipe unet-lite2 --out "$OUT" \
  --data "$DATA/oxford-iiit-pet=16" --data "$DATA/feral-cats=4" --data "$DATA/cats=2" --data "$DATA/duts-tr=48" \
  --data "$DATA/people=5" --data "$DATA/portraits=4" --data "$DATA/fashion=4" --data "$DATA/horses=2" \
  --data "$DATA/butterflies=2" --data "$DATA/objects=3" --data "$DATA/cars=1" --data "$DATA/video-frames=3" \
  --cutouts "$DATA/cutouts/objects-and-animals=5" --cutouts "$DATA/cutouts/people=1.5" --backgrounds "$DATA/backgrounds=4"

python -m background_remover.train export "$OUT/last.pt" "$FILE" --name unet-lite2 --version 3 --storage fp16 --mirror --size 288 \
  --license "Apache-2.0; see the model card for the data" \
  --data "ImageNet (encoder); Oxford-IIIT Pet, DUTS-TR and ten smaller sources; see the model card"
runs/measure.sh "$DATA" "$FILE" "$OUT"
