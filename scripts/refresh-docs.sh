#!/usr/bin/env bash
# Pastes anew what README.md and docs/ show as printed: runs their console blocks, the library
# examples and the quick reproduction (five minutes), and writes the output in place. The tests
# (`make test`) fail where the pages show other words than the tool prints.
set -euo pipefail
cd "$(dirname "$0")/.."

swift build -c release --build-tests
LANDBRIDGE_REFRESH_DOCS=1 swift test -c release --skip-build --disable-xctest \
  --filter "Pasted output|Example package"

tool=$(swift build -c release --show-bin-path)/landbridge
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
"$tool" reproduce --preset quick --quiet -o "$results" | cat -s > "$results/table.txt"
# The tables of the first three experiments.
awk '
  FNR == NR { if (/^CIFAR-10 features, three layers, all trained/) stop = 1; if (!stop) table = table $0 "\n"; next }
  /<!-- demo:begin -->/ {
    print; print "```"; printf "%s", table
    print "… (the tables of three more experiments follow)"; print "```"; inside = 1; next
  }
  /<!-- demo:end -->/ { inside = 0 }
  !inside { print }
' "$results/table.txt" README.md > "$results/README.md"
cp "$results/README.md" README.md
git --no-pager diff --stat -- README.md docs
