"""Small ReLU networks trained by PyTorch on the digits, and what NumPy computes of them.

    python3 make_goldens.py

writes, beside itself, two state_dicts per case as safetensors (biases, float64), one network once
more as an npz with Flax names, and goldens.json. Needs torch, safetensors and numpy; made with
torch 2.13, safetensors 0.8 and numpy 2.2. Training is seeded; other versions of torch may give
other networks, with goldens of their own.

Everything is measured on the first 300 digits in the order of the data set, pixels / 16
(landbridge: --data digits:split=all,limit=300). Nothing below shares a formula with Landbridge:
dropped networks are built and run, means and deviations over subsets are taken over all of them.

Keys of goldens.json, one entry per case:

    name, layers (L), scaling, a, b (files)
    models.a, models.b:
      evaluate.squared.loss, evaluate.cross-entropy.loss, error
      dropout: of the last hidden layer alone, the others whole, for every kept M:
        kept, mean, deviation (squared loss, over all subsets), bound (cross-entropy: loss + γV/4),
        first.squared, first.cross-entropy, first.error (the first M neurons)
      halves.squared, halves.cross-entropy: losses of the first half of the neurons in the layers
        l … L, l = 1 … L
      prune: the first M = floor(F·N_L) neurons of the last hidden layer and as large a part, rounded
        down, of the others (what `dropout` measures and `prune --select first` writes), for every
        keep F: keep, widths, squared, cross-entropy, error
    connect.squared, connect.cross-entropy: knots (losses in order), barrier
"""

import gzip
import itertools
import json
import pathlib

import numpy as np
import torch
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).resolve().parent
DIGITS = HERE.parents[2] / "Sources/CBuiltInData/Files/digits.csv.gz"
SAMPLES = 300
WIDTHS = {1: [20], 2: [15, 16], 3: [12, 11, 14]}

with gzip.open(DIGITS, "rt") as file:
    table = np.loadtxt(file, delimiter=",")
inputs, labels = table[:, :64] / 16, table[:, 64].astype(int)
x, y = inputs[:SAMPLES], np.eye(10)[labels[:SAMPLES]]


# Training: one class per way of naming layers.


class MLP(torch.nn.Module):
    """fc1, fc2, …: the forward pass divides by the width where scaling is mean-field."""

    def __init__(self, widths, mean_field):
        super().__init__()
        sizes = [64] + widths + [10]
        self.mean_field = mean_field
        for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
            layer = torch.nn.Linear(a, b)
            if mean_field and i > 0:
                torch.nn.init.normal_(layer.weight, std=a**0.5)
            setattr(self, f"fc{i + 1}", layer)

    def forward(self, h):
        layers = [getattr(self, name) for name, _ in self.named_children()]
        for i, layer in enumerate(layers):
            scale = layer.in_features if self.mean_field and i > 0 else 1
            h = torch.nn.functional.linear(h, layer.weight / scale, layer.bias)
            if i + 1 < len(layers):
                h = torch.relu(h)
        return h


def train(widths, mean_field, seed):
    torch.manual_seed(seed)
    model = MLP(widths, mean_field).double()
    # As in the mean-field limit: what is divided by the width moves by the width more.
    rates = [
        {"params": [p], "lr": 0.01 * (p.shape[1] if mean_field and p.dim() > 1 and i > 1 else 1)}
        for i, p in enumerate(model.parameters())
    ]
    optimizer = torch.optim.Adam(rates)
    features, classes = torch.tensor(inputs), torch.tensor(labels)
    onehot = torch.nn.functional.one_hot(classes, 10).double()
    for _ in range(20):
        order = torch.randperm(len(features))
        for batch in order.split(32):
            output = model(features[batch])
            if mean_field:
                loss = ((output - onehot[batch]) ** 2).sum(1).mean()
            else:
                # Small outputs, so that squared losses are of the order of one too.
                loss = torch.nn.functional.cross_entropy(output, classes[batch])
                loss = loss + 0.1 * (output**2).sum(1).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return {name: tensor.detach() for name, tensor in model.state_dict().items()}


def renamed(state, style):
    """The same tensors as other modules would name them."""
    names = {
        "sequential": lambda i, leaf: f"{2 * i}.{leaf}",
        "attributes": lambda i, leaf: f"fc{i + 1}.{leaf}",
        "wrapped": lambda i, leaf: f"module.layers.{i}.linear.{leaf}",
    }
    result = {}
    for name, tensor in state.items():
        module, leaf = name.split(".")
        result[names[style](int(module[2:]) - 1, leaf)] = tensor
    return result


# Recomputation. A network is a list of (weight, bias) and whether it is mean-field.


def arrays(state):
    count = len(state) // 2
    return [
        (state[f"fc{i + 1}.weight"].numpy(), state[f"fc{i + 1}.bias"].numpy())
        for i in range(count)
    ]


def hidden(layers, mean_field):
    """Activations of the last hidden layer."""
    h = x
    for i, (weight, bias) in enumerate(layers[:-1]):
        z = h @ weight.T
        if mean_field and i > 0:
            z = z / weight.shape[1]
        h = np.maximum(z + bias, 0)
    return h


def outputs(layers, mean_field):
    weight, bias = layers[-1]
    z = hidden(layers, mean_field) @ weight.T
    return (z / weight.shape[1] if mean_field else z) + bias


def squared(output):
    return float(((y - output) ** 2).sum(axis=1).mean())


def cross_entropy(output):
    shifted = output - output.max(axis=1, keepdims=True)
    log_normalizer = np.log(np.exp(shifted).sum(axis=1))
    return float((log_normalizer - (shifted * y).sum(axis=1)).mean())


def error(output):
    return float((output.argmax(axis=1) != y.argmax(axis=1)).mean())


def measures(layers, mean_field):
    output = outputs(layers, mean_field)
    return {
        "squared": squared(output),
        "cross-entropy": cross_entropy(output),
        "error": error(output),
    }


def narrowed(layers, mean_field, kept):
    """Only the neurons `kept[l]` of hidden layer l; None keeps all."""
    layers = [(w.copy(), b.copy()) for w, b in layers]
    for index, neurons in enumerate(kept):
        if neurons is None:
            continue
        (weight, bias), (above, above_bias) = layers[index], layers[index + 1]
        # The mean over what is left: mean-field divides by the new width by itself.
        factor = 1 if mean_field else weight.shape[0] / len(neurons)
        layers[index] = (weight[neurons], bias[neurons])
        layers[index + 1] = (above[:, neurons] * factor, above_bias)
    return layers


def all_subsets(n, m):
    """0-1 rows, one per subset of m of n."""
    chosen = np.array(list(itertools.combinations(range(n), m)))
    rows = np.zeros((len(chosen), n))
    np.put_along_axis(rows, chosen, 1, axis=1)
    return rows


def dropout(layers, mean_field, m):
    """All subsets of the last hidden layer: the squared loss is a quadratic form in who is there."""
    h = hidden(layers, mean_field)
    weight, bias = layers[-1]
    n = weight.shape[1]
    # What neuron i adds to the output of the whole network, samples × n × outputs.
    parts = h[:, :, None] * weight.T[None] / (n if mean_field else 1)
    rest = y - bias
    gram = np.einsum("sik,sjk->ij", parts, parts) / SAMPLES
    linear = np.einsum("sik,sk->i", parts, rest) / SAMPLES
    constant = (rest**2).sum() / SAMPLES
    rows = all_subsets(n, m)
    factor = n / m
    losses = (
        constant
        - 2 * factor * rows @ linear
        + factor**2 * np.einsum("ri,ij,rj->r", rows, gram, rows, optimize=True)
    )
    # One of them the long way, against mistakes above.
    kept = [None] * (len(layers) - 2) + [list(np.flatnonzero(rows[len(rows) // 2]))]
    direct = squared(outputs(narrowed(layers, mean_field, kept), mean_field))
    assert abs(direct - losses[len(rows) // 2]) < 1e-11 * (1 + direct)
    mean = losses.mean()
    spread = ((parts * n - (parts * n).mean(axis=1, keepdims=True)) ** 2).sum() / (n * SAMPLES)
    gamma = (n - m) / (m * (n - 1))
    whole = outputs(layers, mean_field)
    first = narrowed(layers, mean_field, [None] * (len(layers) - 2) + [list(range(m))])
    return {
        "kept": m,
        "mean": float(mean),
        "deviation": float(np.sqrt(((losses - mean) ** 2).mean())),
        "bound": cross_entropy(whole) + gamma * float(spread) / 4,
        "first": measures(first, mean_field),
    }


def halves(layers, mean_field, last=False):
    """Losses of the dropout networks θ^(l): halves kept in the layers l … L."""
    widths = [len(b) for _, b in layers[:-1]]
    result = []
    for start in range(len(widths)):
        kept = [
            None
            if index < start
            else list(range(n - n // 2, n)) if last else list(range(n // 2))
            for index, n in enumerate(widths)
        ]
        result.append(measures(narrowed(layers, mean_field, kept), mean_field))
    return result


def connect(a, b, mean_field, loss):
    """Losses of the knots of the path through dropout, constant segments included."""
    ends = [measures(net, mean_field)[loss] for net in (a, b)]
    first = [m[loss] for m in halves(a, mean_field)]
    last = [m[loss] for m in halves(b, mean_field, last=True)]
    knots = [ends[0]]
    for value in reversed(first):
        knots += [value, value]
    for value in last:
        knots += [value, value]
    knots.append(ends[1])
    return {"knots": knots, "barrier": max(knots) - max(ends)}


def numbers(layers, mean_field):
    widths = [len(b) for _, b in layers[:-1]]
    n = widths[-1]
    result = {
        "evaluate": measures(layers, mean_field),
        "dropout": [dropout(layers, mean_field, m) for m in (1, 2, n // 4, n // 2, n - 3, n - 1)],
        "halves": halves(layers, mean_field),
        "prune": [],
    }
    for keep in (0.25, 0.5, 0.75):
        counts = [max(1, int(keep * n) * width // n) for width in widths]
        kept = [list(range(m)) for m in counts]
        smaller = narrowed(layers, mean_field, kept)
        result["prune"].append(
            {"keep": keep, "widths": counts, **measures(smaller, mean_field)}
        )
    return result


goldens = []
for depth, style in [(1, "sequential"), (2, "attributes"), (3, "wrapped")]:
    for scaling in ["standard", "mean-field"]:
        mean_field = scaling == "mean-field"
        case = {"name": f"digits-{depth}-{scaling}", "layers": depth, "scaling": scaling}
        nets = {}
        for key, seed in [("a", 1), ("b", 2)]:
            state = train(WIDTHS[depth], mean_field, seed)
            case[key] = f"{case['name']}-{key}.safetensors"
            save_file(renamed(state, style), HERE / case[key])
            nets[key] = arrays(state)
            if depth == 2 and not mean_field and key == "a":
                np.savez(
                    HERE / "flax.npz",
                    **{
                        f"params/Dense_{i}/{leaf}": value
                        for i, (w, b) in enumerate(nets[key])
                        for leaf, value in [("kernel", w.T), ("bias", b)]
                    },
                )
        case["models"] = {key: numbers(net, mean_field) for key, net in nets.items()}
        case["connect"] = {
            loss: connect(nets["a"], nets["b"], mean_field, loss)
            for loss in ("squared", "cross-entropy")
        }
        goldens.append(case)
        print(case["name"], case["models"]["a"]["evaluate"])
(HERE / "goldens.json").write_text(json.dumps(goldens, indent=1) + "\n")
