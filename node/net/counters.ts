// How often each thing happened or was refused: labels are a part of the network and a code, never an id.

export type Part = "ops" | "final" | "evidence" | "quorum" | "sync" | "status" | "peers" | "agents" | "trade";

/** Codes come from closed lists; the cap holds even if a judge of another layer invents some. */
const MAX_LABELS = 256;

export class Counters {
  private readonly counts = new Map<string, number>();

  /** Counts `code`, as OTHER once there are too many labels. */
  add(part: Part, code: string, by = 1): void {
    const label = `${part}.${code}`;
    const known = this.counts.get(label);
    if (known !== undefined) this.counts.set(label, known + by);
    else if (this.counts.size < MAX_LABELS) this.counts.set(label, by);
    else this.counts.set("peers.OTHER", (this.counts.get("peers.OTHER") ?? 0) + by);
  }

  get(part: Part, code: string): number {
    return this.counts.get(`${part}.${code}`) ?? 0;
  }

  /** Counts by `part.CODE`, at most 257 of them. */
  snapshot(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.counts);
  }
}
