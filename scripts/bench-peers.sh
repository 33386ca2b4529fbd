#!/usr/bin/env bash
# Compares Landbridge with JAX, PyTorch and NumPy on this machine. Arguments go to
# Benchmarks/peers/compare.py (--quick, --filter …). The Python packages of
# Benchmarks/peers/requirements.txt are installed into Benchmarks/.venv once; PEERS_PYTHON names a
# Python that has them already.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PEERS_PYTHON:-}
if [ -z "$python" ]; then
  venv=Benchmarks/.venv
  wanted=Benchmarks/peers/requirements.txt
  python=$venv/bin/python
  if ! cmp -s "$wanted" "$venv/installed.txt"; then
    if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "bench-peers: Python 3.11 or later is needed (python3)" >&2
      exit 1
    fi
    python3 -m venv "$venv" || {
      echo "bench-peers: python3 -m venv failed (Debian: sudo apt-get install python3-venv)" >&2
      exit 1
    }
    "$python" -m pip install --quiet --disable-pip-version-check -r "$wanted"
    cp "$wanted" "$venv/installed.txt"
  fi
fi

swift build --package-path Benchmarks -c release >&2
program=$(swift build --package-path Benchmarks -c release --show-bin-path)/Benchmarks
exec "$python" Benchmarks/peers/compare.py --landbridge "$program" "$@"
