#!/usr/bin/env bash
# Compiles the kernels for arm64, runs every one of them under qemu, and prints their digests
# (Tests/CKernelDigests). Exits with 77, and says why, where a tool for that is missing.
#   apt-get install qemu-user libc6-dev-arm64-cross libgcc-12-dev-arm64-cross
set -euo pipefail
cd "$(dirname "$0")/.."

missing() {
  echo "not checked: $1 is missing" >&2
  exit 77
}
root=/usr/aarch64-linux-gnu
libgcc=$(ls -d /usr/lib/gcc-cross/aarch64-linux-gnu/* 2>/dev/null | sort -V | tail -n 1)
command -v clang >/dev/null || missing clang
command -v qemu-aarch64 >/dev/null || missing qemu-aarch64
[ -e $root/include/stdlib.h ] || missing "$root/include (libc6-dev-arm64-cross)"
[ -n "$libgcc" ] || missing "/usr/lib/gcc-cross/aarch64-linux-gnu (libgcc-12-dev-arm64-cross)"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
clang --target=aarch64-linux-gnu --sysroot=$root -isystem $root/include -O2 -std=c17 -static \
  -fuse-ld=lld -B"$libgcc" -B$root/lib -L"$libgcc" -L$root/lib -DLB_MAIN \
  -ISources/CKernels/include -ITests/CKernelDigests/include \
  Sources/CKernels/*.c Tests/CKernelDigests/digests.c -o "$work/digests"
qemu-aarch64 "$work/digests"
