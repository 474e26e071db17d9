// The store that libp2p's parts keep their notes in: of peers so many, of what strangers wish to store for others nothing.
import type { Libp2pInit } from "libp2p";

type Datastore = NonNullable<Libp2pInit["datastore"]>;
type Key = Parameters<Datastore["get"]>[0];
type Query = Parameters<Datastore["query"]>[0];
type KeyQuery = Parameters<Datastore["queryKeys"]>[0];
type Pair = { readonly key: Key; readonly value: Uint8Array };

/** Where kad-dht keeps provider and value records of anybody: this network has a use for neither. */
const RECORDS = "/dht/";
/** What one note may hold: an identified peer's addresses and protocols are far below it. */
const MAX_NOTE_BYTES = 64 * 1024;

/** As the peer store tells a missing note from a failure. */
class NotFoundError extends Error {
  override readonly name = "NotFoundError";
}

/** In memory. Beyond `limit` notes the one that was written longest ago goes; what is refused is counted, and no error. */
export class PeerShelf implements Datastore {
  private readonly notes = new Map<string, Pair>();
  /** records and notes that were not kept */
  refused = 0;

  constructor(private readonly limit: number) {}

  get size(): number {
    return this.notes.size;
  }

  put(key: Key, value: Uint8Array): Key {
    const name = key.toString();
    if (name.startsWith(RECORDS) || value.length > MAX_NOTE_BYTES) {
      this.refused++;
      return key;
    }
    this.notes.delete(name);
    this.notes.set(name, { key, value });
    if (this.notes.size > this.limit) {
      const [oldest] = this.notes.keys();
      this.notes.delete(oldest!);
    }
    return key;
  }

  get(key: Key): Uint8Array {
    const note = this.notes.get(key.toString());
    if (note === undefined) throw new NotFoundError(`nothing is noted under ${key.toString()}`);
    return note.value;
  }

  has(key: Key): boolean {
    return this.notes.has(key.toString());
  }

  delete(key: Key): void {
    this.notes.delete(key.toString());
  }

  async *putMany(source: Parameters<Datastore["putMany"]>[0]): AsyncGenerator<Key> {
    for await (const { key, value } of source) yield this.put(key, value);
  }

  async *getMany(source: Parameters<Datastore["getMany"]>[0]): AsyncGenerator<Pair> {
    for await (const key of source) yield { key, value: this.get(key) };
  }

  async *deleteMany(source: Parameters<Datastore["deleteMany"]>[0]): AsyncGenerator<Key> {
    for await (const key of source) {
      this.delete(key);
      yield key;
    }
  }

  batch(): ReturnType<Datastore["batch"]> {
    const work: (() => void)[] = [];
    return {
      put: (key, value) => void work.push(() => this.put(key, value)),
      delete: (key) => void work.push(() => this.delete(key)),
      commit: () => {
        for (const one of work.splice(0)) one();
      },
    };
  }

  *query({ prefix = "", filters = [], orders = [], offset = 0, limit }: Query): Generator<Pair> {
    let found = [...this.notes].filter(([name]) => name.startsWith(prefix)).map(([, pair]) => pair);
    for (const filter of filters) found = found.filter(filter);
    for (const order of orders) found.sort(order);
    yield* found.slice(offset, limit === undefined ? undefined : offset + limit);
  }

  *queryKeys({ prefix = "", filters = [], orders = [], offset = 0, limit }: KeyQuery): Generator<Key> {
    let found = [...this.query({ prefix })].map(({ key }) => key);
    for (const filter of filters) found = found.filter(filter);
    for (const order of orders) found.sort(order);
    yield* found.slice(offset, limit === undefined ? undefined : offset + limit);
  }
}
