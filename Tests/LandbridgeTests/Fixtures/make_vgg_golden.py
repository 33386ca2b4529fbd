"""Makes vgg16-golden.json: features of VGG-16 with pseudo-random weights, by PyTorch in float64.

    python -m venv venv && venv/bin/pip install torch numpy
    venv/bin/python make_vgg_golden.py > vgg16-golden.json

Weights and images come from a hash of a counter, so that the test makes the same ones and only the
features are stored. FeaturesTestSupport.swift has the same functions.
"""

import json

import numpy as np
import torch

CHANNELS = {0: 64, 2: 64, 5: 128, 7: 128, 10: 256, 12: 256, 14: 256}
CHANNELS |= {number: 512 for number in (17, 19, 21, 24, 26, 28)}
POOLED = (2, 7, 14, 21, 28)
# name, height, width, images, mean, standard deviation (for bytes)
CASES = [
    ("torchvision", 32, 32, 2, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), 255),
    ("caffe", 44, 70, 1, (123.68, 116.779, 103.939), (1, 1, 1), 1),
]


def hashes(stream: int, count: int) -> np.ndarray:
    """Murmur3's finaliser of stream · 0x9E3779B9 + counter, uint32."""
    x = np.arange(count, dtype=np.uint32) + np.uint32(stream * 0x9E3779B9 & 0xFFFFFFFF)
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    x = (x ^ (x >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return x ^ (x >> np.uint32(16))


def uniform(stream: int, count: int) -> np.ndarray:
    """Multiples of 2⁻²³ in [−1, 1), float32."""
    return (hashes(stream, count) >> np.uint32(8)).astype(np.float32) / np.float32(2**23) - 1


def parameters(number: int, inputs: int) -> tuple[torch.Tensor, torch.Tensor]:
    """He-scaled weight (uniform, variance 2/(9·inputs)) and bias of a convolution, from float32."""
    outputs = CHANNELS[number]
    scale = np.sqrt(np.float32(6) / np.float32(9 * inputs))
    weight = scale * uniform(2 * number, outputs * inputs * 9)
    bias = np.float32(0.125) * uniform(2 * number + 1, outputs)
    shape = (outputs, inputs, 3, 3)
    return torch.tensor(weight, dtype=torch.float64).reshape(shape), torch.tensor(
        bias, dtype=torch.float64
    )


cases = []
for name, height, width, count, mean, deviation, scale in CASES:
    pixels = (hashes(1000, count * 3 * height * width) >> np.uint32(24)).astype(np.float64)
    x = torch.tensor(pixels).reshape(count, 3, height, width) / scale
    x = (x - torch.tensor(mean, dtype=torch.float64).reshape(3, 1, 1)) / torch.tensor(
        deviation, dtype=torch.float64
    ).reshape(3, 1, 1)
    inputs = 3
    for number, outputs in CHANNELS.items():
        weight, bias = parameters(number, inputs)
        x = torch.relu(torch.nn.functional.conv2d(x, weight, bias, padding=1))
        if number in POOLED:
            x = torch.nn.functional.max_pool2d(x, 2)
        inputs = outputs
    features = [float(f"{value:.9g}") for value in x.flatten().tolist()]
    cases.append(
        dict(normalization=name, height=height, width=width, count=count, features=features)
    )
print(json.dumps(dict(torch=torch.__version__, cases=cases)))
