/** Cache lines are 64 bytes; nothing that two threads write shares one. */
const alignment = 64;

/** Hands out addresses of the shared memory, before it exists: the sum says how large it must be. */
export class Arena {
  #next: number;

  /** @param first address; 0 stays unused where addresses are absolute, since kernels take it for "none" */
  constructor(first: number = alignment) {
    this.#next = first;
  }

  /** Address of `bytes` bytes. */
  take(bytes: number): number {
    const address = this.#next;
    this.#next += Math.ceil(bytes / alignment) * alignment;
    return address;
  }

  /** Bytes handed out. */
  get size(): number {
    return this.#next;
  }
}
