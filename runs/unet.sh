#!/usr/bin/env bash
# Makes weights/unet.onnx: the deep U-Net at 128x128. DATA is a folder that holds the sources named below.
set -euo pipefail
DATA=${1:?usage: runs/unet.sh DATA [OUT]}
OUT=${2:-scratch/unet}

# The number after = is the source's share of the samples. A sixth of each source, 500 pictures at most, is held out.
python -m background_remover.train fit --recipe unet --out "$OUT" \
  --data "$DATA/oxford-iiit-pet=20" --data "$DATA/feral-cats=5" --data "$DATA/cats=2" --data "$DATA/duts-tr=45" \
  --data "$DATA/people=4" --data "$DATA/portraits=5" --data "$DATA/fashion=4" --data "$DATA/horses=3" \
  --data "$DATA/butterflies=2" --data "$DATA/objects=2" --data "$DATA/cars=1" --data "$DATA/video-frames=3" \
  --cutouts "$DATA/cutouts/objects-and-animals=4" --cutouts "$DATA/cutouts/people=1" --backgrounds "$DATA/backgrounds=3"

python -m background_remover.train export "$OUT/best.pt" src/background_remover/weights/unet.onnx \
  --name unet --version 1 --storage int8 --license "Apache-2.0; see the model card for the data" \
  --data "Oxford-IIIT Pet, DUTS-TR and ten smaller sources; see the model card"
background-remover evaluate "$DATA/oxford-iiit-pet" --part validation --model unet
background-remover evaluate "$DATA/duts-tr" --part validation --model unet
python -m background_remover.train report "$DATA/oxford-iiit-pet" "$OUT/pets.png" --model unet
python -m background_remover.train report "$DATA/duts-tr" "$OUT/general.png" --model unet
