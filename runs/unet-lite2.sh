#!/usr/bin/env bash
# Makes weights/unet-lite2.onnx: a U-Net on EfficientNet-Lite2 at up to 320x320. DATA is a folder that holds the sources
# below.
set -euo pipefail
DATA=${1:?usage: runs/unet-lite2.sh DATA [OUT]}
OUT=${2:-scratch/unet-lite2}
FILE=src/background_remover/weights/unet-lite2.onnx

# The number after = is the source's share of the samples. A sixth of each source, 500 pictures at most, is held out.
common=(
  --data "$DATA/feral-cats=4" --data "$DATA/cats=2" --data "$DATA/horses=2" --data "$DATA/butterflies=2" --data "$DATA/objects=3"
  --data "$DATA/cars=1" --data "$DATA/video-frames=3"
  --cutouts "$DATA/cutouts/objects-and-animals=5" --cutouts "$DATA/cutouts/people=1.5"
)
export_as() { # export_as CHECKPOINT FILE OPTION...
  python -m background_remover.train export "$1" "$2" "${@:3}" --name unet-lite2 --version 8 \
    --license "Apache-2.0; see the model card for the data" \
    --data "ImageNet (encoder); Oxford-IIIT Pet, DUTS-TR and eleven smaller sources; see the model card"
}
between=(--mirror --size 320) # of the files that the next run begins with, and that mark pictures without masks
further() { # further NAME RECIPE BEGINNING OPTION...: a run that goes on from a model file
  python -m background_remover.train fit --recipe "$2" --out "$OUT/$1" "${common[@]}" --init "$3" \
    --without runs/not-empty.txt "${@:4}"
  export_as "$OUT/$1/last.pt" "$OUT/$1.onnx" "${between[@]}"
}

# From the weights of ImageNet; then three times on from there, each time to a mean of the run's beginning and its end.
# The second run was broken off after 7,280 of its samples. The unlabelled pets get their masks from what is there by then.
python -m background_remover.train fit --recipe unet-lite2 --out "$OUT/first" "${common[@]}" \
  --data "$DATA/oxford-iiit-pet=16" --data "$DATA/duts-tr=48" --data "$DATA/portraits=4" --data "$DATA/fashion=4" \
  --data "$DATA/people=5" --backgrounds "$DATA/backgrounds=4"
export_as "$OUT/first/last.pt" "$OUT/first.onnx" "${between[@]}"
early=(--data "$DATA/people=5" --backgrounds "$DATA/backgrounds=5")
further second unet-lite2-large "$OUT/first.onnx" --teacher "$OUT/first.onnx" "${early[@]}" \
  --data "$DATA/oxford-iiit-pet=18" --unlabelled "$DATA/oxford-iiit-pet/unlabelled=6" --data "$DATA/duts-tr=44" \
  --data "$DATA/portraits=4" --data "$DATA/fashion=4"
python -m background_remover.train average "$OUT/first.onnx" "$OUT/second.onnx" --out "$OUT/middle.onnx"
late=(
  "${early[@]}"
  --data "$DATA/oxford-iiit-pet=20" --unlabelled "$DATA/oxford-iiit-pet/unlabelled=10" --data "$DATA/duts-tr=40"
  --data "$DATA/portraits=3" --data "$DATA/fashion=3"
)
further third unet-lite2-late "$OUT/middle.onnx" --teacher "$OUT/middle.onnx" "${late[@]}"
python -m background_remover.train average "$OUT/third.onnx" "$OUT/middle.onnx" --out "$OUT/late.onnx" --storage fp16
further fourth unet-lite2-late "$OUT/late.onnx" --teacher "$OUT/late.onnx" "${late[@]}" --samples 20000 --seed 6
python -m background_remover.train average "$OUT/fourth.onnx" "$OUT/fourth.onnx" "$OUT/late.onnx" \
  --out "$OUT/fifth.onnx" --storage fp16

# On from there on one NVIDIA H200, which it shared with the other network's run: 374,144 samples in 470 seconds, 320 pixels
# from 111,360 on. Then the mean of one share of what it began with and two of what it became.
further gpu unet-lite2-gpu "$OUT/fifth.onnx" --minutes 8 "${early[@]}" --data "$DATA/duts-tr=44" --data "$DATA/pets-299=9" \
  --data "$DATA/oxford-iiit-pet=7" --data "$DATA/pets-128=4" --data "$DATA/portraits=4" --data "$DATA/fashion=4" \
  --data "$DATA/people-hands=1.5"
python -m background_remover.train average "$OUT/gpu.onnx" "$OUT/gpu.onnx" "$OUT/fifth.onnx" --out "$OUT/sixth.onnx" \
  --storage fp16

# On from there on one processor core with houses, furniture and trees as subjects: their pictures are among the
# backgrounds, and outlines.py makes their masks. About an hour each; then the mean of both and of what they began with.
python runs/outlines.py "$DATA" "$OUT/buildings"
houses=(
  --data "$DATA/duts-tr=44" --data "$DATA/pets-299=9" --data "$DATA/oxford-iiit-pet=7" --data "$DATA/pets-128=3"
  --data "$DATA/people=6" --data "$DATA/people-hands=1.5" --data "$DATA/portraits=4" --data "$DATA/fashion=4"
  --data "$OUT/buildings=4" --backgrounds "$DATA/backgrounds=3" --behind-only runs/behind-only.txt
)
further houses unet-lite2-further "$OUT/sixth.onnx" "${houses[@]}" --samples 7536 --seed 21
python -m background_remover.train average "$OUT/houses.onnx" "$OUT/sixth.onnx" --out "$OUT/seventh.onnx" --storage fp16
further more-houses unet-lite2-further "$OUT/seventh.onnx" "${houses[@]}" --samples 5000 --seed 33
python -m background_remover.train average "$OUT/more-houses.onnx" "$OUT/houses.onnx" "$OUT/sixth.onnx" \
  --out "$OUT/eighth.onnx" --storage fp16

# The shipped file answers to the picture alone, at 352 pixels; second passes see a mirror image, at 320.
export_as "$OUT/eighth.onnx" "$FILE" --size 352 --crop-size 320 --storage fp16
runs/measure.sh "$DATA" "$FILE" "$OUT"
