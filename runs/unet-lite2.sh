#!/usr/bin/env bash
# Makes weights/unet-lite2.onnx: a U-Net on EfficientNet-Lite2 at 256x256. DATA is a folder that holds the sources below.
set -euo pipefail
DATA=${1:?usage: runs/unet-lite2.sh DATA [OUT]}
OUT=${2:-scratch/unet-lite2}
FILE=src/background_remover/weights/unet-lite2.onnx

# The number after = is the source's share of the samples. A sixth of each source, 500 pictures at most, is held out.
sources=(
  --data "$DATA/oxford-iiit-pet=16" --data "$DATA/feral-cats=4" --data "$DATA/cats=2" --data "$DATA/people=5"
  --data "$DATA/portraits=4" --data "$DATA/fashion=4" --data "$DATA/horses=2" --data "$DATA/butterflies=2"
  --data "$DATA/objects=3" --data "$DATA/cars=1" --data "$DATA/video-frames=3"
  --cutouts "$DATA/cutouts/objects-and-animals=5" --cutouts "$DATA/cutouts/people=1.5"
)
export_as() {
  python -m background_remover.train export "$1" "$2" --name unet-lite2 --version 2 --storage fp16 "${@:3}" \
    --license "Apache-2.0; see the model card for the data" \
    --data "ImageNet (encoder); Oxford-IIIT Pet, DUTS-TR and ten smaller sources; see the model card"
}

# From the encoder of ImageNet, then once more with the unlabelled pets, whose masks the network of the first run makes.
python -m background_remover.train fit --recipe unet-lite2 --out "$OUT/first" \
  --data "$DATA/duts-tr=48" --backgrounds "$DATA/backgrounds=4" "${sources[@]}"
export_as "$OUT/first/last.pt" "$OUT/first.onnx"
python -m background_remover.train fit --recipe unet-lite2-on --samples 44000 --out "$OUT/second" \
  --init "$OUT/first.onnx" --teacher "$OUT/first.onnx" --without runs/not-empty.txt \
  --data "$DATA/duts-tr=44" --unlabelled "$DATA/oxford-iiit-pet/unlabelled=12" --backgrounds "$DATA/backgrounds=6" \
  "${sources[@]}"

export_as "$OUT/second/last.pt" "$FILE" --mirror
runs/measure.sh "$DATA" "$FILE" "$OUT"
