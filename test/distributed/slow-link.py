"""Delay and loss where the kernel has no netem: slow-link.py PORT TAP DELAY LOSS passes frames between two interfaces, late.

PORT is a host's end of its cable, TAP an interface of this program on the switch. Ends when either is gone. See hosts.sh.
"""

import fcntl
import os
import random
import select
import socket
import struct
import sys
import time
from collections import deque

TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
SOL_PACKET, PACKET_ADD_MEMBERSHIP, PACKET_MR_PROMISC = 263, 1, 1
PACKET_OUTGOING = 4
LONGEST = 65536


def seconds(text):
    for unit, size in (("us", 1e-6), ("ms", 1e-3), ("s", 1.0)):
        if text.endswith(unit):
            return float(text[: -len(unit)]) * size
    raise SystemExit(f"{text}: expected a delay such as 5ms")


def open_port(name):
    """Every frame of an interface, also those for other addresses."""
    port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    port.bind((name, 3))
    member = struct.pack("iHH8s", socket.if_nametoindex(name), PACKET_MR_PROMISC, 0, b"")
    port.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, member)
    port.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    port.setblocking(False)
    return port


def open_tap(name):
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TAP | IFF_NO_PI))
    return tap


def main(port_name, tap_name, delay_text, loss_text):
    delay, loss = seconds(delay_text), float(loss_text.rstrip("%")) / 100
    port, tap = open_port(port_name), open_tap(tap_name)
    waiting = deque()  # (when, how, frame), in the order of `when`, since all wait equally long

    def keep(frame, send):
        if frame and random.random() >= loss:
            waiting.append((time.monotonic() + delay, send, frame))

    def read_port():
        frame, address = port.recvfrom(LONGEST)
        if address[2] != PACKET_OUTGOING:  # what this program sent itself
            keep(frame, lambda frame: os.write(tap, frame))

    readers = {port.fileno(): read_port, tap: lambda: keep(os.read(tap, LONGEST), port.send)}
    while True:
        patience = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
        for ready in select.select(list(readers), [], [], patience)[0]:
            readers[ready]()
        while waiting and waiting[0][0] <= time.monotonic():
            _, send, frame = waiting.popleft()
            try:
                send(frame)
            except BlockingIOError:
                pass  # a full queue loses frames, as a cable's does


try:
    main(*sys.argv[1:])
except OSError:
    pass  # an interface is gone
