"""Makes optimizers.json: what PyTorch's optimizers make of given parameters and gradients. Run with the target's path."""
import json
import sys

import torch

STEPS, LR = 6, 0.02
CASES = {
    "adamw": lambda p: torch.optim.AdamW(p, lr=LR, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.1),
    "sgd": lambda p: torch.optim.SGD(p, lr=LR, momentum=0.9, weight_decay=0.1),
    "sgd-nesterov": lambda p: torch.optim.SGD(p, lr=LR, momentum=0.8, nesterov=True),
    "adafactor": lambda p: torch.optim.Adafactor(p, lr=LR, weight_decay=0.1),
}


def main(target):
    generator = torch.Generator().manual_seed(5)
    start = torch.randn(3, 4, generator=generator, dtype=torch.float64)
    gradients = torch.randn(STEPS, 3, 4, generator=generator, dtype=torch.float64)
    cases = {}
    for name, make in CASES.items():
        parameter = torch.nn.Parameter(start.clone())
        optimizer = make([parameter])
        for gradient in gradients:
            parameter.grad = gradient.clone()
            optimizer.step()
        cases[name] = parameter.detach().flatten().tolist()
    vector = torch.nn.Parameter(start.flatten().clone())
    optimizer = torch.optim.Adafactor([vector], lr=LR)
    for gradient in gradients:
        vector.grad = gradient.flatten().clone()
        optimizer.step()
    cases["adafactor-vector"] = vector.detach().tolist()
    with open(target, "w") as out:
        json.dump({"start": start.flatten().tolist(), "gradients": [g.flatten().tolist() for g in gradients], "cases": cases}, out, indent=1)


main(sys.argv[1])
