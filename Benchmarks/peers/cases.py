"""The work that is compared: shapes, initial weights, samples, and a plain reference in float64."""

import dataclasses
import numpy as np


@dataclasses.dataclass(frozen=True)
class Case:
    """Online SGD on one network, or VGG-16 features of images.

    Two weight matrices: squared loss, K = 1. Three: cross-entropy, K = 10. tanh, no biases,
    mean-field scaling (every layer after the first divides by its number of inputs), one sample
    per step, in order, again from the first after `block` of them.
    """

    name: str
    hidden: list
    inputs: int
    outputs: int
    trained: str  # all | middle | features
    step_size: float
    block: int  # samples in the file; a call of JAX takes all of them
    target: float  # the ratio asked for, Landbridge against `target_peer`
    target_peer: str

    @property
    def flops(self):
        """What one step costs at least: 4 per weight, 6 where a gradient passes through."""
        n, d = self.hidden[0], self.inputs
        flops = {"all": 4, "middle": 2}[self.trained] * n * d
        for below, above in zip(self.hidden, self.hidden[1:]):
            flops += {"all": 6, "middle": 4}[self.trained] * below * above
        return flops


CASES = [
    Case("two layers, N=800, d=32", [800], 32, 1, "all", 0.2 / 32, 2048, 2.5, "JAX"),
    Case("two layers, N=3200, d=784", [3200], 784, 1, "all", 0.2 / 784, 512, 2.4, "JAX"),
    Case("two layers, N=25600, d=784", [25600], 784, 1, "all", 0.2 / 784, 128, 8, "JAX"),
    Case("three, ends fixed, N=800", [800, 800], 512, 10, "middle", 0.02, 512, 3, "JAX"),
    Case("three, ends fixed, N=3200", [3200, 3200], 512, 10, "middle", 0.02, 128, 6, "JAX"),
    Case("three, all trained, N=3200", [3200, 3200], 512, 10, "all", 0.02, 64, 1.8, "JAX"),
    Case("VGG-16 features, 32×32", [], 0, 512, "features", 0, 128, 0.95, "PyTorch"),
]

# Output channels of VGG-16's convolutions by their number in torchvision's `features`.
VGG16 = {0: 64, 2: 64, 5: 128, 7: 128, 10: 256, 12: 256, 14: 256,
         17: 512, 19: 512, 21: 512, 24: 512, 26: 512, 28: 512}  # fmt: skip
POOLED_AFTER = (2, 7, 14, 21, 28)
PIXEL_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
PIXEL_DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)


def arrays(case):
    """What every peer starts from: x, y and w0, w1, …; for features images and VGG-16's tensors."""
    random = np.random.default_rng(1)
    if case.trained == "features":
        made = {"images": random.integers(0, 256, (case.block, 3, 32, 32), np.uint8)}
        below = 3
        for number, channels in VGG16.items():  # He et al. (2015): activations keep their size
            weight = random.standard_normal((channels, below, 3, 3)) * (2 / (9 * below)) ** 0.5
            made[f"features.{number}.weight"] = weight.astype(np.float32)
            made[f"features.{number}.bias"] = np.full(channels, 0.01, np.float32)
            below = channels
        return made
    x = random.standard_normal((case.block, case.inputs))
    labels = random.integers(0, max(2, case.outputs), case.block)
    y = 2.0 * labels[:, None] - 1 if case.outputs == 1 else np.eye(case.outputs)[labels]
    sizes = [case.inputs, *case.hidden, case.outputs]
    made = {"x": x, "y": y}
    for layer, (below, above) in enumerate(zip(sizes, sizes[1:])):
        if layer == len(case.hidden):
            w = random.uniform(-1, 1, (above, below))
        else:
            w = random.standard_normal((above, below)) * (below**-0.5 if layer == 0 else 1)
        made[f"w{layer}"] = w
    return {name: value.astype(np.float32) for name, value in made.items()}


def reference(case, made, steps):
    """The weights after `steps` steps, or the features: the definition in float64."""
    if case.trained == "features":
        return [vgg16(made)]
    W = [made[f"w{i}"].astype(np.float64) for i in range(len(case.hidden) + 1)]
    trained = range(len(W)) if case.trained == "all" else range(1, len(W) - 1)
    for k in range(steps):
        x = made["x"][k % case.block].astype(np.float64)
        y = made["y"][k % case.block].astype(np.float64)
        h = [x]
        for layer, w in enumerate(W):
            u = w @ h[-1] / (w.shape[1] if layer else 1)
            h.append(u if layer == len(W) - 1 else np.tanh(u))
        if case.outputs == 1:
            D = 2 * (y - h[-1])  # −∂(y − ŷ)²/∂ŷ
        else:
            e = np.exp(h[-1] - h[-1].max())
            D = y - e / e.sum()  # −∂ cross-entropy/∂ŷ
        for layer in reversed(range(len(W))):
            w, inputs = W[layer], h[layer]
            if layer > trained[0]:
                back = w.T @ D / (1 if layer == len(W) - 1 else w.shape[1])
            if layer in trained:
                w += case.step_size * np.outer(D, inputs)
            if layer > trained[0]:
                D = back * (1 - inputs**2)
    return W


def vgg16(made):
    """Features in float64: a convolution is nine products, one for each place in its kernel."""
    h = made["images"].astype(np.float64).transpose(0, 2, 3, 1) / 255
    h = (h - PIXEL_MEAN.astype(np.float64)) / PIXEL_DEVIATION.astype(np.float64)
    for number in VGG16:
        kernel = made[f"features.{number}.weight"].astype(np.float64)
        padded = np.pad(h, ((0, 0), (1, 1), (1, 1), (0, 0)))
        rows, columns = h.shape[1:3]
        u = made[f"features.{number}.bias"].astype(np.float64)
        for i in range(3):
            for j in range(3):
                u = u + padded[:, i : i + rows, j : j + columns] @ kernel[:, :, i, j].T
        h = np.maximum(u, 0)
        if number in POOLED_AFTER:
            n, rows, columns, channels = h.shape
            h = h.reshape(n, rows // 2, 2, columns // 2, 2, channels).max((2, 4))
    return h.transpose(0, 3, 1, 2).reshape(len(h), -1)
