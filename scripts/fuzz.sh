#!/usr/bin/env bash
# Coverage-guided fuzzing of one reader with libFuzzer.
#
#   scripts/fuzz.sh [--address] READER [OPTION…]
#
# --address adds the address sanitizer (about three times slower). Options are libFuzzer's, such as
# -runs=1000000 or -max_total_time=60; files in their place are read once each. Inputs that reach
# new code are kept in Fuzzing/Corpus/READER, those that break something in Fuzzing/Findings.
# Without a reader the names of all are listed.
set -euo pipefail
cd "$(dirname "$0")/.."

sanitizers=(--sanitize fuzzer)
scratch=.build/fuzz
if [ "${1:-}" = --address ]; then
  # Of two sanitizers the compiler instruments for one: the counters of the other are asked for.
  counters=edge,inline-8bit-counters,pc-table,trace-cmp
  sanitizers+=(--sanitize address -Xswiftc -sanitize-coverage=$counters)
  scratch=.build/fuzz-address
  shift
fi
build=(--package-path Fuzzing --scratch-path "$scratch" -c release "${sanitizers[@]}" --product Fuzz)
swift build "${build[@]}" 1>&2
fuzz=$(swift build "${build[@]}" --show-bin-path)/Fuzz

export LANDBRIDGE_READER=${1:-} SWIFT_BACKTRACE=enable=no
shift || true
# In memory where Linux has a place for that.
TMPDIR=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}")")
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
corpus=Fuzzing/Corpus/$LANDBRIDGE_READER
mkdir -p "$corpus" Fuzzing/Findings
# What Swift keeps for the whole run in tagged pointers looks lost to the leak checker; what is
# really lost shows in the limit on memory.
export ASAN_OPTIONS=detect_leaks=0
LANDBRIDGE_SEEDS=$corpus "$fuzz"

fixtures=Tests/DataFormatsTests/Fixtures
limits=(-max_len=4096)
case $LANDBRIDGE_READER in
  safetensors | safetensors-header | model | data-safetensors) dictionary=safetensors ;;
  npy | data-npy) dictionary=npy ;;
  npz | data-npz | model-npz) dictionary=zip ;;
  csv | data-csv) dictionary=csv ;;
  specification) dictionary=specification limits=(-max_len=256) ;;
  # Two records and a little.
  cifar10) limits=(-max_len=6200) ;;
esac
case $LANDBRIDGE_READER in
  safetensors | model) cp "$fixtures"/*.safetensors "$corpus" ;;
  npy) cp "$fixtures"/*.npy "$corpus" ;;
  npz) cp "$fixtures"/{stored,zip64}.npz "$corpus" ;;
esac

if [ -f "${1:-}" ]; then corpus=; fi

# Memory for lengths that the input claims is a finding, and so is a second for 4096 bytes.
"$fuzz" ${dictionary:+-dict=Fuzzing/Dictionaries/$dictionary.dict} "${limits[@]}" \
  -rss_limit_mb=1024 -malloc_limit_mb=64 -timeout=5 -print_final_stats=1 \
  -artifact_prefix="Fuzzing/Findings/$LANDBRIDGE_READER-" -detect_leaks=0 "$@" \
  ${corpus:+"$corpus"}
