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

/** Unpacks lists, one after the other, into arrays that are used again: a search unpacks a million entries. */
export class PostingReader {
  /** Passages of the list read last, in rising order, counted from the segment's first; only as many as `read` returned are of that list. */
  passages = new Uint32Array(1024);
  weights = new Uint32Array(1024);

  /** Returns how many entries the list has. */
  read(bytes: Uint8Array): number {
    // An entry takes a byte at least.
    if (this.passages.length < bytes.length) {
      this.passages = new Uint32Array(bytes.length * 2);
      this.weights = new Uint32Array(bytes.length * 2);
    }
    const [passages, weights] = [this.passages, this.weights];
    let [position, passage, count] = [0, -1, 0];
    while (position < bytes.length) {
      let byte = bytes[position++]!;
      let head = byte & 127;
      for (let shift = 7; byte > 127; shift += 7) {
        byte = bytes[position++]!;
        head |= (byte & 127) << shift;
      }
      passage += head >>> 1;
      let weight = 1;
      if ((head & 1) === 0) {
        byte = bytes[position++]!;
        weight = byte & 127;
        for (let shift = 7; byte > 127; shift += 7) {
          byte = bytes[position++]!;
          weight |= (byte & 127) << shift;
        }
      }
      passages[count] = passage;
      weights[count++] = weight;
    }
    return count;
  }
}
