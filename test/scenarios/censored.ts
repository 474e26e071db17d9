// Auctions among censoring leaders: whose commits were final before the commits closed, and how many were held back.
import { type Bytes, type Hex, toHex } from "../../src/base/index.js";
import { decodeOperation } from "../../src/market/index.js";
import type { Notice, Outgoing } from "../../src/peer/ready.js";
import type { Propose } from "../../src/quorum/index.js";
import type { Host } from "../../testnet/lab/simulate/world/host.js";
import type { Witness } from "../../testnet/lab/simulate/world/world.js";
import { auction, bid, calm, lived, only } from "./scenario-of.js";

export interface Censored {
  /** bids that honest agents were asked for */
  readonly bids: number;
  /** of these, commits that were final before their auction's commits closed */
  readonly committed: number;
  /** commits that censors' own machines would have proposed, and that they did not */
  readonly heldBack: number;
}

const SELLER = 0;
const AMOUNT = 1n << 35n;

/** Fair weather, the last F of n seats censor, and all others but the seller bid, early and late, in three auctions. */
export function livedAmongCensors(seed: number, quorum: 4 | 7): Censored {
  const tolerance = (quorum - 1) / 3;
  const seats = Array.from({ length: tolerance }, (_, i) => quorum - 1 - i);
  const peers = quorum + 3;
  const bidders = Array.from({ length: peers }, (_, host) => host).filter(
    (host) => host !== SELLER && !seats.includes(host),
  );
  // No amount is bid twice: a reveal in one auction tells nothing of another.
  const auctions = [600, 1_900, 3_200].map((atMs) => {
    const bids = bidders.map((host, i) =>
      bid(host, { amount: AMOUNT + BigInt(atMs + host), delayMs: 150 * i }),
    );
    return auction(`at-${atMs}`, atMs, { creator: SELLER, bids });
  });
  const culprits = seats.map((seat) => ({ seat, strategy: "censor" as const }));
  const watch = new Watch(new Set(seats));
  const wishes = { peers, culprits, healMs: 500, endMs: 14_000, workload: only(...auctions) };
  lived(calm(seed, quorum, wishes), (world) => void world.witnesses.push(watch));
  return {
    bids: auctions.length * bidders.length,
    committed: watch.committed,
    heldBack: watch.heldBack.size,
  };
}

class Watch implements Witness {
  committed = 0;
  /** by term and bytes */
  readonly heldBack = new Set<string>();
  private readonly open = new Map<Hex, Set<Hex>>();
  private readonly wanted = new Map<number, ReadonlySet<Hex>>();

  constructor(private readonly censors: ReadonlySet<number>) {}

  /** The seller's peer tells. */
  noticed(host: Host, notice: Notice): void {
    if (host.index !== SELLER) return;
    if (notice.kind === "auctionOpened") this.open.set(toHex(notice.auction), new Set());
    if (notice.kind === "bidCommitted") this.open.get(toHex(notice.auction))?.add(toHex(notice.bidder));
    if (notice.kind !== "auctionPhase" || notice.phase !== "reveal") return;
    this.committed += this.open.get(toHex(notice.auction))!.size;
    this.open.delete(toHex(notice.auction));
  }

  /** What a censor's machine, which is honest, wants to propose. */
  stepped(host: Host, { send }: { readonly send: readonly Outgoing[] }): void {
    for (const { entry } of this.proposalsOf(host, send)) {
      this.wanted.set(entry.header.term, new Set(entry.ops.filter(isCommit).map(toHex)));
    }
  }

  sent(host: Host, outgoing: Outgoing): void {
    for (const { entry } of this.proposalsOf(host, [outgoing])) {
      const said = new Set(entry.ops.map(toHex));
      const { term } = entry.header;
      for (const one of this.wanted.get(term) ?? []) if (!said.has(one)) this.heldBack.add(`${term}/${one}`);
    }
  }

  private proposalsOf(host: Host, send: readonly Outgoing[]): readonly Propose[] {
    if (!this.censors.has(host.index)) return [];
    return send.flatMap((one) =>
      one.to !== "topic" &&
      one.message.kind === "propose" &&
      one.message.propose.entry.header.leader === host.index
        ? [one.message.propose]
        : [],
    );
  }
}

function isCommit(bytes: Bytes): boolean {
  const decoded = decodeOperation(bytes);
  return decoded.ok && decoded.value.body.kind === "commit";
}
