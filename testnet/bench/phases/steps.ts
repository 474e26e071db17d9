// Steps of a lone peer that holds much of one thing, and of one that holds little of it.
import type { AgentKey } from "../../../src/crypto/index.js";
import {
  type AuctionId,
  auctionOfOperation,
  DEFAULT_FORMAT,
  type Operation,
  type OperationBody,
  PAID_AT_ONCE,
} from "../../../src/market/index.js";
import { bidBody } from "../bids.js";
import { costOf } from "../cost.js";
import { LonePeer } from "../lone-peer.js";

/** Of what a peer holds many: auctions that have not ended, operations that wait, or own bids that are not published. */
export type Held = "auctions" | "waiting" | "unpublished";

const HOUR_MS = 3_600_000;
const PAYERS = 8;
/** One measurement: so many entries, with a payment of each payer in each of them. */
const ENTRIES = 24;
const WARM_UPS = 4;
/** Of one account so many wait behind a nonce that nobody has sent. */
const WAITING_EACH = 60;
const AUCTIONS_EACH = 200;
const BIDS_EACH = 100;
const CREATED_PER_ENTRY = 500;

export async function open() {
  const peers = new Map<string, LonePeer>();
  return {
    jobs: {
      /** A peer that holds `count` of something, its code warm. */
      async grow({ held, count }: { readonly held: Held; readonly count: number }): Promise<void> {
        const peer = GROW[held](count);
        peers.set(`${held}/${count}`, peer);
        for (let i = 0; i < WARM_UPS; i++) pay(peer, payments(peer));
      },
      /** CPU ms of a step of that peer: operations come one by one, and entries are made of them. */
      async step({ held, count }: { readonly held: Held; readonly count: number }): Promise<number> {
        const peer = peers.get(`${held}/${count}`)!;
        const before = peer.steps;
        const signed = payments(peer);
        const { cpuMs } = await costOf(() => pay(peer, signed));
        return cpuMs / (peer.steps - before);
      },
    },
    async close() {
      for (const peer of peers.values()) await peer.close();
    },
  };
}

/** Of each entry, one of each payer. */
function payments(peer: LonePeer): readonly (readonly Operation[])[] {
  const payers = peer.authors.slice(0, PAYERS);
  const to = payers[0]!.publicKey;
  const paymentOf = (payer: AgentKey): Operation => peer.signed(payer, { kind: "transfer", to, amount: 1n });
  return Array.from({ length: ENTRIES }, () => payers.map(paymentOf));
}

function pay(peer: LonePeer, entries: readonly (readonly Operation[])[]): void {
  for (const entry of entries) {
    for (const operation of entry) peer.bring(operation);
    peer.untilEntry();
  }
}

const GROW: Readonly<Record<Held, (count: number) => LonePeer>> = {
  auctions(count) {
    const sellers = Math.ceil(count / AUCTIONS_EACH);
    const peer = new LonePeer(PAYERS + sellers, 0);
    sell(peer, peer.authors.slice(PAYERS), count);
    return peer;
  },
  /** In turn a commit, a payment, and an own payment: each behind a gap in the nonces of its account. */
  waiting(count) {
    const others = Math.ceil((count * 2) / 3 / WAITING_EACH / 2);
    const peer = new LonePeer(PAYERS + others + Math.ceil(count / 3 / WAITING_EACH), others);
    const authors = peer.authors.slice(PAYERS);
    for (let i = 0; i < count; i++) {
      const author = authors[Math.floor(i / 3 / WAITING_EACH)]!;
      const isFirst = i % (3 * WAITING_EACH) < 3;
      const transfer = { kind: "transfer", to: author.publicKey, amount: 1n } as const;
      const body: OperationBody = i % 3 === 0 ? bidBody(i) : transfer;
      if (i % 3 < 2) peer.bring(peer.signed(author, body, isFirst ? 1 : 0));
      else
        peer.submit(peer.signed(peer.agents[Math.floor(i / 3 / WAITING_EACH)]!, transfer, isFirst ? 1 : 0));
    }
    if (peer.waiting < count) throw new Error(`${peer.waiting} operations wait, not ${count}`);
    return peer;
  },
  unpublished(count) {
    const bidders = Math.ceil(count / BIDS_EACH);
    const peer = new LonePeer(PAYERS + 1, bidders);
    const auctions = sell(peer, peer.authors.slice(PAYERS), BIDS_EACH);
    for (let i = 0; i < count; i++) {
      peer.command({
        kind: "placeBid",
        from: peer.agents[Math.floor(i / BIDS_EACH)]!.publicKey,
        auction: auctions[i % BIDS_EACH]!,
        amount: 1_000_000n,
        units: null,
        lockup: null,
        delayMs: 6 * HOUR_MS + i,
      });
    }
    if (peer.unpublished !== count) throw new Error(`${peer.unpublished} bids wait, not ${count}`);
    return peer;
  },
};

/** Auctions that stay open for longer than anything is measured, dealt out to the sellers in turn. */
function sell(peer: LonePeer, sellers: readonly AgentKey[], count: number): readonly AuctionId[] {
  const auctions: AuctionId[] = [];
  for (let i = 0; i < count; i++) {
    const created = peer.signed(sellers[i % sellers.length]!, {
      kind: "createAuction",
      format: { kind: DEFAULT_FORMAT },
      direction: "sell",
      lot: { capability: "gpu.a100", units: 1, fromMs: null, toMs: null },
      reserve: 0n,
      lockups: [10_000_000n],
      openMs: 0,
      commitMs: 12 * HOUR_MS,
      revealMs: HOUR_MS,
      bond: 0n,
      reserveHash: null,
      standingWeight: null,
      ...PAID_AT_ONCE,
    });
    peer.bring(created);
    auctions.push(auctionOfOperation(peer.network, created)!);
    if (i % CREATED_PER_ENTRY === CREATED_PER_ENTRY - 1) peer.untilEntry();
  }
  while (peer.waiting > 0) peer.untilEntry();
  peer.untilEntry();
  if (peer.unfinished !== count) throw new Error(`${peer.unfinished} auctions are unfinished, not ${count}`);
  return auctions;
}
