/**
 * A protocol-buffer message in the making: the four kinds of field that TensorBoard's messages have. Nothing installed writes them, and
 * they are these few lines; the encoding is https://protobuf.dev/programming-guides/encoding/.
 */
export class Message {
  readonly #parts: Uint8Array[] = [];

  /** int64, int32: of 0 or more. */
  integer(field: number, value: number): this {
    return this.#put(key(field, WireType.varint), varint(value));
  }

  /** double */
  double(field: number, value: number): this {
    return this.#put(key(field, WireType.fixed64), Buffer.from(Float64Array.of(value).buffer));
  }

  /** float */
  float(field: number, value: number): this {
    return this.#put(key(field, WireType.fixed32), Buffer.from(Float32Array.of(value).buffer));
  }

  /** string, bytes, a message */
  bytes(field: number, value: string | Uint8Array | Message): this {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    const content = bytes instanceof Message ? bytes.encoded() : bytes;
    return this.#put(key(field, WireType.bytes), varint(content.length), content);
  }

  /** repeated double, packed */
  doubles(field: number, values: readonly number[]): this {
    return this.bytes(field, Buffer.from(Float64Array.from(values).buffer));
  }

  encoded(): Uint8Array {
    return Buffer.concat(this.#parts);
  }

  #put(...parts: readonly Uint8Array[]): this {
    this.#parts.push(...parts);
    return this;
  }
}

const WireType = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

const key = (field: number, type: number): Uint8Array => varint(8 * field + type);

/** Seven bits a byte, the lowest first; the highest bit says that more follow. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push(128 + (rest % 128));
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
