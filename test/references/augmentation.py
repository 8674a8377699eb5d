#!/usr/bin/env python3
"""Write what Pillow makes of an image: affine maps, crops, and what TrivialAugment does to colours.

usage: augmentation.py OUT_DIR     (Pillow 11 and Debian's python3-numpy)

Planes of an image of noise, `[3, 11, 14]`. Each tensor's operation, with what it takes, is in the metadata.
"""
import json, math, sys
import numpy as np
from PIL import Image, ImageEnhance, ImageOps
from generate import save

HEIGHT, WIDTH, FILL = 11, 14, (90, 120, 150)
noise = np.random.default_rng(5).integers(20, 230, (HEIGHT, WIDTH, 3)).astype(np.uint8)
image = Image.fromarray(noise)


def times(*maps):
    product = np.eye(3)
    for m in maps:
        product = product @ m
    return product


def about_centre(m):
    x, y = WIDTH / 2, HEIGHT / 2
    return times([[1, 0, x], [0, 1, y], [0, 0, 1]], m, [[1, 0, -x], [0, 1, -y], [0, 0, 1]])


def turned(degrees):
    a = math.radians(degrees)
    return about_centre([[math.cos(a), math.sin(a), 0], [-math.sin(a), math.cos(a), 0], [0, 0, 1]])


def zoomed(factor): return about_centre([[1 / factor, 0, 0], [0, 1 / factor, 0], [0, 0, 1]])
def sheared(slope): return about_centre([[1, -slope, 0], [0, 1, 0], [0, 0, 1]])
def moved(down, right): return np.array([[1, 0, -right], [0, 1, -down], [0, 0, 1]])


def warp(m): return image.transform((WIDTH, HEIGHT), Image.AFFINE, tuple(np.asarray(m)[:2].ravel()), Image.BILINEAR, fillcolor=FILL)


def cropped(x, y, columns, rows):
    return image.crop((x, y, x + columns, y + rows)).resize((WIDTH, HEIGHT), Image.BILINEAR)


def recolor(how, factor): return how(image).enhance(factor)


MAPS = [
    ([["rotate", 17.0]], image.rotate(-17, Image.BILINEAR, fillcolor=FILL)),
    ([["rotate", -134.5]], image.rotate(134.5, Image.BILINEAR, fillcolor=FILL)),
    ([["zoom", 1.37]], warp(zoomed(1.37))),
    ([["zoom", 0.71]], warp(zoomed(0.71))),
    ([["shearRows", 0.4]], warp(sheared(0.4))),
    ([["move", 1.3, -2.6]], warp(moved(1.3, -2.6))),
    ([["zoom", 1.2], ["rotate", 31.0], ["shearRows", -0.3], ["move", -0.7, 1.9]],
     warp(times(zoomed(1.2), turned(31), sheared(-0.3), moved(-0.7, 1.9)))),
    ([["crop", 3, 2, 6, 5]], cropped(3, 2, 6, 5)),
    ([["crop", 0, 4, 14, 7], ["mirror"]], cropped(0, 4, 14, 7).transpose(Image.FLIP_LEFT_RIGHT)),
    ([["crop", 5, 0, 9, 11], ["invert"]], cropped(5, 0, 9, 11).transpose(Image.FLIP_TOP_BOTTOM)),
]
TABLES = [
    ("brightness", 0.6, recolor(ImageEnhance.Brightness, 1.6)), ("brightness", -0.7, recolor(ImageEnhance.Brightness, 0.3)),
    ("contrast", 0.5, recolor(ImageEnhance.Contrast, 1.5)), ("contrast", -0.6, recolor(ImageEnhance.Contrast, 0.4)),
    ("posterize", 3, ImageOps.posterize(image, 3)), ("solarize", 110, ImageOps.solarize(image, 110)),
    ("autoContrast", 0, ImageOps.autocontrast(image)),
]
SATURATIONS = [(factor, recolor(ImageEnhance.Color, factor)) for factor in (0.0, 0.4, 1.7)]

# Equalized is an image of more than 255 pixels a step, else nothing happens.
large = Image.fromarray((np.random.default_rng(6).random((40, 40, 3)) ** 2 * 255).astype(np.uint8))


def planes(picture): return np.asarray(picture).transpose(2, 0, 1).astype(np.int32)


tensors = {"image": planes(image), "large": planes(large), "equalize": planes(ImageOps.equalize(large))}
tensors |= {f"map{i}": planes(made) for i, (_, made) in enumerate(MAPS)}
tensors |= {f"table{i}": planes(made) for i, (_, _, made) in enumerate(TABLES)}
tensors |= {f"saturation{i}": planes(made) for i, (_, made) in enumerate(SATURATIONS)}
save(f"{sys.argv[1]}/augmentation.safetensors", tensors, {
    "fill": json.dumps(FILL),
    "maps": json.dumps([steps for steps, _ in MAPS]),
    "tables": json.dumps([[name, value] for name, value, _ in TABLES]),
    "saturations": json.dumps([factor for factor, _ in SATURATIONS]),
})
