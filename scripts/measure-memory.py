"""Peak memory of `landbridge evaluate` on a 4 GiB model, as a multiple of the weights it uses.

    swift build -c release
    python3 scripts/measure-memory.py [DIRECTORY]

Not part of the tests: it writes five files of 4 GiB, one at a time, removes them, and needs 6 GiB of
memory. Python's standard library is enough. Exits with 1 where a model takes more than 1.3 times its weights.
"""

import json
import math
import os
import pathlib
import random
import resource
import struct
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
TOOL = ROOT / ".build/release/landbridge"
SIZES = {"F32": 4, "F16": 2, "F64": 8}
PIECE = 1 << 24


def write_model(path, tensors, dtype):
    """tensors: name → shape; elements are small numbers, not zeros, so that no page is shared."""
    header, offset = {}, 0
    for name, shape in tensors.items():
        count = SIZES[dtype]
        for extent in shape:
            count *= extent
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [offset, offset + count]}
        offset += count
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    code = {"F32": "f", "F16": "e", "F64": "d"}[dtype]
    number = random.Random(1)
    values = [number.uniform(-1e-3, 1e-3) for _ in range(PIECE // SIZES[dtype] // 16)]
    block = struct.pack(f"<{len(values)}{code}", *values) * 16
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        while offset > 0:
            file.write(block[: min(offset, len(block))])
            offset -= len(block)


def measure(model, data, *more):
    """Peak memory in bytes, and seconds."""
    command = [TOOL, "evaluate", model, "--data", data, "--activation", "relu", "--loss", "squared"]
    read, write = os.pipe()
    start = time.monotonic()
    child = os.fork()
    if child == 0:
        os.close(read)
        done = subprocess.run([*command, *more], stdout=subprocess.DEVNULL)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        os.write(write, f"{done.returncode} {peak}".encode())
        os._exit(0)
    os.close(write)
    code, peak = os.read(read, 100).decode().split()
    os.waitpid(child, 0)
    if code != "0":
        sys.exit(f"landbridge failed with {code}")
    return int(peak) * (1 if sys.platform == "darwin" else 1024), time.monotonic() - start


def main():
    base = sys.argv[1] if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory(dir=base) as directory:
        directory = pathlib.Path(directory)
        model = directory / "model.safetensors"
        data = directory / "data.csv"
        width, inputs, outputs = 1_350_000, 784, 10
        number = random.Random(2)
        data.write_text(
            "".join(
                ",".join(f"{number.random():.3f}" for _ in range(inputs)) + f",{i % 10}\n"
                for i in range(16)
            )
        )
        wide = {"0.weight": [width, inputs], "0.bias": [width], "2.weight": [outputs, width]}
        flax = {
            "params/Dense_0/kernel": [inputs, width],
            "params/Dense_0/bias": [width],
            "params/Dense_1/kernel": [width, outputs],
        }
        deep = {"0.weight": [23_000, 784], "2.weight": [23_000, 23_000], "4.weight": [10, 23_000]}
        small = {"head.0.weight": [50_000, inputs], "head.2.weight": [outputs, 50_000]}
        cases = [
            ("two layers, F32", wide, "F32", wide, []),
            ("two layers, F32, Flax kernels", flax, "F32", flax, []),
            ("three layers, F64", deep, "F64", deep, []),
            ("three layers, F64 read as float", deep, "F64", deep, ["--precision", "float"]),
            ("a head of 4 GiB", {**small, "body.weight": [width, inputs]}, "F32", small,
             ["--layers", "head"]),
        ]
        worst = 0
        print("model                            file GiB  used GiB  peak GiB   ratio  seconds")
        for name, tensors, dtype, used, more in cases:
            write_model(model, tensors, dtype)
            bytes_used = sum(SIZES[dtype] * math.prod(shape) for shape in used.values())
            peak, seconds = measure(model, data, *more)
            ratio = peak / bytes_used
            worst = max(worst, ratio)
            gib = 1 << 30
            print(
                f"{name:32} {model.stat().st_size / gib:8.3f}  {bytes_used / gib:8.3f}  "
                f"{peak / gib:8.3f}  {ratio:6.3f}  {seconds:7.1f}",
                flush=True,
            )
            model.unlink()
        return worst > 1.3


if __name__ == "__main__":
    sys.exit(main())
