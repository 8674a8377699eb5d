#!/usr/bin/env python3
"""Write a small reference of depthwise separable blocks, groups, dilation, no biases and padded pools, as residual.py does.

usage: separable.py OUT_DIR     (Debian's python3-torch and python3-numpy)
"""
import sys
import torch, torch.nn as nn, torch.nn.functional as F
from generate import conv, dense, of
from residual import write

LAYERS = [conv(6, 3, padding="same", bias=False), of("batchNorm"), of("relu"),
          conv(6, 3, stride=2, padding=1, groups=6, bias=False), of("batchNorm"), of("relu"),
          conv(8, 1, bias=False), of("batchNorm"), of("silu"),
          conv(16, 3, padding=2, dilation=2, groups=8, bias=False), of("batchNorm"), of("relu"),
          conv(12, [2, 3], padding="same", groups=4), of("tanh"),
          conv(8, 3, padding=2, dilation=2, bias=False), of("batchNorm"), of("tanh"),
          of("maxPool", window=3, stride=2, padding=1), of("averagePool", window=2, stride=1, padding=[1, 0]),
          of("globalAveragePool"), dense(5)]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 6, 3, padding="same", bias=False), nn.BatchNorm2d(6)
        self.conv2, self.bn2 = nn.Conv2d(6, 6, 3, stride=2, padding=1, groups=6, bias=False), nn.BatchNorm2d(6)
        self.conv3, self.bn3 = nn.Conv2d(6, 8, 1, bias=False), nn.BatchNorm2d(8)
        self.conv4, self.bn4 = nn.Conv2d(8, 16, 3, padding=2, dilation=2, groups=8, bias=False), nn.BatchNorm2d(16)
        self.conv5 = nn.Conv2d(16, 12, (2, 3), padding="same", groups=4)
        self.conv6, self.bn5 = nn.Conv2d(12, 8, 3, padding=2, dilation=2, bias=False), nn.BatchNorm2d(8)
        self.fc1 = nn.Linear(8, 5)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = F.relu(self.bn2(self.conv2(x)))
        x = F.silu(self.bn3(self.conv3(x)))
        x = F.relu(self.bn4(self.conv4(x)))
        x = torch.tanh(self.bn5(self.conv6(torch.tanh(self.conv5(x)))))
        x = F.avg_pool2d(F.max_pool2d(x, 3, 2, 1), 2, 1, (1, 0))
        return self.fc1(F.adaptive_avg_pool2d(x, 1).flatten(1))


if __name__ == "__main__":
    write("separable", Net, LAYERS, sys.argv[1], "bn")
