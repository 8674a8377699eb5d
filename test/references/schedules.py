#!/usr/bin/env python3
"""Write schedules.json: the learning rate of each step by PyTorch's schedulers.

usage: schedules.py OUT_DIR     (Debian's python3-torch)
"""
import json, sys
import torch
from torch.optim import lr_scheduler as torch_schedules

RATE, EPOCHS, STEPS = 0.1, 12, 5
# What validation gives after each epoch, for the schedule that looks at it.
LOSSES = [2.0, 1.5, 1.5, 1.4999, 1.49, 1.6, 1.49, 1.3, 1.31, 1.32, 1.33, 1.2]
TOP1 = [0.2, 0.3, 0.3, 0.31, 0.29, 0.3, 0.31, 0.4, 0.4, 0.39, 0.38, 0.41]


def optimizer():
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=RATE)


def rates(make, step_of):
    """step_of(scheduler, epoch, step) is called after each step, both from 0."""
    o = optimizer()
    scheduler, found = make(o), []
    for epoch in range(EPOCHS):
        for step in range(STEPS):
            found.append(o.param_groups[0]["lr"])
            o.step()
            step_of(scheduler, epoch, step)
    return found


each_step = lambda scheduler, epoch, step: scheduler.step()
each_epoch = lambda scheduler, epoch, step: scheduler.step() if step == STEPS - 1 else None
fraction = lambda scheduler, epoch, step: scheduler.step(epoch + (step + 1) / STEPS)
validated = lambda values: lambda scheduler, epoch, step: scheduler.step(values[epoch]) if step == STEPS - 1 else None
TOTAL = EPOCHS * STEPS
CASES = [
    (dict(type="linear", finalFactor=0.2), lambda o: torch_schedules.LinearLR(o, 1, 0.2, TOTAL), each_step),
    (dict(type="cosine", finalFactor=0.05), lambda o: torch_schedules.CosineAnnealingLR(o, TOTAL, eta_min=0.05 * RATE), each_step),
    (dict(type="cosineRestarts", firstEpochs=2, growth=2, finalFactor=0.1),
     lambda o: torch_schedules.CosineAnnealingWarmRestarts(o, 2, 2, eta_min=0.1 * RATE), fraction),
    (dict(type="cosineRestarts", firstEpochs=5), lambda o: torch_schedules.CosineAnnealingWarmRestarts(o, 5), fraction),
    (dict(type="oneCycle"), lambda o: torch_schedules.OneCycleLR(o, RATE, TOTAL, cycle_momentum=False), each_step),
    (dict(type="oneCycle", riseFraction=0.55, initialFactor=0.1, finalFactor=0.001),
     lambda o: torch_schedules.OneCycleLR(o, RATE, TOTAL, pct_start=0.55, div_factor=10, final_div_factor=100, cycle_momentum=False), each_step),
    (dict(type="step", everyEpochs=4, factor=0.3), lambda o: torch_schedules.StepLR(o, 4, 0.3), each_epoch),
    (dict(type="milestones", epochs=[2, 7, 8], factor=0.3), lambda o: torch_schedules.MultiStepLR(o, [2, 7, 8], 0.3), each_epoch),
    (dict(type="exponential", factor=0.8), lambda o: torch_schedules.ExponentialLR(o, 0.8), each_epoch),
    (dict(type="reduceOnPlateau", factor=0.5, patience=1),
     lambda o: torch_schedules.ReduceLROnPlateau(o, factor=0.5, patience=1), validated(LOSSES)),
    (dict(type="reduceOnPlateau", factor=0.3, patience=0, threshold=0.01, cooldownEpochs=2, minFactor=0.05),
     lambda o: torch_schedules.ReduceLROnPlateau(o, factor=0.3, patience=0, threshold=0.01, cooldown=2, min_lr=0.05 * RATE), validated(LOSSES)),
    (dict(type="reduceOnPlateau", metric="top1", factor=0.1, patience=1, threshold=0.05),
     lambda o: torch_schedules.ReduceLROnPlateau(o, mode="max", factor=0.1, patience=1, threshold=0.05), validated(TOP1)),
]

if __name__ == "__main__":
    cases = [dict(schedule=schedule, rates=rates(make, step_of)) for schedule, make, step_of in CASES]
    text = dict(learningRate=RATE, epochs=EPOCHS, steps=STEPS, validation=[dict(loss=l, top1=t) for l, t in zip(LOSSES, TOP1)], cases=cases)
    with open(f"{sys.argv[1]}/schedules.json", "w") as out:
        json.dump(text, out, indent=1)
        out.write("\n")
