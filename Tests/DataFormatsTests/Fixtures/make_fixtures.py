"""Writes the fixtures of DataFormatsTests with the reference implementations.

Needs numpy and safetensors (made with numpy 2.4.6, safetensors 0.8.0). Run in this directory.
The values are those that the tests compute again: element i, in row-major order, of every array is
3 i - 7 for signed integers, a quarter of that for floats, i for unsigned integers and i mod 2 for
booleans.
"""

import json
import struct
import zipfile

import numpy as np
from safetensors.numpy import save_file


def ramp(dtype, shape):
    dtype = np.dtype(dtype)
    i = np.arange(int(np.prod(shape)))
    if dtype.kind == "b":
        values = i % 2 == 1
    elif dtype.kind == "u":
        values = i
    elif dtype.kind == "f":
        values = (3 * i - 7) / 4
    else:
        values = 3 * i - 7
    return values.astype(dtype).reshape(shape)


DTYPES = ["f8", "f4", "f2", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", "b1"]

# Every type, both byte orders, both element orders, in one archive each, stored and deflated.
arrays = {}
for code in DTYPES:
    for order in "<>":
        for layout in "CF":
            name = f"{code}_{'little' if order == '<' else 'big'}_{layout}"
            arrays[name] = np.asarray(ramp(code, (3, 4, 2)).astype(order + code), order=layout)
arrays["scalar"] = np.array(2.5)
arrays["empty"] = np.zeros((0, 5), np.float32)
arrays["vector"] = ramp("f4", (7,))
np.savez("stored.npz", **{k: arrays[k] for k in ("f4_little_C", "f4_big_F", "scalar", "empty")})
np.savez_compressed("deflated.npz", **arrays)

with open("v1.npy", "wb") as f:
    np.lib.format.write_array(f, ramp("f8", (2, 3)), version=(1, 0))
with open("v2.npy", "wb") as f:
    np.lib.format.write_array(f, np.asfortranarray(ramp(">i4", (2, 3))), version=(2, 0))
with open("v3.npy", "wb") as f:
    np.lib.format.write_array(f, ramp("u1", (2, 3)), version=(3, 0))

# Sizes in the zip64 fields of the central directory too, as in archives beyond 4 GiB.
limit = zipfile.ZIP64_LIMIT
zipfile.ZIP64_LIMIT = 0
np.savez("zip64.npz", vector=ramp("f4", (7,)))
zipfile.ZIP64_LIMIT = limit

save_file(
    {f"layers.{n}.weight": ramp(c, (3, 4, 2)) for n, c in enumerate(DTYPES)}
    | {"scalar": np.array(2.5), "empty": np.zeros((0, 5), np.float32)},
    "all.safetensors",
    metadata={"format": "np \"quoted\" \u00e9 \n"},
)

# bfloat16 has no NumPy type: written by hand after the specification.
header = json.dumps(
    {"x": {"dtype": "BF16", "shape": [3], "data_offsets": [0, 6]}}, separators=(",", ":")
).encode()
with open("bf16.safetensors", "wb") as f:
    f.write(struct.pack("<Q", len(header)) + header)
    f.write((np.array([1.5, -2.0, 3.0], "<f4").view("<u4") >> 16).astype("<u2").tobytes())

# All 65536 half-precision values as NumPy converts them: a checksum of the bits of those
# that are numbers.
half = np.arange(65536, dtype=np.uint32).astype("<u2").view("<f2").astype("<f4")
bits = half.view("<u4").astype(np.uint64) * (2 * np.arange(65536, dtype=np.uint64) + 1)
with open("half.json", "w") as f:
    json.dump({"checksum": int(bits[~np.isnan(half)].sum()), "nans": int(np.isnan(half).sum())}, f)
