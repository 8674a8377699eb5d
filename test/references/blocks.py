#!/usr/bin/env python3
"""Write a small reference of residual blocks, one in the other, concat, group norm, layer norm and activations, as residual.py does.

usage: blocks.py OUT_DIR     (Debian's python3-torch and python3-numpy)
"""
import sys
import torch, torch.nn as nn, torch.nn.functional as F
from generate import conv, dense, of
from residual import write

LAYERS = [conv(6, 3, padding=1), of("batchNorm"), of("gelu", name="stem"),
          of("residual",
             body=[conv(8, 3, stride=2, padding=1), of("groupNorm", groups=4), of("leakyRelu", slope=0.1),
                   of("residual", body=[conv(8, 3, padding=1), of("batchNorm"), of("hardSwish")]), conv(8, 1), of("batchNorm")],
             shortcut=[of("averagePool", window=2), conv(8, 1)]),
          of("elu", alpha=0.8, name="block"),
          conv(4, 2, stride=2, name="side", inputs=["stem"]),
          of("concat", inputs=["block", "side"]), of("layerNorm", epsilon=1e-3), of("prelu", slopes="channels"),
          of("averagePool", window=2), of("flatten"), dense(9), of("groupNorm", groups=3), of("relu6"), of("prelu"), dense(5)]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 6, 3, padding=1), nn.BatchNorm2d(6)
        self.conv2, self.gn1 = nn.Conv2d(6, 8, 3, stride=2, padding=1), nn.GroupNorm(4, 8)
        self.conv3, self.bn2 = nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8)
        self.conv4, self.bn3 = nn.Conv2d(8, 8, 1), nn.BatchNorm2d(8)
        self.conv5, self.side = nn.Conv2d(6, 8, 1), nn.Conv2d(6, 4, 2, stride=2)
        self.ln1, self.prelu1 = nn.LayerNorm([12, 4, 4], eps=1e-3), nn.PReLU(12)
        self.fc1, self.gn2, self.prelu2, self.fc2 = nn.Linear(48, 9), nn.GroupNorm(3, 9), nn.PReLU(), nn.Linear(9, 5)

    def forward(self, x):
        stem = F.gelu(self.bn1(self.conv1(x)))
        body = F.leaky_relu(self.gn1(self.conv2(stem)), 0.1)
        body = body + F.hardswish(self.bn2(self.conv3(body)))
        block = F.elu(self.bn3(self.conv4(body)) + self.conv5(F.avg_pool2d(stem, 2)), 0.8)
        x = self.prelu1(self.ln1(torch.cat([block, self.side(stem)], 1)))
        x = F.relu6(self.gn2(self.fc1(F.avg_pool2d(x, 2).flatten(1))))
        return self.fc2(self.prelu2(x))


if __name__ == "__main__":
    write("blocks", Net, LAYERS, sys.argv[1], ("bn", "gn", "ln"))
