#!/usr/bin/env bash
# Builds everything in release and runs every test: the kernels at each level that this processor
# has, then all suites, the end-to-end ones on the tool built here. Arguments go to the last run.
set -euo pipefail
cd "$(dirname "$0")/.."

unset LANDBRIDGE_KERNELS

swift build -c release --build-tests

# The tool passes over a level that the processor lacks, and `version` tells which one it took.
if [ "$(uname -m)" = x86_64 ]; then
  tool=$(swift build -c release --show-bin-path)/landbridge
  used() { "$tool" version | sed -n 's/^kernels *//p'; }
  best=$(used)
  for level in x86-64 x86-64-v3 x86-64-v4; do
    # The best level is that of the run of all suites below.
    if [ "$level" = "$best" ] || [ "$(LANDBRIDGE_KERNELS=$level used)" != "$level" ]; then continue; fi
    echo "== LinearAlgebraTests and LandbridgeTests with the kernels $level"
    LANDBRIDGE_KERNELS=$level swift test -c release --skip-build --disable-xctest \
      --filter "LinearAlgebraTests|LandbridgeTests"
  done
  echo "== All tests, kernels $best"
fi
swift test -c release --skip-build --disable-xctest "$@"
