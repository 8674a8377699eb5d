#!/usr/bin/env python3
"""Print what a TensorBoard event file holds, as JSON: an independent reader, with Google's protobuf and its own checksum.

usage: read_events.py FILE     (Debian's python3-protobuf, or the protobuf that tensorboard brings)

Field names and numbers are those of TensorFlow's event.proto and summary.proto.
"""
import json, struct, sys
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

FIELDS = {
    "Event": "wall_time 1 double, step 2 int64, file_version 3 string, summary 5 Summary",
    "Summary": "value 1 *Value",
    "Value": "tag 1 string, simple_value 2 float, image 4 Image, histo 5 HistogramProto",
    "Image": "height 1 int32, width 2 int32, colorspace 3 int32, encoded_image_string 4 bytes",
    "HistogramProto": "min 1 double, max 2 double, num 3 double, sum 4 double, sum_squares 5 double, bucket_limit 6 *double, bucket 7 *double",
}
Field = descriptor_pb2.FieldDescriptorProto


def event_class():
    file = descriptor_pb2.FileDescriptorProto(name="event.proto", package="t", syntax="proto3")
    for name, fields in FIELDS.items():
        message = file.message_type.add(name=name)
        for field in fields.split(", "):
            field_name, number, kind = field.split()
            one = message.field.add(name=field_name, number=int(number), label=Field.LABEL_REPEATED if kind[0] == "*" else Field.LABEL_OPTIONAL)
            kind = kind.lstrip("*")
            if kind in FIELDS:
                one.type, one.type_name = Field.TYPE_MESSAGE, ".t." + kind
            else:
                one.type = getattr(Field, "TYPE_" + kind.upper())
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    descriptor = pool.FindMessageTypeByName("t.Event")
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(descriptor)
    return message_factory.MessageFactory(pool).GetPrototype(descriptor)


def masked_crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(data):
    at = 0
    while at < len(data):
        (length,) = struct.unpack_from("<Q", data, at)
        content = data[at + 12:at + 12 + length]
        assert len(content) == length, "cut short"
        assert struct.unpack_from("<I", data, at + 8)[0] == masked_crc32c(data[at:at + 8]), "checksum of the length"
        assert struct.unpack_from("<I", data, at + 12 + length)[0] == masked_crc32c(content), "checksum of the data"
        yield content
        at += length + 16


def told(value):
    if value.HasField("histo"):
        histogram = value.histo
        return {name: getattr(histogram, name) for name in ("min", "max", "num", "sum", "sum_squares")} | {
            "bucket_limit": list(histogram.bucket_limit), "bucket": list(histogram.bucket)}
    if value.HasField("image"):
        image = value.image
        return {"height": image.height, "width": image.width, "colorspace": image.colorspace, "hex": image.encoded_image_string.hex()}
    return value.simple_value


Event = event_class()
events = []
with open(sys.argv[1], "rb") as file:
    for record in records(file.read()):
        event = Event.FromString(record)
        events.append({"time": event.wall_time, "step": event.step, "version": event.file_version,
                       "values": {value.tag: told(value) for value in event.summary.value}})
json.dump(events, sys.stdout)
