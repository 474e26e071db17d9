// What may wait at the gate for the state it needs, and in whose name; and for how long an operation may be valid.
import { describe, expect, it } from "vitest";
import { NETWORK_LIMITS } from "../../node/net/limits.js";
import type { Bytes } from "../../src/base/index.js";
import { NONCE_WINDOW } from "../../src/ledger/index.js";
import { auctionOf, encodeOperation, selfProving, signOperation } from "../../src/market/index.js";
import { Cluster, FEE, idOf, keyOf, opened, placed } from "./cluster.js";

const HOUR_MS = 3_600_000;

interface Signing {
  readonly nonce: number;
  readonly key?: string;
  readonly validForMs?: number;
}

/** A payment in a name, signed by that agent's key or another. */
function payment(cluster: Cluster, name: string, { nonce, key = name, validForMs = 60_000 }: Signing): Bytes {
  const validUntilMs = cluster.nowMs + validForMs;
  const authority = { from: idOf(name), nonce, fee: FEE, validUntilMs };
  const body = { kind: "transfer", to: idOf("ann"), amount: 1n } as const;
  const { network } = cluster.host(0).live.ledger;
  return encodeOperation(signOperation(network, authority, body, keyOf(key)));
}

const lone = (maxValidityMs = HOUR_MS): Cluster =>
  new Cluster({ agents: [["ann"]], seats: 1, funded: ["vic"], params: { maxValidityMs } });

describe("what waits for state", () => {
  it("has its author's own signature: forgeries take no place in anybody's name", () => {
    const cluster = lone();
    const host = cluster.host(0);
    for (let i = 0; i < 2 * NETWORK_LIMITS.pendingPerAuthor; i++) {
      const forged = payment(cluster, "vic", { nonce: NONCE_WINDOW + i, key: "eve" });
      expect(cluster.handOver(host, forged)).toBe("BAD_SIGNATURE");
    }
    expect(host.gate!.pendingCount).toBe(0);
    const early = payment(cluster, "vic", { nonce: NONCE_WINDOW });
    expect(cluster.handOver(host, early)).toBe("NONCE_NOT_NEXT");
    expect(host.gate!.pendingCount).toBe(1);
  });

  it("is known to the state before it is garbage: an early reveal has its place among any number of false ones", () => {
    const cluster = new Cluster({ agents: [["sue"], ["vic"]], seats: 1 });
    const host = cluster.host(0);
    const auction = opened(cluster, "sue", { commitMs: 60_000 });
    placed(cluster, "vic", auction, 500n);
    expect(cluster.run(5_000, () => auctionOf(host.live.ledger, auction)!.commits === 1)).toBe(true);
    const { network } = host.live.ledger;
    const [opening] = cluster.host(1).live.custody.openingsOf(auction);
    const { bid, salt } = opening!;
    const reveal = (bidder: string) =>
      encodeOperation(selfProving(network, { kind: "reveal", auction, bidder: idOf(bidder), bid, salt }));
    const unknown = new Uint8Array(32).fill(3);
    const garbage = (i: number) => {
      const bidder = new Uint8Array(32);
      new DataView(bidder.buffer).setUint32(0, i);
      return encodeOperation(selfProving(network, { kind: "reveal", auction: unknown, bidder, bid, salt }));
    };
    for (let i = 0; i < NETWORK_LIMITS.pending; i++) {
      expect(cluster.handOver(host, garbage(i), `peer ${i % 64}`)).toBe("AUCTION_UNKNOWN");
    }
    expect(cluster.handOver(host, garbage(NETWORK_LIMITS.pending), "peer 1")).toBe("PENDING_FULL");
    expect(cluster.handOver(host, reveal("vic"), "peer 1")).toBe("REVEAL_TOO_EARLY");
    expect(host.gate!.pendingCount).toBe(NETWORK_LIMITS.pending);
  });
});

describe("an operation's validity", () => {
  it("is bounded by the network's parameter, not by a constant of the gate", () => {
    const cluster = lone(3 * HOUR_MS);
    const host = cluster.host(0);
    const atMost = payment(cluster, "vic", { nonce: 0, validForMs: 3 * HOUR_MS });
    const tooLong = payment(cluster, "vic", { nonce: 1, validForMs: 3 * HOUR_MS + 1 });
    expect(cluster.handOver(host, tooLong)).toBe("VALID_TOO_LONG");
    expect(cluster.handOver(host, atMost)).toBe("ACCEPTED");
    const brief = lone(HOUR_MS / 2);
    const past = payment(brief, "vic", { nonce: 0, validForMs: HOUR_MS / 2 + 1 });
    expect(brief.handOver(brief.host(0), past)).toBe("VALID_TOO_LONG");
  });
});
