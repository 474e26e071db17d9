// Custody: an agent's secrets are on disk before anything of them is heard, and open in time whatever is lost.
import { describe, expect, it } from "vitest";
import { type Bytes, equalBytes, toHex } from "../../../src/base/index.js";
import {
  type AuctionId,
  type BodyOf,
  commitOf,
  encodeOperation,
  type OperationKind,
  signOperation,
} from "../../../src/market/index.js";
import { OPENING_PREFIX, OPERATION_PREFIX, RESERVE_PREFIX, type Ready } from "../../../src/peer/index.js";
import {
  bidding,
  Cluster,
  creation,
  ended,
  FEE,
  type Host,
  idOf,
  keyOf,
  opened,
  operationsIn,
  phaseAt,
  placed,
  type Step,
} from "../cluster.js";

const bodies = <K extends OperationKind>(ready: Pick<Ready, "send">, kind: K): BodyOf<K>[] =>
  operationsIn(ready.send).flatMap(({ body }) => (body.kind === kind ? [body as BodyOf<K>] : []));

/** Checks, at every batch of a host, that what opens an own commit is on its disk before the commit is sent. */
function watchCustody(host: Host): { commits: number } {
  const seen = { commits: 0 };
  host.onBatch = ({ ready }: Step) => {
    for (const { authority, body } of operationsIn(ready.send)) {
      const agent = host.agents.find((name) => authority !== null && equalBytes(authority.from, idOf(name)));
      if (body.kind !== "commit" || agent === undefined) continue;
      const prefix = `${OPENING_PREFIX}${toHex(body.auction)}/${toHex(idOf(agent))}/`;
      expect([...host.rows.keys()].some((key) => key.startsWith(prefix))).toBe(true);
      seen.commits++;
    }
  };
  return seen;
}

function won(cluster: Cluster, auction: AuctionId, winner: string, price: bigint): void {
  expect(ended(cluster, auction).phase).toMatchObject({ kind: "done", clearingPrice: price });
  expect(commitOf(cluster.host(0).live.ledger, auction, idOf(winner))?.award?.pays).toBe(price);
}

/** One seat that keeps the sellers, and a follower that keeps the bidder. */
const duel = () => new Cluster({ agents: [["sue", "bob"], ["ann"]], seats: 1 });

const isOpening = (key: string): boolean => key.startsWith(OPENING_PREFIX);
const openings = (host: Host): string[] => [...host.rows.keys()].filter(isOpening);
const inReveal = (cluster: Cluster, host: Host, auction: AuctionId): void =>
  void expect(cluster.run(10_000, () => phaseAt(host, auction) === "reveal")).toBe(true);

describe("custody", () => {
  it("the opening is on disk before its commit is sent, at once and after a delay", () => {
    const cluster = new Cluster({ agents: [["sue"], ["ann"], ["bob"], []] });
    const watched = cluster.hosts.map(watchCustody);
    const auction = opened(cluster, "sue");
    placed(cluster, "ann", auction, 500n);
    placed(cluster, "bob", auction, 300n, 400);
    won(cluster, auction, "ann", 300n);
    expect(watched.map(({ commits }) => commits > 0)).toEqual([false, true, true, false]);
  });

  it("a delayed bid is published when its delay is over, and not before", () => {
    const cluster = duel();
    const ann = cluster.homeOf("ann");
    const auction = opened(cluster, "sue", { commitMs: 5000 });
    const fromMs = cluster.nowMs;
    placed(cluster, "ann", auction, 500n, 700);
    const first = () => ann.steps.find(({ ready }) => bodies(ready, "commit").length > 0);
    cluster.run(699);
    expect(first()).toBeUndefined();
    cluster.run(100);
    expect(first()?.event.nowMs).toBe(fromMs + 700);
  });

  it("a delay longer than the window still publishes in time", () => {
    const cluster = duel();
    const auction = opened(cluster, "sue");
    placed(cluster, "ann", auction, 500n, 2 ** 40);
    won(cluster, auction, "ann", 10n);
  });

  it("killed between placing and publishing, the rows alone publish in time", () => {
    const cluster = duel();
    const ann = cluster.homeOf("ann");
    const auction = opened(cluster, "sue", { commitMs: 3000 });
    placed(cluster, "ann", auction, 500n, 1500);
    cluster.run(300);
    cluster.crash(ann);
    cluster.run(300);
    cluster.restart(ann);
    won(cluster, auction, "ann", 10n);
  });

  it("killed between commit and reveal, the rows alone reveal", () => {
    const cluster = duel();
    const ann = cluster.homeOf("ann");
    const auction = opened(cluster, "sue");
    placed(cluster, "ann", auction, 500n);
    cluster.run(300);
    cluster.crash(ann);
    inReveal(cluster, cluster.host(0), auction);
    cluster.restart(ann);
    won(cluster, auction, "ann", 10n);
  });

  it("with the agent's key alone, what the log holds is found and revealed", () => {
    const cluster = duel();
    const ann = cluster.homeOf("ann");
    const auction = opened(cluster, "sue", { revealMs: 5000 });
    placed(cluster, "ann", auction, 400n);
    placed(cluster, "ann", auction, 500n);
    cluster.run(300);
    cluster.restart(ann, () => false);
    expect(ann.live.tip.height).toBe(0);
    won(cluster, auction, "ann", 10n);
  });

  it("of replaced bids the last one is opened, and no other leaves the peer", () => {
    const cluster = duel();
    const auction = opened(cluster, "sue", { commitMs: 2000 });
    for (const amount of [500n, 900n, 700n]) {
      placed(cluster, "ann", auction, amount);
      cluster.run(100);
    }
    won(cluster, auction, "ann", 10n);
    const shown = bodies({ send: cluster.homeOf("ann").sent }, "reveal");
    expect(new Set(shown.map(({ bid }) => bid.amount))).toEqual(new Set([700n]));
  });

  it("a later bid takes the place of one whose delay still runs", () => {
    const cluster = duel();
    const ann = cluster.homeOf("ann");
    const auction = opened(cluster, "sue", { commitMs: 3000 });
    placed(cluster, "ann", auction, 900n, 2000);
    placed(cluster, "ann", auction, 200n, 100);
    expect(openings(ann)).toHaveLength(1);
    ended(cluster, auction);
    const shown = bodies({ send: ann.sent }, "reveal");
    expect(new Set(shown.map(({ bid }) => bid.amount))).toEqual(new Set([200n]));
    expect(bodies({ send: ann.sent }, "commit").every((one) => equalBytes(one.auction, auction))).toBe(true);
  });

  it("one agent bids in two auctions at once", () => {
    const cluster = duel();
    const [first, second] = [opened(cluster, "sue"), opened(cluster, "bob")];
    placed(cluster, "ann", first, 500n);
    placed(cluster, "ann", second, 600n);
    won(cluster, first, "ann", 10n);
    won(cluster, second, "ann", 10n);
  });

  it("a bid for a scheduled auction is published when bids open", () => {
    const cluster = duel();
    const ann = cluster.homeOf("ann");
    const auction = opened(cluster, "sue", { startInMs: 1500 }, "scheduled");
    const result = cluster.command(ann, bidding("ann", auction, 500n));
    expect(result).toMatchObject({ ok: true, operation: null, auction });
    cluster.run(1000);
    expect(bodies({ send: ann.sent }, "commit")).toEqual([]);
    won(cluster, auction, "ann", 10n);
  });

  it("a hidden reserve is opened by its seller's peer, also after a restart", () => {
    for (const restarts of [false, true]) {
      const cluster = duel();
      const sue = cluster.homeOf("sue");
      const auction = opened(cluster, "sue", { hiddenReserve: 450n, bond: 1_000_000n });
      placed(cluster, "ann", auction, 500n);
      cluster.run(300);
      if (restarts) cluster.restart(sue);
      won(cluster, auction, "ann", 450n);
      expect(ended(cluster, auction).openedReserve).toBe(450n);
    }
  });

  it("the hidden reserve is in the batch that posts its auction", () => {
    const cluster = duel();
    const sue = cluster.homeOf("sue");
    cluster.command(sue, creation("sue", { hiddenReserve: 450n, bond: 1_000_000n }));
    const keys = sue.steps.at(-1)!.ready.persist.flatMap((one) => (one.kind === "put" ? [one.key] : []));
    expect(keys.some((key) => key.startsWith(RESERVE_PREFIX))).toBe(true);
    expect(bodies(sue.steps.at(-1)!.ready, "createAuction")).toHaveLength(1);
  });

  it("a hidden reserve is forgotten when its auction comes to nothing", () => {
    const cluster = new Cluster({ agents: [["bob"], ["sue"]], seats: 1 });
    const sue = cluster.host(1);
    const held = () => [...sue.rows.keys()].filter((key) => key.startsWith(RESERVE_PREFIX)).length;
    opened(cluster, "sue", { hiddenReserve: 450n, bond: 1_000_000n });
    expect(held()).toBe(1);
    cluster.loses = (from, _, carriesOperation) => from === sue && carriesOperation;
    const made = cluster.command(sue, creation("sue", { hiddenReserve: 460n, bond: 1_000_000n }));
    expect([made.ok, held()]).toEqual([true, 2]);
    // Another program with the key pays more for the same nonce: the auction never comes to be.
    const { network } = sue.live.ledger;
    const authority = { nonce: 1, fee: 2n * FEE, validUntilMs: cluster.nowMs + 60_000 };
    const gift = { kind: "transfer", to: idOf("bob"), amount: 1n } as const;
    const bytes = encodeOperation(signOperation(network, authority, gift, keyOf("sue")));
    expect(cluster.command(sue, { kind: "submit", bytes }).ok).toBe(true);
    expect(held(), "what was replaced here may still be included elsewhere").toBe(2);
    expect(sue.live.mempool.size).toBe(1);
    expect(cluster.command(cluster.host(0), { kind: "submit", bytes }).ok).toBe(true);
    cluster.run(500);
    expect(sue.live.ledger.accountOf(idOf("sue"))!.nonces.bulk).toBe(2);
    expect(held()).toBe(1);
  });

  it("what is over leaves custody and the outbox, in memory and on disk", () => {
    const cluster = duel();
    const auction = opened(cluster, "sue", { hiddenReserve: 450n, bond: 1_000_000n });
    placed(cluster, "ann", auction, 500n);
    ended(cluster, auction);
    cluster.run(1000);
    for (const host of cluster.hosts) {
      expect(host.live.custody.auctions()).toEqual([]);
      expect(host.live.mempool.size).toBe(0);
      expect(host.live.outbox.wakeAt).toBeNull();
      const own = [OPENING_PREFIX, RESERVE_PREFIX, OPERATION_PREFIX];
      expect([...host.rows.keys()].filter((key) => own.some((prefix) => key.startsWith(prefix)))).toEqual([]);
    }
  });

  it("a bid whose agent has left the peer harms nobody, and is opened if it was published", () => {
    const cluster = duel();
    const ann = cluster.homeOf("ann");
    const [first, second] = [
      opened(cluster, "sue", { commitMs: 3000 }),
      opened(cluster, "bob", { commitMs: 3000 }),
    ];
    placed(cluster, "ann", first, 500n);
    placed(cluster, "ann", second, 500n, 1000);
    cluster.run(200);
    (ann.agents as string[]).pop();
    cluster.restart(ann);
    won(cluster, first, "ann", 10n);
    expect(ended(cluster, second).phase.kind).toBe("unsold");
  });

  it("the 65th bid of an agent in an auction is refused: a key alone could not find it again", () => {
    const cluster = new Cluster({ agents: [["sue", "ann"]], params: { minCommitMs: 500 } });
    const auction = opened(cluster, "sue", { commitMs: 100_000 });
    for (let i = 0; i < 64; i++) {
      placed(cluster, "ann", auction, 500n + BigInt(i));
      cluster.run(50);
    }
    const result = cluster.command(cluster.host(0), bidding("ann", auction, 900n));
    expect(result).toMatchObject({ ok: false, refusal: { code: "TOO_MANY_BIDS" } });
    expect(cluster.host(0).steps.at(-1)!.ready).toMatchObject({ persist: [], send: [] });
  });
});

describe("secrecy", () => {
  it("no reveal leaves a peer, and no amount is told, before the close of the commit phase is final there", () => {
    for (const delayMs of [1, 60]) {
      const cluster = new Cluster({
        agents: [["sue"], ["ann"], ["bob"], ["eve"], ["fay"]],
        seats: 4,
        delayMs,
      });
      const closed = new Set<Host>();
      const early: unknown[] = [];
      let auction: AuctionId | null = null;
      for (const host of cluster.hosts) {
        host.onBatch = ({ ready }) => {
          if (auction !== null && ["reveal", "done"].includes(phaseAt(host, auction) ?? "")) closed.add(host);
          if (closed.has(host)) return;
          early.push(...bodies(ready, "reveal"), ...bodies(ready, "openReserve"));
          early.push(
            ...ready.notify.filter(({ kind }) => kind === "bidRevealed" || kind === "auctionSettled"),
          );
        };
      }
      auction = opened(cluster, "sue", { hiddenReserve: 120n, bond: 1_000_000n });
      const secrets = [501n, 502n, 503n, 504n];
      for (const [i, bidder] of ["ann", "bob", "eve", "fay"].entries())
        placed(cluster, bidder, auction, secrets[i]!, 50 * i);
      won(cluster, auction, "fay", 503n);
      expect(early).toEqual([]);
      expect(closed.size).toBe(5);
    }
  });

  it("before the close no notice names what was bid", () => {
    const cluster = duel();
    const auction = opened(cluster, "sue");
    placed(cluster, "ann", auction, 777_123n);
    cluster.run(400);
    const text = (value: unknown): string =>
      JSON.stringify(value, (_, one) =>
        typeof one === "bigint" ? `${one}n` : one instanceof Uint8Array ? toHex(one as Bytes) : one,
      );
    const told = cluster.hosts.flatMap((host) => host.notices);
    expect(told.some(({ kind }) => kind === "bidCommitted")).toBe(true);
    expect(text(told)).not.toContain("777123");
    ended(cluster, auction);
    expect(text(cluster.hosts.map((host) => host.notices))).toContain("777123");
  });
});
