#!/usr/bin/env bash
# What a model file is worth on the pictures held out of training: its confidence, which is written into it, its scores
# and its contact sheets. DATA is the folder of the sources, OUT takes the sheets. The thresholds of doubt are fitted on
# the sources with the smallest shares of the samples.
set -euo pipefail
DATA=${1:?usage: runs/measure.sh DATA FILE.onnx OUT}
FILE=${2:?}
OUT=${3:?}
lists=(--without runs/not-empty.txt --behind-only runs/behind-only.txt)

python -m background_remover.train calibrate "$FILE" --data "$DATA/oxford-iiit-pet" --data "$DATA/duts-tr" \
  --data "$DATA/portraits" --data "$DATA/people" --least-seen "$DATA/feral-cats" --least-seen "$DATA/cats" \
  --least-seen "$DATA/horses" --least-seen "$DATA/butterflies" --least-seen "$DATA/objects" --least-seen "$DATA/cars" \
  --least-seen "$DATA/video-frames" --least-seen "$DATA/people-hands" --backgrounds "$DATA/backgrounds" "${lists[@]}" \
  --plot "$OUT/confidence.png"
background-remover evaluate "$DATA/oxford-iiit-pet" "$DATA/pets-299" "$DATA/duts-tr" "$DATA/people" "$DATA/objects" \
  --backgrounds "$DATA/backgrounds" "${lists[@]}" --part validation --model "$FILE" --csv "$OUT/scores.csv"
for source in oxford-iiit-pet duts-tr people objects; do
  python -m background_remover.train report "$DATA/$source" "$OUT/$source.png" --model "$FILE"
done
sha256sum "$FILE"  # belongs in models.py
