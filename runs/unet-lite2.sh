#!/usr/bin/env bash
# Makes weights/unet-lite2.onnx: a U-Net on EfficientNet-Lite2 at 256x256. DATA is a folder that holds the sources below.
set -euo pipefail
DATA=${1:?usage: runs/unet-lite2.sh DATA [OUT]}
OUT=${2:-scratch/unet-lite2}

# The number after = is the source's share of the samples. A sixth of each source, 500 pictures at most, is held out.
python -m background_remover.train fit --recipe unet-lite2 --out "$OUT" \
  --data "$DATA/oxford-iiit-pet=16" --data "$DATA/feral-cats=4" --data "$DATA/cats=2" --data "$DATA/duts-tr=48" \
  --data "$DATA/people=5" --data "$DATA/portraits=4" --data "$DATA/fashion=4" --data "$DATA/horses=2" \
  --data "$DATA/butterflies=2" --data "$DATA/objects=3" --data "$DATA/cars=1" --data "$DATA/video-frames=3" \
  --cutouts "$DATA/cutouts/objects-and-animals=5" --cutouts "$DATA/cutouts/people=1.5" --backgrounds "$DATA/backgrounds=4"

python -m background_remover.train export "$OUT/best.pt" src/background_remover/weights/unet-lite2.onnx \
  --name unet-lite2 --version 1 --storage fp16 --license "Apache-2.0; see the model card for the data" \
  --data "ImageNet (encoder); Oxford-IIIT Pet, DUTS-TR and ten smaller sources; see the model card"
background-remover evaluate "$DATA/oxford-iiit-pet" --part validation --model unet-lite2
background-remover evaluate "$DATA/duts-tr" --part validation --model unet-lite2
python -m background_remover.train report "$DATA/oxford-iiit-pet" "$OUT/pets.png" --model unet-lite2
python -m background_remover.train report "$DATA/duts-tr" "$OUT/general.png" --model unet-lite2
