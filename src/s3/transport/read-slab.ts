const SLAB_BYTES = 48 * 1024;
/** Less room than this makes a read too small to be worth a system call. */
const LEAST_ROOM_BYTES = 8 * 1024;
const MOST_SPARES = 32;

/** Memory that nobody looks at, for whichever socket needs some. */
const spares: Buffer[] = [];

/** Where every socket reads next that is stopped: what came is copied at once, so one serves all. */
const shared = Buffer.allocUnsafeSlow(16 * 1024);

/**
 * Memory that one socket reads into. Fresh memory for each read would cost more than the reading itself, in page faults
 * and garbage collections, so it is read into again as soon as nobody looks at it; what is never freed is left to its
 * holder.
 */
export class ReadSlab {
  #memory: Buffer = Buffer.allocUnsafeSlow(SLAB_BYTES);
  #used = 0;
  /** Somebody may look at what was taken, until it is freed. */
  #isLent = false;
  /** Somebody may look at what was taken, and will never free it. */
  #isLost = false;
  #exchange = 0;
  /** Full before it was freed. */
  #lentBefore: Buffer | undefined;

  /** Where the next read goes. */
  room(): Buffer {
    return this.#roomFor(LEAST_ROOM_BYTES);
  }

  /** Where the next read goes of a socket that is stopped, which may stay so for long: it holds no memory for it. */
  roomWhileStopped(): Buffer {
    return shared;
  }

  /** The bytes that were read, lent to whoever gets them. @param room - the last one given */
  take(room: Uint8Array, length: number): Buffer {
    const place = room.buffer === shared.buffer ? this.#keep(length) : room;
    this.#isLent = true;
    const from = place.byteOffset - this.#memory.byteOffset;
    this.#used = from + length;
    return this.#memory.subarray(from, this.#used);
  }

  /** More of what was taken last is given to somebody, who may keep it. */
  lend(): void {
    this.#isLent = true;
  }

  /**
   * Nobody looks any more at what was taken in an exchange; its end may be behind it.
   * @param exchange - after which another has begun, nothing is freed
   */
  free(exchange: number): void {
    if (exchange !== this.#exchange) return;
    this.#isLent = false;
    if (this.#lentBefore === undefined) return;
    if (spares.length < MOST_SPARES) spares.push(this.#lentBefore);
    this.#lentBefore = undefined;
  }

  /** Another exchange begins: what is lent now is not going to be freed. @returns its number */
  beginExchange(): number {
    this.#isLost ||= this.#isLent;
    this.#lentBefore = undefined;
    this.#exchange += 1;
    return this.#exchange;
  }

  /** Takes over what was read into the memory of all. */
  #keep(length: number): Buffer {
    const place = this.#roomFor(length);
    shared.copy(place, 0, 0, length);
    return place;
  }

  #roomFor(leastBytes: number): Buffer {
    if (!this.#isLent && !this.#isLost) this.#used = 0;
    if (SLAB_BYTES - this.#used < leastBytes) {
      this.#lentBefore = this.#isLost ? undefined : this.#memory;
      this.#memory = spares.pop() ?? Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.#used = 0;
      this.#isLent = false;
      this.#isLost = false;
    }
    return this.#used === 0 ? this.#memory : this.#memory.subarray(this.#used);
  }
}
