#!/usr/bin/env bash
# What a model file is worth on the pictures held out of training: its confidence, which is written into it, its scores
# and its contact sheets. DATA is the folder of the sources, OUT takes the sheets.
set -euo pipefail
DATA=${1:?usage: runs/measure.sh DATA FILE.onnx OUT}
FILE=${2:?}
OUT=${3:?}

python -m background_remover.train calibrate "$FILE" --data "$DATA/oxford-iiit-pet" --data "$DATA/duts-tr" \
  --data "$DATA/portraits" --data "$DATA/people" --backgrounds "$DATA/backgrounds" --without runs/not-empty.txt \
  --plot "$OUT/confidence.png"
for source in oxford-iiit-pet duts-tr people objects; do
  background-remover evaluate "$DATA/$source" --part validation --model "$FILE" --csv "$OUT/$source.csv"
  python -m background_remover.train report "$DATA/$source" "$OUT/$source.png" --model "$FILE"
done
sha256sum "$FILE"  # belongs in models.py
