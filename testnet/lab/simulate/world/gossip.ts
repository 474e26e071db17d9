// Gossip as flooding: whoever hears a message for the first time passes it on to all it is connected to.
import type { Bytes } from "../../../../src/base/index.js";

/** How long a host remembers what it has seen: a later publication of the same bytes spreads anew. */
const SEEN_MS = 5_000;

/** What each host has seen, by content. */
export class SeenMessages {
  private readonly seen: Map<string, number>[];
  private readonly names = new WeakMap<Bytes, { readonly topic: string; readonly name: string }>();

  constructor(hosts: number) {
    this.seen = Array.from({ length: hosts }, () => new Map());
  }

  /** Whether this is news to `host`; it is not the next time. */
  isNews(host: number, topic: string, bytes: Bytes, nowMs: number): boolean {
    const name = this.nameOf(topic, bytes);
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

  /** One string for all who hear the same bytes: it is hashed once. */
  private nameOf(topic: string, bytes: Bytes): string {
    const known = this.names.get(bytes);
    if (known?.topic === topic) return known.name;
    const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
    const name = `${topic} ${content}`;
    this.names.set(bytes, { topic, name });
    return name;
  }
}
