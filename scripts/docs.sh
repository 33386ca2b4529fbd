#!/usr/bin/env bash
# Builds the reference documentation of the named targets into .build/docs/TARGET.
set -euo pipefail
cd "$(dirname "$0")/.."

for target in "$@"; do
  mkdir -p .build/docs
  swift package --allow-writing-to-directory .build/docs generate-documentation \
    --target "$target" --output-path ".build/docs/$target" \
    --transform-for-static-hosting --hosting-base-path "$target"
done
echo "python3 -m http.server -d .build/docs serves them at http://localhost:8000/:"
for target in "$@"; do
  echo "  http://localhost:8000/$target/documentation/$(echo "$target" | tr '[:upper:]' '[:lower:]')/"
done
