"""Outputs, losses and gradients of a biased ReLU MLP, computed by PyTorch in double precision.

    python3 make_mlp_golden.py > mlp-golden.json

Needs torch 2.x.
"""

import json

import torch

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)

cases = []
for widths, outputs, loss in [
    ([5, 7], 3, "squared"),
    ([5, 7], 3, "cross-entropy"),
    ([4, 6, 5], 4, "cross-entropy"),
    ([4, 6, 5, 3], 1, "squared"),
]:
    sizes = widths + [outputs]
    layers = [torch.nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])]
    modules = []
    for layer in layers:
        modules += [layer, torch.nn.ReLU()]
    model = torch.nn.Sequential(*modules[:-1])
    x = torch.randn(1, sizes[0])
    if loss == "squared":
        y = torch.randn(1, outputs)
    else:
        y = torch.nn.functional.one_hot(torch.tensor([1]), outputs).double()
    predicted = model(x)
    if loss == "squared":
        value = ((predicted - y) ** 2).sum()
    else:
        value = torch.nn.functional.cross_entropy(predicted, y)
    value.backward()
    cases.append(
        {
            "loss": loss,
            "input": x[0].tolist(),
            "target": y[0].tolist(),
            "output": predicted[0].tolist(),
            "value": value.item(),
            "layers": [
                {
                    "weight": l.weight.tolist(),
                    "bias": l.bias.tolist(),
                    "weightGradient": l.weight.grad.tolist(),
                    "biasGradient": l.bias.grad.tolist(),
                }
                for l in layers
            ],
        }
    )
print(json.dumps(cases))
