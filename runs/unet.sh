#!/usr/bin/env bash
# Makes weights/unet.onnx: the deep U-Net at 128x128, from nothing. DATA is a folder that holds the sources named below.
# The first run took one NVIDIA H200, which it shared with the other network's run: 770,432 samples in 330 seconds, the
# last 96 from 277,248 and 128 from 532,608 on. Another machine takes as many samples with `--samples` instead. The second
# took half an hour of one processor core, and the shipped weights are the mean of both.
set -euo pipefail
DATA=${1:?usage: runs/unet.sh DATA [OUT]}
OUT=${2:-scratch/unet}
FILE=src/background_remover/weights/unet.onnx

# The number after = is the source's share of the samples. A sixth of each source, 500 pictures at most, is held out.
common=(
  --without runs/not-empty.txt --data "$DATA/duts-tr=44" --data "$DATA/pets-299=9" --data "$DATA/pets-128=16"
  --cutouts "$DATA/cutouts/objects-and-animals=5" --data "$DATA/feral-cats=4" --data "$DATA/portraits=4"
  --data "$DATA/fashion=4" --data "$DATA/objects=3" --data "$DATA/video-frames=3" --data "$DATA/cats=2"
  --data "$DATA/horses=2" --data "$DATA/butterflies=2" --cutouts "$DATA/cutouts/people=1.5"
  --data "$DATA/people-hands=1.5" --data "$DATA/cars=1"
)
export_as() {
  python -m background_remover.train export "$1" "$2" --name unet --version 5 --storage "$3" \
    --license "Apache-2.0; see the model card for the data" \
    --data "Oxford-IIIT Pet, DUTS-TR and eleven smaller sources; see the model card"
}
python -m background_remover.train fit --recipe unet-gpu --minutes 6 --out "$OUT/first" "${common[@]}" \
  --data "$DATA/oxford-iiit-pet=7" --data "$DATA/people=5" --backgrounds "$DATA/backgrounds=5"
export_as "$OUT/first/last.pt" "$OUT/first.onnx" int8
python -m background_remover.train fit --recipe unet-late --samples 8352 --out "$OUT/second" --init "$OUT/first.onnx" \
  "${common[@]}" --data "$DATA/oxford-iiit-pet=12" --data "$DATA/people=6" --backgrounds "$DATA/backgrounds=3" \
  --behind-only runs/behind-only.txt
export_as "$OUT/second/last.pt" "$OUT/second.onnx" fp32
python -m background_remover.train average "$OUT/second.onnx" "$OUT/first.onnx" --out "$FILE" --storage int8
runs/measure.sh "$DATA" "$FILE" "$OUT"
