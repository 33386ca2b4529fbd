#!/usr/bin/env bash
# Installs a built landbridge, its completions for bash, zsh and fish, its manual page and licences
# beneath a prefix. One file is the whole tool: data and the report's template are inside it.
#
#   scripts/install.sh PREFIX TOOL [MANUAL_GENERATOR]   without the generator no manual page
#   scripts/install.sh --uninstall PREFIX
#
# DESTDIR, if set, goes before PREFIX (for packages).
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)

# Relative to the prefix.
binary=bin/landbridge
bash_completion=share/bash-completion/completions/landbridge
zsh_completion=share/zsh/site-functions/_landbridge
fish_completion=share/fish/vendor_completions.d/landbridge.fish
manual=share/man/man1/landbridge.1
licence=share/doc/landbridge/LICENSE
data_sources=share/doc/landbridge/data.md

fail() {
  printf 'install: %s\n' "$*" >&2
  exit 1
}

prefix_of() {
  [ -n "$1" ] || fail "found no prefix, expected a directory such as ~/.local"
  case $1 in
    # Not every shell expands it within PREFIX=~/….
    "~"|"~/"*) printf '%s' "${DESTDIR:-}$HOME${1#\~}" ;;
    /*) printf '%s' "${DESTDIR:-}${1%/}" ;;
    *) fail "found the prefix $1, expected an absolute path, such as $PWD/$1" ;;
  esac
}

uninstall() {
  local prefix=$1 file
  for file in "$binary" "$bash_completion" "$zsh_completion" "$fish_completion" "$manual" \
    "$licence" "$data_sources"
  do
    rm -f -- "$prefix/$file"
  done
  if [ -d "$prefix/share/doc/landbridge" ]; then rmdir -- "$prefix/share/doc/landbridge"; fi
}

# Writes what a command prints to a file, which a failing command leaves as it was.
write_output() {
  local file=$1 text
  shift
  text=$("$@") || fail "$* failed"
  mkdir -p -- "$(dirname "$file")"
  printf '%s\n' "$text" >"$file"
  chmod 644 -- "$file"
}

install_file() {
  mkdir -p -- "$(dirname "$3")"
  # Beside the old one and renamed: one that runs goes on, and none is ever half written.
  cp -- "$2" "$3.new"
  chmod "$1" -- "$3.new"
  mv -f -- "$3.new" "$3"
}

if [ "${1:-}" = --uninstall ]; then
  [ $# = 2 ] || fail "usage: scripts/install.sh --uninstall PREFIX"
  prefix=$(prefix_of "$2")
  uninstall "$prefix"
  echo "Removed landbridge from $prefix."
  exit
fi

[ $# = 2 ] || [ $# = 3 ] || fail "usage: scripts/install.sh PREFIX TOOL [MANUAL_GENERATOR]"
prefix=$(prefix_of "$1")
tool=$2
# Without a slash the shell would look in PATH.
case $tool in */*) ;; *) tool=./$tool ;; esac
[ -x "$tool" ] || fail "found no program $tool, expected a built landbridge"
"$tool" --version >/dev/null || fail "$tool does not run"

install_file 755 "$tool" "$prefix/$binary"
install_file 644 "$root/LICENSE" "$prefix/$licence"
install_file 644 "$root/Sources/CBuiltInData/Files/README.md" "$prefix/$data_sources"
write_output "$prefix/$bash_completion" "$tool" --generate-completion-script bash
write_output "$prefix/$zsh_completion" "$tool" --generate-completion-script zsh
write_output "$prefix/$fish_completion" "$tool" --generate-completion-script fish
if [ $# = 3 ]; then
  write_output "$prefix/$manual" "$3" "$tool" --output-directory -
  # The generator leaves blank lines between paragraphs, which mdoc wants as requests.
  sed 's/^$/.Pp/' "$prefix/$manual" >"$prefix/$manual.new"
  mv -f -- "$prefix/$manual.new" "$prefix/$manual"
fi

echo "Installed landbridge in $prefix/bin."
case ":$PATH:${DESTDIR:+:$prefix/bin:}" in
  *":$prefix/bin:"*) ;;
  *) echo "$prefix/bin is not in PATH; add to ~/.profile: export PATH=\"$prefix/bin:\$PATH\"" ;;
esac
