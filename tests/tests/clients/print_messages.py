"""Random messages as protobuf's own JSON printer writes them, in all the spellings that its reader takes.

Usage: print_messages.py DESCRIPTORS SEED COUNT; a line each: the message's type, its bytes, and the texts.
"""

import json
import random
import re
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, duration_pb2, json_format, message_factory, timestamp_pb2

TYPES = ["ScopeRequest", "Feedback", "Handoff", "Alert", "MonitorCounts"]
pool = descriptor_pool.DescriptorPool()
files = descriptor_pb2.FileDescriptorSet.FromString(open(sys.argv[1], "rb").read())
for file in files.file:
    pool.Add(file)
draw = random.Random(int(sys.argv[2]))
WHOLE = {"INT32": (-(2**31), 2**31 - 1), "UINT32": (0, 2**32 - 1), "INT64": (-(2**63), 2**63 - 1), "UINT64": (0, 2**64 - 1)}
KINDS = {value: name.removeprefix("TYPE_") for name, value in descriptor_pb2.FieldDescriptorProto.Type.items()}


def scalar(field):
    kind = KINDS[field.type]
    if kind in WHOLE:
        low, high = WHOLE[kind]
        return draw.choice([low, high, 0, 1, 2**53 % (high + 1), draw.randint(low, high)])
    if kind in ("DOUBLE", "FLOAT"):
        return draw.choice([0.0, 0.1, -1.5e-300, 1e300, float("inf"), 7.0, draw.gauss(0, 1)]) if kind == "DOUBLE" else draw.choice([0.5, 2.0])
    if kind == "BOOL":
        return draw.random() < 0.5
    if kind == "ENUM":
        return draw.choice(field.enum_type.values).number
    if kind == "BYTES":
        return bytes(draw.randrange(256) for _ in range(draw.randrange(5)))
    return draw.choice(["", "churn", 'a "b" \\ /', "ü€\u2028", "line\nend", "\u0000", "NaN", "5"])


def fill(message, depth=0):
    for field in message.DESCRIPTOR.fields:
        if draw.random() < (0.3 if depth else 0.15):
            continue
        is_message = field.message_type is not None
        if is_message and depth > 2:
            continue
        if is_message and field.message_type.GetOptions().map_entry:
            values = field.message_type.fields_by_name["value"]
            for _ in range(draw.randrange(3)):
                key = scalar(field.message_type.fields_by_name["key"])
                if values.message_type is None:
                    getattr(message, field.name)[key] = scalar(values)
                else:
                    fill(getattr(message, field.name)[key], depth + 1)
        elif field.is_repeated:
            for _ in range(draw.randrange(3)):
                if is_message:
                    filled(getattr(message, field.name).add(), depth)
                else:
                    getattr(message, field.name).append(scalar(field))
        elif is_message:
            getattr(message, field.name).SetInParent()
            filled(getattr(message, field.name), depth)
        else:
            setattr(message, field.name, scalar(field))


def filled(message, depth):
    name = message.DESCRIPTOR.full_name
    if name == "google.protobuf.Timestamp":
        message.FromNanoseconds(draw.choice([0, -(10**18) + 1, 1_700_000_000_123_456_789, 1_700_000_000_500_000_000]))
    elif name == "google.protobuf.Duration":
        message.FromNanoseconds(draw.choice([0, 1, -1_500_000_000, 3_600_000_000_000]))
    else:
        fill(message, depth + 1)


def zoned(text):
    """Moments an hour and a half east of UTC."""

    def moved(match):
        moment = timestamp_pb2.Timestamp()
        moment.FromJsonString(match[0][1:-1])
        moment.seconds += 5400
        return f'"{moment.ToJsonString()[:-1]}+01:30"'

    return re.sub(r'"[12]\d{3}-\d\d-\d\dT[0-9:.]+Z"', moved, text)


def numbers(text):
    """Whole numbers of 64 bits, which the printer writes as texts, as numbers."""
    return re.sub(r'(?<=: )"(-?\d+)"(?=[,\n}])', r"\1", text)


for _ in range(int(sys.argv[3])):
    name = draw.choice(TYPES)
    kind = message_factory.GetMessageClass(pool.FindMessageTypeByName(f"tier0.v1.{name}"))
    message = kind()
    fill(message)
    texts = set()
    for names in (False, True):
        for integers in (False, True):
            for always in (False, True):
                texts.add(
                    json_format.MessageToJson(
                        message,
                        preserving_proto_field_name=names,
                        use_integers_for_enums=integers,
                        always_print_fields_with_no_presence=always,
                    )
                )
    for spelled in (zoned, numbers):
        for text in list(texts):
            other = spelled(text)
            # Only what protobuf's own reader takes for the same message; a text may look like a number.
            try:
                if json_format.Parse(other, kind()) == message:
                    texts.add(other)
            except json_format.ParseError:
                pass
    print(json.dumps({"type": name, "bytes": message.SerializeToString(deterministic=True).hex(), "texts": sorted(texts)}))
