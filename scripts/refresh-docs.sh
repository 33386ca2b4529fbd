#!/usr/bin/env bash
# Pastes anew what README.md and docs/ show as printed: runs their console blocks, the library
# examples and the quick reproduction (five minutes), and writes the output in place. The tests
# (`make test`) fail where the pages show anything else than the tool prints.
set -euo pipefail
cd "$(dirname "$0")/.."

swift build -c release --build-tests
tests=Tests/ToolTests/Fixtures
bin=$(swift build -c release --show-bin-path)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$PWD
(cd "$work" && tool="$bin/landbridge" threads=2 bash "$root/$tests/same-bytes.sh") > "$work.txt"
mv "$work.txt" $tests/same-bytes.txt
# One after another: all write README.
LANDBRIDGE_REFRESH_DOCS=1 swift test -c release --skip-build --disable-xctest --no-parallel \
  --filter "Pasted output|Example package"

git --no-pager diff --stat -- README.md docs Tests
