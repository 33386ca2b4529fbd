"""Activations and their derivatives with 60 digits, for ActivationGoldenTests: python3 make_activation_golden.py

mpmath 1.3. Arguments are doubles, so that `x` is exact; `y` and `dy` are the doubles nearest to the
exact values. `terms` is the sum of the magnitudes that σ′ is the sum of: near its zero only that
measures an error.
"""

import json
import pathlib
import random

from mpmath import cos, cosh, erf, exp, expm1, log1p, mp, mpf, npdf, pi, sin, sqrt, tanh, erfc

mp.dps = 60


def sigmoid(v):
    return 1 / (1 + exp(-v))


def slope_of_sigmoid(v):
    return 1 / (4 * cosh(v / 2) ** 2)


def smooth(y, dy):
    return y, dy, abs(dy)


def gated(x, v, dv):
    first, second = sigmoid(v), x * slope_of_sigmoid(v) * dv
    return x * first, first + second, abs(first) + abs(second)


def gelu(x):
    first, second = erfc(-x / sqrt(2)) / 2, x * npdf(x)
    return x * first, first + second, abs(first) + abs(second)


def gelu_tanh(x):
    k, c = 2 * sqrt(2 / pi), mpf("0.044715")
    return gated(x, k * (x + c * x**3), k * (1 + 3 * c * x**2))


LAMBDA = mpf("1.0507009873554804934193349852946")
ALPHA = mpf("1.6732632423543772848170429916717")

FUNCTIONS = {
    "tanh": lambda x: smooth(tanh(x), 1 / cosh(x) ** 2),
    "sigmoid": lambda x: smooth(sigmoid(x), slope_of_sigmoid(x)),
    "erf": lambda x: smooth(erf(x / sqrt(2)), sqrt(2 / pi) * exp(-x * x / 2)),
    "softplus": lambda x: smooth(log1p(exp(-abs(x))) + max(x, 0), sigmoid(x)),
    "cos": lambda x: smooth(cos(x), -sin(x)),
    "elu": lambda x: smooth(x if x > 0 else expm1(x), mpf(1) if x > 0 else exp(x)),
    "selu": lambda x: smooth(
        LAMBDA * (x if x > 0 else ALPHA * expm1(x)), LAMBDA * (1 if x > 0 else ALPHA * exp(x))
    ),
    "silu": lambda x: gated(x, x, mpf(1)),
    "gelu": gelu,
    "gelu-tanh": gelu_tanh,
}

rng = random.Random(1)
arguments = [rng.uniform(-1, 1) * 10 ** rng.uniform(-12, 1.5) for _ in range(60)]
arguments += [s * x for x in (1e-300, 1e-30, 0.5, 0.7, 1, 1.25, 1.5, 2, 4, 8, 13, 20, 36) for s in (1, -1)]
arguments += [-0.7517915246935645, -1.278464542761074, -0.7524614220710163, 300.5, 1e4]
golden = {}
for name, function in FUNCTIONS.items():
    rows = [function(mpf(x)) for x in arguments]
    golden[name] = {
        key: [float(row[k]) for row in rows] for k, key in enumerate(("y", "dy", "terms"))
    }
path = pathlib.Path(__file__).with_name("activation-golden.json")
path.write_text(json.dumps({"x": arguments, "functions": golden}) + "\n")
