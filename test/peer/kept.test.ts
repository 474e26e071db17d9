// Kept before remembered: whatever a peer has no room for, or gives up, is let in when it comes again (ADR 0032).
import { describe, expect, it } from "vitest";
import { EventQueue, LANE_LIMITS } from "../../node/driver/event-queue.js";
import {
  type AuctionId,
  auctionOf,
  decodeOperation,
  encodeOperation,
  type Operation,
  signOperation,
} from "../../src/market/index.js";
import {
  type Cluster,
  FEE,
  type Host,
  idOf,
  keyOf,
  opened,
  phaseAt,
  placed,
  Cluster as World,
} from "./cluster.js";

/** A payment that nothing but its nonce tells from another. */
function payment(cluster: Cluster, from: string, nonce: number): Uint8Array {
  const authority = { from: idOf(from), nonce, fee: FEE, validUntilMs: cluster.nowMs + 60_000 };
  const body = { kind: "transfer", to: idOf("ann"), amount: 1n } as const;
  const operation: Operation = signOperation(
    cluster.host(0).live.ledger.network,
    authority,
    body,
    keyOf(from),
  );
  return encodeOperation(operation);
}

describe("a busy driver", () => {
  it("answers FULL for what its lane has no room for, and takes it when it comes again", () => {
    const cluster = new World({ agents: [["ann"]], seats: 1, funded: ["bob"] });
    const host = cluster.host(0);
    host.queue = new EventQueue({ ...LANE_LIMITS, operation: { ...LANE_LIMITS.operation, events: 1 } });
    cluster.occupy(host);
    const [first, second] = [payment(cluster, "bob", 0), payment(cluster, "bob", 1)];
    expect(cluster.handOver(host, first, "x")).toBeNull();
    expect(cluster.handOver(host, second, "y")).toBe("FULL");
    expect(cluster.handOver(host, second, "z")).toBe("FULL");
    cluster.release(host);
    expect(cluster.handOver(host, first, "z")).toBe("DUPLICATE");
    expect(cluster.handOver(host, second, "z")).toBe("ACCEPTED");
    expect(cluster.handOver(host, second, "z")).toBe("DUPLICATE");
  });

  it("takes no more from one relayer than its share, so that another's operation has a place", () => {
    const cluster = new World({ agents: [["ann"]], seats: 1, funded: ["bob"] });
    const host = cluster.host(0);
    const operation = { ...LANE_LIMITS.operation, events: 4, eventsPerSource: 2 };
    host.queue = new EventQueue({ ...LANE_LIMITS, operation });
    cluster.occupy(host);
    const told = [0, 1, 2].map((nonce) => cluster.handOver(host, payment(cluster, "bob", nonce), "loud"));
    expect(told).toEqual([null, null, "FULL"]);
    expect(cluster.handOver(host, payment(cluster, "bob", 2), "quiet")).toBeNull();
  });
});

describe("a full shelf of openings", () => {
  const evil = ["eve", "eva", "evi"];
  const isRevealing = (host: Host, auction: AuctionId): boolean => {
    const phase = auctionOf(host.live.ledger, auction)!.phase;
    return phase.kind === "reveal" && phase.closeMs !== null;
  };

  /** Three bids that open in a long window, one that opens in a short one; members hear of no opening yet. */
  function twoWindows(openings: number) {
    const cluster = new World({ agents: [["sue"], [], [], [], ["vic"], evil], seats: 4, openings });
    const members = cluster.hosts.slice(0, 4);
    const long = opened(cluster, "sue", { revealMs: 20_000 });
    const short = opened(cluster, "sue", { revealMs: 6_000 });
    for (const name of evil) placed(cluster, name, long, 50n);
    placed(cluster, "vic", short, 5_000n);
    cluster.run(600);
    cluster.loses = (_, __, carriesOperation) => carriesOperation;
    const both = () => members.every((host) => isRevealing(host, long) && isRevealing(host, short));
    expect(cluster.run(20_000, both)).toBe(true);
    return { cluster, members, long, short };
  }

  const openingsAt = ({ live }: Host): string[] =>
    [...live.mempool.values()]
      .filter(({ operation: { body } }) => body.kind === "reveal")
      .map(({ operation: { body } }) => (body.kind === "reveal" ? nameOf(body.bidder) : ""));

  /** The openings that a host has published, as gossip. */
  const publishedBy = ({ sent }: Host): Uint8Array[] =>
    sent.flatMap((one) => {
      if (one.to !== "topic") return [];
      const decoded = decodeOperation(one.bytes);
      return decoded.ok && decoded.value.body.kind === "reveal" ? [one.bytes] : [];
    });

  it("makes room for those that close sooner, and nothing burns: who was pushed out comes again", () => {
    const { cluster, members, long, short } = twoWindows(2);
    // Nothing is included while it all comes at once, the flood first.
    for (const host of members) {
      for (const bytes of publishedBy(cluster.homeOf("eve"))) cluster.gossip(host, "ops", bytes);
      expect(openingsAt(host)).toHaveLength(2);
      for (const bytes of publishedBy(cluster.homeOf("vic"))) cluster.gossip(host, "ops", bytes);
      expect(openingsAt(host)).toHaveLength(2);
      expect(openingsAt(host)).toContain("vic");
    }
    cluster.loses = () => false;
    const done = () =>
      members.every((host) => phaseAt(host, short) === "done" && phaseAt(host, long) === "done");
    expect(cluster.run(40_000, done)).toBe(true);
    for (const auction of [long, short]) {
      expect(auctionOf(cluster.host(0).live.ledger, auction)!.phase).toMatchObject({ burned: 0n });
    }
  });

  it("turns away what closes last of all, says so, and takes it when there is room", () => {
    const { cluster, members } = twoWindows(1);
    const host = members[0]!;
    for (const bytes of publishedBy(cluster.homeOf("vic"))) cluster.gossip(host, "ops", bytes);
    const flood = publishedBy(cluster.homeOf("eve"));
    expect(flood.map((bytes) => cluster.handOver(host, bytes))).toEqual(["FULL", "FULL", "FULL"]);
    expect(openingsAt(host)).toEqual(["vic"]);
    const [victims] = [...host.live.mempool.values()];
    host.live.mempool.delete(victims!.key);
    expect(cluster.handOver(host, flood[0]!)).toBe("ACCEPTED");
  });
});

const hex = (name: string): string => Buffer.from(idOf(name)).toString("hex");
const nameOf = (id: Uint8Array): string =>
  ["vic", "eve", "eva", "evi"].find((name) => hex(name) === Buffer.from(id).toString("hex")) ?? "";
