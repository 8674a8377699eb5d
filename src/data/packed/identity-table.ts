/** Finds a row by its identity: a hash table in one array, since a Map of a million entries takes 100 MB. */
export class IdentityTable {
  /** Row + 1, or 0. */
  readonly #slots: Uint32Array;
  /** `[rows, 2]`, the low half first. */
  readonly #identities: Uint32Array;

  constructor(identities: BigUint64Array) {
    this.#identities = halvesOf(identities);
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * identities.length + 1)));
    for (let row = 0; row < identities.length; row++) {
      const slot = this.#slotOf(this.#identities[2 * row]!, this.#identities[2 * row + 1]!);
      if (this.#slots[slot] === 0) this.#slots[slot] = row + 1;
    }
  }

  /** The first row with this identity, given as its halves; -1 if there is none. */
  find(low: number, high: number): number {
    return this.#slots[this.#slotOf(low, high)]! - 1;
  }

  /** Where the identity is, or else would be. An identity is a hash already; neighbours in the table are tried in order. */
  #slotOf(low: number, high: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const row = this.#slots[slot]! - 1;
      if (row < 0 || (this.#identities[2 * row] === low && this.#identities[2 * row + 1] === high))
        return slot;
    }
  }
}

/** `[rows, 2]`: the low and the high half of each. */
export function halvesOf(identities: BigUint64Array): Uint32Array {
  return new Uint32Array(identities.buffer, identities.byteOffset, 2 * identities.length);
}
