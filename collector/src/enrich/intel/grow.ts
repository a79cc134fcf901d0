/** A list of 32-bit numbers that grows by doubling, so that a million of them are four megabytes and not objects. */
export class Numbers {
  #values = new Uint32Array(1_024);
  length = 0;

  push(value: number): void {
    if (this.length === this.#values.length) {
      const larger = new Uint32Array(this.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.length++] = value;
  }

  /** The numbers without room to spare. */
  done(): Uint32Array {
    return this.#values.slice(0, this.length);
  }
}
