#!/usr/bin/env python3
"""Write optimizers.safetensors: what PyTorch computes, in float64, of 60 steps of a small network by each of these optimizers.

usage: optimizers.py OUT_DIR     (Debian's python3-torch and python3-numpy)

Tensors are named CASE.SLOT.PARAMETER, and CASE.last.PARAMETER for the weights at the end. The metadata holds each case's optimizer as a
lockstep config has it.
"""
import json, sys
import numpy as np, torch
import torch.nn as nn, torch.nn.functional as F
from generate import dense, of, save

SAMPLES, BATCH, STEPS = 36, 12, 60
LAYERS = [dense(7), of("sigmoid"), of("batchNorm"), dense(5)]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.bn1, self.fc2 = nn.Linear(24, 7), nn.BatchNorm1d(7), nn.Linear(7, 5)

    def forward(self, x):
        return self.fc2(self.bn1(torch.sigmoid(self.fc1(x))))


class Lion(torch.optim.Optimizer):
    """Algorithm 2 of Chen et al. 2023."""
    def __init__(self, params, lr, betas, weight_decay): super().__init__(params, dict(lr=lr, betas=betas, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            (beta1, beta2), lr = group["betas"], group["lr"]
            for p in group["params"]:
                m = self.state[p].setdefault("exp_avg", torch.zeros_like(p))
                update = torch.sign(beta1 * m + (1 - beta1) * p.grad)
                p -= lr * (update + group["weight_decay"] * p)
                m.mul_(beta2).add_(p.grad, alpha=1 - beta2)


class SGDW(torch.optim.SGD):
    """SGD, after the weights have shrunk as AdamW's do."""
    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                p.mul_(1 - group["lr"] * self.decay)
        super().step()


def sgdw(params, decay, **options):
    optimizer = SGDW(params, **options)
    optimizer.decay = decay
    return optimizer


def groups(model, chosen, **options):
    """Two groups of parameters, of which the chosen ones have options of their own."""
    split = lambda wanted: [p for n, p in model.named_parameters() if chosen(n, p) == wanted]
    return [dict(params=split(False)), dict(params=split(True), **options)]


rate = lambda value: dict(learningRate=value)
CASES = {
    "sgdw": (lambda m: sgdw(m.parameters(), 0.1, lr=0.1, momentum=0.9, nesterov=True),
             dict(type="sgdw", momentum=0.9, nesterov=True, weightDecay=0.1) | rate(0.1), {}),
    "rmsprop": (lambda m: torch.optim.RMSprop(m.parameters(), lr=0.003, eps=1e-3, weight_decay=0.02),
                dict(type="rmsprop", epsilon=1e-3, weightDecay=0.02) | rate(0.003), {}),
    "rmspropCentered": (lambda m: torch.optim.RMSprop(m.parameters(), lr=0.002, alpha=0.9, eps=1e-3, momentum=0.8, centered=True),
                        dict(type="rmsprop", smoothing=0.9, epsilon=1e-3, momentum=0.8, centered=True) | rate(0.002), {}),
    "lion": (lambda m: Lion(m.parameters(), lr=0.003, betas=(0.9, 0.98), weight_decay=0.1),
             dict(type="lion", beta2=0.98, weightDecay=0.1) | rate(0.003), {}),
    "clipNorm": (lambda m: torch.optim.SGD(m.parameters(), lr=0.1, momentum=0.9, weight_decay=0.01),
                 dict(type="sgd", momentum=0.9, weightDecay=0.01, gradientClipping=dict(norm=0.4)) | rate(0.1),
                 dict(clip=lambda m: nn.utils.clip_grad_norm_(m.parameters(), 0.4))),
    "clipValue": (lambda m: torch.optim.Adam(m.parameters(), lr=0.01),
                  dict(type="adam", gradientClipping=dict(value=0.03)) | rate(0.01),
                  dict(clip=lambda m: nn.utils.clip_grad_value_(m.parameters(), 0.03))),
    "decayOfWeights": (lambda m: torch.optim.AdamW(groups(m, lambda n, p: p.dim() == 1, weight_decay=0), lr=0.01, weight_decay=0.5),
                       dict(type="adamw", weightDecay=0.5, decayBiasesAndNorms=False) | rate(0.01), {}),
    "layerFactors": (lambda m: torch.optim.Adam(groups(m, lambda n, p: n.startswith("fc1"), lr=0.001), lr=0.01),
                     dict(type="adam", layerFactors=[dict(layers="*1", factor=0.7), dict(layers="fc1", factor=0.1),
                                                     dict(layers="bn*", factor=1)]) | rate(0.01), {}),
    "decayFactors": (lambda m: torch.optim.SGD(groups(m, lambda n, p: n.startswith("fc2"), lr=0.01, weight_decay=0.2), lr=0.1, momentum=0.9, weight_decay=0.01),
                     dict(type="sgd", momentum=0.9, weightDecay=0.01, layerFactors=[dict(layers="fc2", factor=0.1, weightDecay=20)]) | rate(0.1), {}),
    "lookahead": (lambda m: torch.optim.SGD(m.parameters(), lr=0.05, momentum=0.9),
                  dict(type="sgd", momentum=0.9, lookahead=dict(steps=7, alpha=0.6)) | rate(0.05), dict(lookahead=(7, lambda done: 0.6))),
    "lookaheadFinal": (lambda m: torch.optim.SGD(m.parameters(), lr=0.05, momentum=0.9),
                       dict(type="sgd", momentum=0.9, lookahead=dict(steps=4, alpha=1, finalAlpha=0.2)) | rate(0.05),
                       dict(lookahead=(4, lambda done: 1 - 0.8 * done**3))),
    "weightAverage": (lambda m: torch.optim.SGD(m.parameters(), lr=0.05, momentum=0.9),
                      dict(type="sgd", momentum=0.9, weightAverage=dict(decay=0.8)) | rate(0.05), dict(average=0.8)),
    "frozenTop": (lambda m: torch.optim.SGD(m.parameters(), lr=0.05, momentum=0.9, weight_decay=0.01),
                  dict(type="sgd", momentum=0.9, weightDecay=0.01) | rate(0.05), dict(freeze=["bn1", "fc2"])),
    "frozenBottom": (lambda m: torch.optim.Adam(m.parameters(), lr=0.01),
                     dict(type="adam", gradientClipping=dict(norm=0.2)) | rate(0.01),
                     dict(freeze=["fc1"], clip=lambda m: nn.utils.clip_grad_norm_(m.parameters(), 0.2))),
}
SLOTS = {"momentum_buffer": "velocity", "exp_avg": "firstMoment", "grad_avg": "firstMoment", "exp_avg_sq": "secondMoment",
         "square_avg": "secondMoment"}
f32 = lambda t: t.detach().numpy().astype(np.float32)


def run(name, init, x, y):
    make, config, extra = CASES[name]
    model = Net().double()
    model.load_state_dict(init)
    for layer in extra.get("freeze", []):
        for p in getattr(model, layer).parameters(): p.requires_grad_(False)
        getattr(model, layer).eval()
    optimizer = make(model)
    slow = {n: p.detach().clone() for n, p in model.named_parameters()}
    averaged = None
    if "average" in extra:
        keeps = lambda old, new, n: old + (1 - min(extra["average"], (2 + n.item()) / (11 + n.item()))) * (new - old)
        averaged = torch.optim.swa_utils.AveragedModel(model, avg_fn=keeps, use_buffers=True)
    for step in range(1, STEPS + 1):
        begin = (step - 1) * BATCH % SAMPLES
        loss = F.cross_entropy(model(x[begin:begin + BATCH]), y[begin:begin + BATCH])
        optimizer.zero_grad()
        loss.backward()
        if "clip" in extra: extra["clip"](model)
        optimizer.step()
        if "lookahead" in extra and step % extra["lookahead"][0] == 0:
            for n, p in model.named_parameters():
                slow[n] += extra["lookahead"][1](step / STEPS) * (p.detach() - slow[n])
                p.data.copy_(slow[n])
        if averaged is not None: averaged.update_parameters(model)
    tensors = {f"{name}.last.{n}": f32(t) for n, t in model.state_dict().items() if "num_batches" not in n}
    for n, p in model.named_parameters():
        tensors |= {f"{name}.{SLOTS[key]}.{n}": f32(value) for key, value in optimizer.state[p].items() if key in SLOTS and value is not None}
        if "lookahead" in extra: tensors[f"{name}.slowWeights.{n}"] = f32(slow[n])
    if averaged is not None:
        tensors |= {f"{name}.averageWeights.{n}": f32(t) for n, t in averaged.module.state_dict().items() if "num_batches" not in n}
    print(name, loss.item())
    return tensors


def main(out_dir):
    torch.manual_seed(14)
    model = Net()
    for n, p in model.named_parameters():
        nn.init.normal_(p, 1 if n == "bn1.weight" else 0, 0.4)
    model.double()
    x = torch.randn(SAMPLES, 24).float().double()
    y = torch.randint(0, 5, (SAMPLES,))
    init = {n: t.clone() for n, t in model.state_dict().items()}
    tensors = {"inputs": f32(x), "labels": y.numpy().astype(np.int32)} | {f"init.{n}": f32(p) for n, p in model.named_parameters()}
    for name in CASES:
        tensors |= run(name, init, x, y)
    save(f"{out_dir}/optimizers.safetensors", tensors, {"cases": json.dumps({n: config for n, (_, config, _) in CASES.items()}),
                                                        "freeze": json.dumps({n: extra.get("freeze", []) for n, (_, _, extra) in CASES.items()}),
                                                        "batch": str(BATCH), "steps": str(STEPS), "layers": json.dumps(LAYERS)})


if __name__ == "__main__":
    main(sys.argv[1])
