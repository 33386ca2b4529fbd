#!/usr/bin/env bash
# Shows that an installed landbridge needs nothing of its build: installs it, moves the installed
# tree into an empty directory, hides the build, and runs the built-in data and a report from there,
# through a symbolic link and with an empty environment.
#
#   scripts/check-install.sh          what `make install` builds; then Swift's toolchain is hidden too
#   scripts/check-install.sh TOOL     a tool at hand, which may need the toolchain
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)

fail() {
  printf 'check-install: %s\n' "$*" >&2
  exit 1
}

directory=$(mktemp -d)
trap 'rm -rf -- "$directory"' EXIT
first="$directory/first"
moved="$directory/moved to another place"

hide=("$root/.build")
if [ $# = 0 ]; then
  make -C "$root" --no-print-directory install PREFIX="$first"
  # …/usr/lib/swift, wherever the driver lies.
  hide+=("$(dirname "$(dirname "$(readlink -f "$(command -v swift)")")")/lib/swift")
else
  "$root/scripts/install.sh" "$first" "$1"
fi

# The tree goes elsewhere, the tool is called by a link, as from ~/bin.
mv -- "$first" "$moved"
mkdir -- "$directory/links" "$directory/work"
ln -s -- "$moved/bin/landbridge" "$directory/links/landbridge"

# In a mount namespace of its own the build is gone for the tool and stays for everyone else.
private=()
for way in "unshare --mount" "unshare --map-root-user --mount"; do
  # shellcheck disable=SC2086 # words
  if $way mount -t tmpfs none "$directory/links/.." 2>/dev/null; then
    read -ra private <<<"$way"
    break
  fi
done
if [ ${#private[@]} = 0 ]; then
  echo "check-install: no mount namespaces here: nothing is hidden" >&2
fi

# shellcheck disable=SC2016 # the inner shell's
hidden() {
  if [ ${#private[@]} = 0 ]; then
    "$@"
    return
  fi
  "${private[@]}" bash -c '
    while [ "$1" != -- ]; do
      if [ -d "$1" ]; then mount -t tmpfs none "$1"; fi
      shift
    done
    shift
    exec "$@"' hidden "${hide[@]}" -- "$@"
}

run() {
  (cd "$directory/work" &&
    hidden env -i PATH="$directory/links:$PATH" landbridge "$@") \
    >"$directory/output" 2>&1 || fail "landbridge $* failed: $(cat "$directory/output")"
}

expect() {
  grep -q -- "$1" "$directory/output" || fail "no “$1” in: $(cat "$directory/output")"
}

# A bundle would be found where it was built, on this machine alone.
if grep -aq '_\(DataFormats\|Reports\|Experiments\)\.resources' "$moved/bin/landbridge"; then
  fail "the tool looks for resource bundles"
fi

run data info digits:split=all
expect 'samples  *1797$'
run data info cifar10-vgg:split=test
expect 'samples  *5000$'
run data info cifar10-vgg:split=train
expect 'samples  *20.*000$'
run train --data digits --hidden 20 --steps 200 -o a.safetensors
expect '^Wrote a.safetensors'
ran="digits, cifar10-vgg"

if command -v gnuplot >/dev/null; then
  run reproduce --only gaussians --widths 10,21 --trials 2 --steps 200 -o results
  page="$directory/work/results/report.html"
  for part in '<style>' '--text:' '</html>' 'data:image/svg+xml'; do
    grep -q -- "$part" "$page" || fail "no “$part” in the report"
  done
  ran+=", a report"
else
  echo "check-install: no gnuplot: no report" >&2
fi

bash -n "$moved/share/bash-completion/completions/landbridge"
grep -q '^#compdef landbridge' "$moved/share/zsh/site-functions/_landbridge" || fail "no zsh completion"
grep -q '^complete -c .*landbridge' "$moved/share/fish/vendor_completions.d/landbridge.fish" \
  || fail "no fish completion"

if [ $# = 0 ]; then
  grep -q '^\.Sh SYNOPSIS\|^\.Sh NAME' "$moved/share/man/man1/landbridge.1" || fail "no manual page"
  if command -v ldd >/dev/null && ldd "$moved/bin/landbridge" | grep -i 'swift\|Foundation'; then
    fail "the tool needs the libraries of Swift's toolchain"
  fi
fi

"$root/scripts/install.sh" --uninstall "$moved" >/dev/null
left=$(find "$moved" ! -type d)
[ -z "$left" ] || fail "uninstalling leaves $left"
echo "Moved and on its own, the installed tool ran: $ran."
