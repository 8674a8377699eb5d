"""Usage: opencv.py FOLDER

Runs each NAME.onnx of a folder in OpenCV's DNN module on NAME.input (float32, of the shape in NAME.shape), and writes what it gives to
NAME.opencv; or to NAME.refused why it does not read it.
"""

import sys
from pathlib import Path

import cv2
import numpy

for path in sorted(Path(sys.argv[1]).glob("*.onnx")):
    shape = [int(size) for size in path.with_suffix(".shape").read_text().split()]
    try:
        network = cv2.dnn.readNetFromONNX(str(path))
        network.setInput(numpy.fromfile(path.with_suffix(".input"), numpy.float32).reshape(shape))
        network.forward().astype(numpy.float32).tofile(path.with_suffix(".opencv"))
    except cv2.error as error:
        path.with_suffix(".refused").write_text(str(error))
print(f"OpenCV {cv2.__version__}")
