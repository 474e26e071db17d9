// The heights that others have shown: by a final header with its certificate, never by a bare word (ADR 0034).
import type { PeerRef } from "../../src/peer/event.js";
import type { FinalProof } from "../../src/quorum/index.js";
import type { Counters } from "./counters.js";
import type { NetworkHandlers } from "./ports.js";
import type { Roster } from "./roster.js";

export interface ShownHeightsPort {
  readonly handlers: Pick<NetworkHandlers, "judgeFinal" | "height">;
  readonly roster: Pick<Roster, "get">;
  readonly counters: Counters;
  blame(from: PeerRef): void;
}

/** What is shown stays shown, whoever leaves: a certificate is true of the log, not of who brought it. */
export class ShownHeights {
  private highest = 0;
  private readonly judging = new Set<PeerRef>();

  constructor(private readonly port: ShownHeightsPort) {}

  /** The greatest height of which a certificate was seen, one's own log included. */
  get greatest(): number {
    return Math.max(this.highest, this.port.handlers.height());
  }

  /** Judges a final header, wherever it came from, and notes the height of one that is accepted. */
  readonly judgeFinal: NetworkHandlers["judgeFinal"] = async (message, slowed) => {
    const verdict = await this.port.handlers.judgeFinal(message, slowed);
    if (verdict === "accept") this.highest = Math.max(this.highest, message.header.height);
    return verdict;
  };

  /**
   * Judges what a connected peer shows of its height. A height at or below the greatest is no news and needs no second judgement;
   * one that is not shown stays unknown, and a certificate that is none is held against the peer.
   */
  judge(from: PeerRef, proof: FinalProof | null): void {
    if (proof === null || this.judging.has(from)) return;
    const { height } = proof.header;
    if (height <= this.greatest) {
      this.note(from, height);
      return;
    }
    this.judging.add(from);
    void this.judged(from, proof).finally(() => this.judging.delete(from));
  }

  private async judged(from: PeerRef, { header, cert }: FinalProof): Promise<void> {
    const verdict = await this.judgeFinal({ kind: "final", header, cert }, () => undefined);
    if (verdict === "reject") {
      this.port.counters.add("status", "BAD_FINAL_PROOF");
      this.port.blame(from);
    } else if (verdict === "accept" || header.height <= this.greatest) {
      this.note(from, header.height);
    }
  }

  private note(from: PeerRef, height: number): void {
    const peer = this.port.roster.get(from);
    if (peer !== undefined) peer.height = Math.max(peer.height, height);
  }
}
