"""The network of a job and its data, for PyTorch."""

import math

import torch
from torch import nn

ACTIVATIONS = {"sigmoid": nn.Sigmoid, "silu": nn.SiLU, "relu": nn.ReLU, "tanh": nn.Tanh}


def sample_shape(job):
    features = job["config"]["data"]["features"]
    if features["type"] == "pixels":
        return [3, features["height"], features["width"]]
    return [3 * features["bins"]]


def build_network(job, channels_last):
    """The config's layers as an nn.Sequential."""
    modules = []
    x = torch.zeros(1, *sample_shape(job))  # passes through, to tell each layer its input's shape
    for layer in job["config"]["model"]["layers"]:
        module = build_layer(layer, x.shape[1])
        x = module(x)
        modules.append(module)
    model = nn.Sequential(*modules)
    return model.to(memory_format=torch.channels_last) if channels_last else model


def build_layer(layer, inputs):
    kind = layer["type"]
    if kind == "conv2d":
        size, stride, padding = (tuple(layer[key]) for key in ("kernelSize", "stride", "padding"))
        return nn.Conv2d(inputs, layer["outChannels"], size, stride, padding)
    if kind == "dense":
        return nn.Linear(inputs, layer["outFeatures"])
    if kind == "maxPool":
        return nn.MaxPool2d(tuple(layer["window"]), tuple(layer["stride"]))
    if kind == "zeroPad":
        return nn.ZeroPad2d(tuple(layer[side] for side in ("left", "right", "top", "bottom")))
    if kind == "flatten":
        return nn.Flatten()
    if kind in ("sigmoid", "tanh"):
        return ACTIVATIONS[kind]()
    return ACTIVATIONS[kind](inplace=True)  # these may: the layer before needs only its input for the gradient


class Data:
    """All samples as one tensor, [N, 3, 32, 32] or [N, 32, 32, 3] of bytes, or [N, 192] of floats; and their labels, [N]."""

    def __init__(self, samples, labels, channels_last):
        self.samples = samples
        self.labels = labels
        self.channels_last = channels_last

    def batch(self, indices):
        """A batch as floats in [-2, 2], and its labels."""
        return self.normalise(self.samples.index_select(0, indices)), self.labels.index_select(0, indices)

    def slice(self, start, end):
        """The same for neighbours."""
        return self.normalise(self.samples[start:end]), self.labels[start:end]

    def normalise(self, x):
        if x.dtype != torch.uint8:
            return x
        if self.channels_last:
            x = x.permute(0, 3, 1, 2)  # the same bytes, as PyTorch names them
        return x.to(torch.float32).mul_(1 / 63.75).sub_(2)


def make_data(job, channels_last):
    count, shape = job["samples"], sample_shape(job)
    if len(shape) == 3:
        stored = [*shape[1:], shape[0]] if channels_last else shape
        samples = torch.randint(0, 256, [count, *stored], dtype=torch.uint8)
    else:
        samples = torch.rand(count, math.prod(shape))
    return Data(samples, torch.arange(count) % job["classes"], channels_last)
