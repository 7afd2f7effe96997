#!/usr/bin/env bash
# Makes what is published, in the folder OUT: a wheel and an sdist, whose bytes depend on the commit alone, and
# sbom.cdx.json, the packages of an environment with the wheel and its HTTP service, which are audited. Needs uv.
set -euo pipefail
OUT=${1:?usage: runs/packages.sh OUT, a folder that is to be made}
root=$(cd "$(dirname "$0")/.." && pwd)
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir "$OUT"
uv build --quiet --out-dir "$OUT" "$root"
uv venv --quiet "$work/product"
uv pip install --quiet --python "$work/product" "$(echo "$OUT"/*.whl)[serve]"
uvx --quiet --from cyclonedx-bom cyclonedx-py environment --pyproject "$root/pyproject.toml" --mc-type application \
  --output-reproducible --of JSON --output-file "$OUT/sbom.cdx.json" "$work/product/bin/python"
packages=("$work"/product/lib/python*/site-packages)
timeout 60 uvx --quiet pip-audit --timeout 5 --path "${packages[0]}" --progress-spinner off --format json \
  >"$work/audit.json" 2>"$work/audit.txt" || true # it fails without a network as well; audit.py says which it is
uv run --quiet --no-project "$root/runs/audit.py" "$work/audit.json"
