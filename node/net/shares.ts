// What each had of something that all want, by address group and in it by name: who had least goes first.
import type { Asker } from "./address-groups.js";

/**
 * Start-time fair queueing: whoever comes back after a while begins where those stand whose turn it is, neither behind what it
 * had long ago nor ahead by what it left to others.
 */
class Row {
  private readonly had = new Map<string, number>();
  private floor = 0;

  get size(): number {
    return this.had.size;
  }

  of(key: string): number {
    return Math.max(this.had.get(key) ?? 0, this.floor);
  }

  begin(key: string, bytes: number): void {
    this.floor = this.of(key);
    this.had.set(key, this.floor + bytes);
  }

  /** What is not above the floor is as good as forgotten. @returns the keys of those */
  add(key: string, bytes: number): string[] {
    const had = this.had.get(key);
    if (had !== undefined) this.had.set(key, had + bytes);
    const forgotten = [...this.had].filter(([, bytes]) => bytes <= this.floor).map(([key]) => key);
    for (const key of forgotten) this.had.delete(key);
    return forgotten;
  }
}

export class Shares {
  private groups = new Row();
  private readonly peers = new Map<string, Row>();

  /** @param expected what a turn counts for until it is known */
  constructor(private readonly expected: number) {}

  /** How many groups and names are told apart. */
  get size(): number {
    let size = this.groups.size;
    for (const peers of this.peers.values()) size += peers.size;
    return size;
  }

  ofGroup(group: string): number {
    return this.groups.of(group);
  }

  ofPeer({ peer, group }: Asker): number {
    return this.peers.get(group)?.of(peer) ?? 0;
  }

  /** The first of those that had least, of the group that had least; null for none. */
  leastOf<T extends Asker>(all: readonly T[]): T | null {
    const had = all.map((one) => [this.ofGroup(one.group), this.ofPeer(one)] as const);
    let least = 0;
    had.forEach(([group, peer], i) => {
      const [leastOfGroup, leastOfPeer] = had[least]!;
      if (group < leastOfGroup || (group === leastOfGroup && peer < leastOfPeer)) least = i;
    });
    return all[least] ?? null;
  }

  /** Its turn begins. */
  begin({ peer, group }: Asker): void {
    const peers = this.peers.get(group) ?? new Row();
    this.peers.set(group, peers);
    this.groups.begin(group, this.expected);
    peers.begin(peer, this.expected);
  }

  /** What its turn came to. */
  settle({ peer, group }: Asker, bytes: number): void {
    this.peers.get(group)?.add(peer, bytes - this.expected);
    for (const gone of this.groups.add(group, bytes - this.expected)) this.peers.delete(gone);
  }

  /** Nobody waits: all begin anew. */
  clear(): void {
    this.groups = new Row();
    this.peers.clear();
  }
}
