#!/usr/bin/env bash
# Makes weights/unet.onnx: the deep U-Net at 128x128. DATA is a folder that holds the sources named below.
set -euo pipefail
DATA=${1:?usage: runs/unet.sh DATA [OUT]}
OUT=${2:-scratch/unet}
FILE=src/background_remover/weights/unet.onnx

# The number after = is the source's share of the samples. A sixth of each source, 500 pictures at most, is held out.
sources=(
  --data "$DATA/duts-tr=45" --data "$DATA/feral-cats=5" --data "$DATA/cats=2" --data "$DATA/people=4"
  --data "$DATA/portraits=5" --data "$DATA/fashion=4" --data "$DATA/horses=3" --data "$DATA/butterflies=2"
  --data "$DATA/objects=2" --data "$DATA/cars=1" --data "$DATA/video-frames=3"
  --cutouts "$DATA/cutouts/objects-and-animals=4" --cutouts "$DATA/cutouts/people=1" --backgrounds "$DATA/backgrounds=3"
)
export_as() {
  python -m background_remover.train export "$1" "$2" --name unet --version 3 --storage "$3" \
    --license "Apache-2.0; see the model card for the data" \
    --data "Oxford-IIIT Pet, DUTS-TR and ten smaller sources; see the model card"
}

further() { # further NAME RECIPE BEGINNING OPTION...: a run that goes on from a model file
  python -m background_remover.train fit --recipe "$2" --out "$OUT/$1" --init "$3" \
    --teacher unet-lite2 --without runs/not-empty.txt "${@:4}"
}

# From nothing, then once more with the unlabelled pets, whose masks the default network makes.
python -m background_remover.train fit --recipe unet --out "$OUT/first" --data "$DATA/oxford-iiit-pet=20" "${sources[@]}"
export_as "$OUT/first/best.pt" "$OUT/first.onnx" fp32
further second unet-on "$OUT/first.onnx" \
  --data "$DATA/oxford-iiit-pet=14" --unlabelled "$DATA/oxford-iiit-pet/unlabelled=16" "${sources[@]}"
export_as "$OUT/second/best.pt" "$OUT/second.onnx" int8

# Twice on from there, mostly on pets, each time to the mean of the run's beginning and its end.
rest=(
  --data "$DATA/feral-cats=4" --data "$DATA/cats=2" --data "$DATA/horses=2" --data "$DATA/objects=1" --data "$DATA/cars=0.5"
  --data "$DATA/video-frames=2" --cutouts "$DATA/cutouts/people=0.5" --backgrounds "$DATA/backgrounds=2"
)
further third unet-pets "$OUT/second.onnx" "${rest[@]}" \
  --data "$DATA/oxford-iiit-pet=28" --unlabelled "$DATA/oxford-iiit-pet/unlabelled=28" --data "$DATA/duts-tr=24" \
  --data "$DATA/people=2" --data "$DATA/portraits=2" --data "$DATA/fashion=2" --data "$DATA/butterflies=1" \
  --cutouts "$DATA/cutouts/objects-and-animals=2"
export_as "$OUT/third/best.pt" "$OUT/third.onnx" fp32
python -m background_remover.train average "$OUT/second.onnx" "$OUT/third.onnx" --out "$OUT/middle.onnx"
further fourth unet-late "$OUT/middle.onnx" "${rest[@]}" \
  --data "$DATA/oxford-iiit-pet=22" --unlabelled "$DATA/oxford-iiit-pet/unlabelled=22" --data "$DATA/duts-tr=34" \
  --data "$DATA/people=3" --data "$DATA/portraits=3" --data "$DATA/fashion=3" --data "$DATA/butterflies=2" \
  --cutouts "$DATA/cutouts/objects-and-animals=3"
export_as "$OUT/fourth/last.pt" "$OUT/fourth.onnx" fp32
python -m background_remover.train average "$OUT/fourth.onnx" "$OUT/middle.onnx" --out "$FILE" --storage int8
runs/measure.sh "$DATA" "$FILE" "$OUT"
