const SLAB_BYTES = 64 * 1024;
/** Less room than this makes a read too small to be worth a system call. */
const LEAST_ROOM_BYTES = 16 * 1024;

/**
 * Memory that one socket reads into. Fresh memory for each read would cost more than the reading itself, in page faults
 * and garbage collections, so it is read into again as soon as nobody looks at it; what is never freed is left to its
 * holder.
 */
export class ReadSlab {
  #memory = Buffer.allocUnsafeSlow(SLAB_BYTES);
  #used = 0;
  #isLent = false;
  #isLost = false;

  /** Where the next read goes. */
  room(): Buffer {
    if (!this.#isLent && !this.#isLost) this.#used = 0;
    if (SLAB_BYTES - this.#used < LEAST_ROOM_BYTES) {
      this.#memory = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.#used = 0;
      this.#isLent = false;
      this.#isLost = false;
    }
    return this.#used === 0 ? this.#memory : this.#memory.subarray(this.#used);
  }

  /** The bytes that were read. @param room - the last one given */
  take(room: Uint8Array, length: number): Buffer {
    this.#isLent = true;
    const from = room.byteOffset - this.#memory.byteOffset;
    this.#used = from + length;
    return this.#memory.subarray(from, this.#used);
  }

  /** Somebody may look at what was taken, until it is freed. */
  lend(): void {
    this.#isLent = true;
  }

  /** Nobody looks at what was taken since the last `lose`. */
  free(): void {
    this.#isLent = false;
  }

  /** What was lent is not going to be freed. */
  lose(): void {
    this.#isLost ||= this.#isLent;
  }
}
