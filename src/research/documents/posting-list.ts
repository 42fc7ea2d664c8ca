/**
 * In which passages a word stands, and how much it weighs there. Packed: the distance to the passage before, shifted by one, with the
 * lowest bit set where the weight is 1; else the weight follows. Numbers take seven bits a byte, the lowest first.
 */
export class PostingListWriter {
  #bytes = new Uint8Array(8);
  #length = 0;
  #before = -1;
  #passage = -1;
  #weight = 0;
  /** Passages in the list. */
  count = 0;

  /** Passages come in rising order; one that comes again adds to its weight. */
  add(passage: number, weight: number): void {
    if (passage === this.#passage) {
      this.#weight += weight;
      return;
    }
    this.#flush();
    this.#passage = passage;
    this.#weight = weight;
    this.count++;
  }

  finish(): Uint8Array {
    this.#flush();
    return this.#bytes.subarray(0, this.#length);
  }

  #flush(): void {
    if (this.#passage < 0) return;
    const distance = this.#passage - this.#before;
    const isOne = this.#weight === 1;
    this.#write(distance * 2 + (isOne ? 1 : 0));
    if (!isOne) this.#write(this.#weight);
    this.#before = this.#passage;
    this.#passage = -1;
  }

  #write(value: number): void {
    if (this.#length + 5 > this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    let rest = value;
    while (rest > 127) {
      this.#bytes[this.#length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
  }
}

/** Calls back for each passage of a list, in rising order; numbers of passages count from the segment's first. */
export function readPostings(bytes: Uint8Array, visit: (passage: number, weight: number) => void): void {
  let position = 0;
  let passage = -1;
  const read = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[position++]!;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (position < bytes.length) {
    const head = read();
    passage += head >>> 1;
    visit(passage, (head & 1) === 1 ? 1 : read());
  }
}
