# Trains, measures and connects small networks of every kind with $tool on $threads threads, in an empty
# directory, and prints the SHA-256 of every result: same-bytes.txt has what they are to be.
# After a change that means to give other bytes:
#   cd "$(mktemp -d)"; tool=…/landbridge threads=2 bash …/same-bytes.sh > …/same-bytes.txt
set -euo pipefail
train() {
  local output=$1
  shift
  "$tool" train "$@" --threads "$threads" --evaluations 2 -q -o "$output.safetensors" >/dev/null
}
json() {
  local output=$1
  shift
  "$tool" "$@" --threads "$threads" -q --format json >"$output.json"
}

digits="--data digits" gaussians="--data gaussians:d=9,delta=0.5"
train a $digits --hidden 30 --steps 700 --seed 1
train b $digits --hidden 30 --steps 700 --seed 2 --schedule cosine
train biased $digits --hidden 30 --steps 900 --seed 2 --bias --activation erf
train gelu $gaussians --hidden 50 --steps 600 --schedule power:0.5,10 --activation gelu
train step $gaussians --hidden 50 --steps 300 --loss cross-entropy --activation cos --method step-by-step
train wide --data gaussians:d=32,delta=0.5 --hidden 2100 --steps 300 --activation silu
train standard $digits --hidden 40 --steps 300 --scaling standard --step-size 0.001 --activation relu
train deep $digits --hidden 24,20,17 --steps 500 --loss cross-entropy --bias --activation sigmoid
train middle64 $digits --hidden 24,20,17 --steps 500 --loss cross-entropy --bias --trained middle \
  --precision double --activation softplus
train a64 $digits --hidden 30 --steps 500 --precision double --loss cross-entropy --seed 3
train b64 $digits --hidden 30 --steps 500 --precision double --loss cross-entropy --seed 4
for model in a biased deep middle64 a64; do
  json "evaluate-$model" evaluate "$model.safetensors" $digits
  json "dropout-$model" dropout "$model.safetensors" $digits
done
json connect connect a.safetensors b.safetensors $digits -o path
json connect64 connect a64.safetensors b64.safetensors $digits --refit -o path64
json prune prune deep.safetensors $digits --keep 0.5 --select greedy --refit -o pruned.safetensors

sum() { if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi; }
# Figures are gnuplot's.
find . -name '*.safetensors' -o -name '*.json' -o -name '*.npz' | sed 's|^\./||' | LC_ALL=C sort \
  | while read -r file; do
    if [ -f "$file" ]; then printf '%s %s\n' "$(sum "$file" | cut -d ' ' -f 1)" "$file"; fi
  done
