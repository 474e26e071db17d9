// Gossip as flooding: whoever hears a message for the first time passes it on to all it is connected to.
import type { Bytes } from "../../../src/base/index.js";

/** How long a host remembers what it has seen: a later publication of the same bytes spreads anew. */
const SEEN_MS = 5_000;

/** What each host has seen, by content. */
export class SeenMessages {
  private readonly seen: Map<string, number>[];
  private readonly names = new WeakMap<Bytes, string>();

  constructor(hosts: number) {
    this.seen = Array.from({ length: hosts }, () => new Map());
  }

  /** Whether this is news to `host`; it is not the next time. */
  isNews(host: number, topic: string, bytes: Bytes, nowMs: number): boolean {
    const name = topic + this.nameOf(bytes);
    const seen = this.seen[host]!;
    const last = seen.get(name);
    if (last !== undefined && nowMs - last < SEEN_MS) return false;
    seen.set(name, nowMs);
    return true;
  }

  /** A restarted process has seen nothing. */
  forget(host: number): void {
    this.seen[host]!.clear();
  }

  private nameOf(bytes: Bytes): string {
    const known = this.names.get(bytes);
    if (known !== undefined) return known;
    const name = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
    this.names.set(bytes, name);
    return name;
  }
}
