#!/usr/bin/env bash
# Installs what building and running Landbridge needs and this machine lacks; "setup.sh openblas" also
# what the benchmarks compare with.
# Says what to install by hand where it cannot. Quick when nothing is missing.
set -euo pipefail

required_swift=6.3
wanted=${1:-}

say() { printf 'setup: %s\n' "$*" >&2; }
fail() {
  say "$@"
  exit 1
}

check_swift() {
  local found
  if ! command -v swift >/dev/null; then
    fail "no swift in PATH; install Swift $required_swift or later: https://www.swift.org/install"
  fi
  found=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p' | head -n 1)
  if [ -z "$found" ]; then fail "swift --version names no version"; fi
  if [ "$(printf '%s\n%s\n' "$required_swift" "$found" | sort -V | head -n 1)" != "$required_swift" ]
  then
    fail "found Swift $found, needed $required_swift or later: https://www.swift.org/install"
  fi
}

# Names what is missing, one word each: make, pkg-config, gnuplot, zlib, and openblas where wanted.
missing() {
  command -v make >/dev/null || echo make
  command -v gnuplot >/dev/null || echo gnuplot
  # zlib and Accelerate come with macOS.
  if [ "$(uname -s)" = Darwin ]; then return; fi
  if ! command -v pkg-config >/dev/null; then
    # Without it zlib cannot be looked up; installing it again does no harm.
    echo pkg-config zlib "$wanted"
    return
  fi
  pkg-config --exists zlib || echo zlib
  if [ -n "$wanted" ]; then pkg-config --exists "$wanted" || echo "$wanted"; fi
}

debian_package() {
  case $1 in
    zlib) echo zlib1g-dev ;;
    openblas) echo libopenblas-dev ;;
    gnuplot) echo gnuplot-nox ;;
    *) echo "$1" ;;
  esac
}

install_debian() {
  local packages=() name
  for name in "$@"; do packages+=("$(debian_package "$name")"); done
  local by_hand="sudo apt-get install ${packages[*]}"
  local root=()
  if [ "$(id -u)" != 0 ]; then
    if ! sudo -n true 2>/dev/null; then
      fail "missing: $*, and this user may not install packages. Run: $by_hand"
    fi
    root=(sudo -n)
  fi
  say "installing ${packages[*]}"
  # A list of packages that is old, or that a container has none of, is fetched first.
  "${root[@]}" apt-get update -qq >&2 || say "apt-get update failed; trying with the lists at hand"
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${packages[@]}" >&2 \
    || fail "apt-get could not install them. Run: $by_hand"
}

main() {
  check_swift
  local names
  # shellcheck disable=SC2046 # one word each
  set -- $(missing)
  if [ $# = 0 ]; then return; fi
  names="$*"
  if command -v apt-get >/dev/null; then
    install_debian "$@"
  elif command -v brew >/dev/null; then
    say "installing $names"
    brew install "$@" >&2 || fail "brew could not install them. Run: brew install $names"
  else
    fail "missing: $names, and there is neither apt-get nor brew here. Install these with their" \
      "development files (pkg-config must find zlib; gnuplot 5.4 or later)."
  fi
  # shellcheck disable=SC2046 # one word each
  set -- $(missing)
  if [ $# != 0 ]; then fail "still missing after the installation: $*"; fi
}

main
