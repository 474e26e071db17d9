// What a peer finds by its indices, beside what a walk over all that it holds would find.
import fc from "fast-check";
import { expect, it } from "vitest";
import { fromHex } from "../../src/base/index.js";
import {
  auctionOf,
  encodeOperation,
  isEnded,
  type Operation,
  type OperationBody,
  packEntry,
  selfProving,
  signOperation,
  staleness,
} from "../../src/market/index.js";
import type { Peer } from "../../src/peer/index.js";
import type { Waiting } from "../../src/peer/mempool.js";
import {
  encodeEvidence,
  MAX_ENTRY_OPS,
  MAX_ENTRY_OPS_BYTES,
  voteDigest,
  voteDomain,
  voteEvidence,
} from "../../src/quorum/index.js";
import { Cluster, FEE, type Host, idOf, keyOf } from "./cluster.js";

const NAMES = ["ann", "bob", "eve"];
const keysOf = (waiting: readonly Waiting[]): readonly string[] => waiting.map(({ key }) => key);

/** Of each operation that a walk would drop: why. */
const reasons = new Map<string, number>();
const looks = { late: 0, rested: 0 };

/** From now on each answer of the peer's indices is compared with a walk's. */
function watch(peer: Peer): void {
  const { mempool, custody, ledger, judgeEvidence } = peer;
  const all = (): readonly Waiting[] => [...mempool.values()];
  const limits = (timeMs: number, inFlight: readonly Operation[]) => ({
    timeMs,
    executedMs: peer.tip.timeMs,
    maxOps: MAX_ENTRY_OPS,
    maxBytes: MAX_ENTRY_OPS_BYTES,
    inFlight,
    judgeEvidence,
  });
  const real = {
    doubtful: mempool.doubtful.bind(mempool),
    inTurn: mempool.inTurn.bind(mempool),
    ownInTurn: mempool.ownInTurn.bind(mempool),
    toLookAt: custody.toLookAt.bind(custody),
  };
  mempool.doubtful = (moved) => {
    const isStale = ({ operation }: Waiting): boolean => {
      const code = staleness(ledger, operation, moved.timeMs, judgeEvidence);
      if (code !== null) reasons.set(code, (reasons.get(code) ?? 0) + 1);
      return code !== null;
    };
    const walk = keysOf(all().filter(isStale));
    const found = real.doubtful(moved);
    expect(keysOf(found.filter(isStale))).toEqual(walk);
    return found;
  };
  mempool.inTurn = (ahead = []) => {
    const found = real.inTurn(ahead);
    const at = limits(peer.tip.timeMs + 1, ahead);
    expect(keysOf(packEntry(found, ledger, at))).toEqual(keysOf(packEntry(all(), ledger, at)));
    return found;
  };
  mempool.ownInTurn = () => {
    const found = real.ownInTurn();
    const couldBe = (one: Waiting): boolean =>
      packEntry([one], ledger, limits(peer.tip.timeMs, [])).length > 0;
    const walk = all().filter((one) => one.own && one.account !== null && couldBe(one));
    looks.late += walk.length;
    expect(keysOf(found.filter(couldBe))).toEqual(keysOf(walk));
    return found;
  };
  custody.toLookAt = () => {
    const found = real.toLookAt();
    for (const id of custody.auctions().filter((one) => !found.includes(one))) {
      const auction = auctionOf(ledger, fromHex(id)!);
      const isAtRest = auction === null || !(peer.conduct.mayOpenBids(auction, 0) || isEnded(auction.phase));
      expect(isAtRest, id).toBe(true);
      looks.rested++;
    }
    return found;
  };
}

/** Evidence that the only seat has acknowledged two entries in a term. */
function evidenceOf({ ledger, electorate }: Peer, term: number): Operation {
  const { chain, market } = ledger.network;
  const key = keyOf("seat 0");
  const ack = (byte: number) => {
    const entryId = new Uint8Array(32).fill(byte);
    const sig = key.sign(voteDigest(voteDomain(electorate, chain, market), "ack", term, entryId));
    return { type: "ack", epoch: 0, setHash: electorate.setHash, term, entryId, signer: 0, sig } as const;
  };
  const evidence = encodeEvidence(voteEvidence(ack(1), ack(2))!);
  return selfProving(ledger.network, { kind: "evidence", evidence });
}

const action = fc.record({
  what: fc.constantFrom("bring", "bring", "bring", "bring", "sell", "bid", "open", "accuse", "run", "run"),
  where: fc.nat(1),
  name: fc.constantFrom(...NAMES),
  ahead: fc.integer({ min: -1, max: 3 }),
  body: fc.nat(2),
  fee: fc.nat(3),
  validMs: fc.constantFrom(150, 900, 60_000),
  isOwn: fc.boolean(),
  amount: fc.integer({ min: 1, max: 1000 }),
});
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;

function act(
  cluster: Cluster,
  { what, where, name, ahead, body, fee, validMs, isOwn, amount }: Action,
): void {
  const host: Host = cluster.host(where);
  const { ledger, mempool } = host.live;
  const auctions = [...ledger.tree.keys()].filter((key) => key.startsWith("auction/")).sort();
  const auction = fromHex(auctions.at(-1)?.slice("auction/".length) ?? "00".repeat(32))!;
  const take = (operation: Operation): void => {
    mempool.add(operation, encodeOperation(operation), cluster.nowMs, isOwn);
  };
  if (what === "run") cluster.run(validMs > 1000 ? 2500 : validMs);
  else if (what === "accuse") take(evidenceOf(host.live, amount));
  else if (what === "open") {
    const bid = { amount: BigInt(amount), units: null };
    const [bidder, salt] = [idOf(name), new Uint8Array(32)];
    take(selfProving(ledger.network, { kind: "reveal", auction, bidder, bid, salt }));
  } else if (what === "sell") {
    cluster.command(cluster.host(0), {
      kind: "createAuction",
      from: idOf("sue"),
      format: { kind: "vickrey" },
      direction: "sell",
      lot: { capability: "gpu", units: 1, fromMs: null, toMs: null },
      reserve: 0n,
      lockups: [1000n],
      startInMs: ahead > 1 ? 500 : 0,
      commitMs: 500,
      revealMs: 1200,
      hiddenReserve: ahead > 2 ? 500n : null,
      standingWeight: null,
      deliverMs: 0,
      settleMs: 0,
      value: null,
      bond: 1000n,
    });
  } else if (what === "bid") {
    const from = idOf(isOwn ? "tom" : "una");
    const delayMs = validMs > 1000 ? 0 : validMs;
    const wish = { from, auction, amount: BigInt(amount), units: null, lockup: null, delayMs } as const;
    cluster.command(cluster.host(1), { kind: "placeBid", ...wish });
  } else {
    const bodies: readonly OperationBody[] = [
      { kind: "transfer", to: idOf("sue"), amount: BigInt(amount) },
      { kind: "cancel", auction },
      { kind: "commit", auction, commitment: auction, lockup: 1000n, recovery: new Uint8Array(96) },
    ];
    const lane = body === 2 ? "critical" : "bulk";
    const next = ledger.accountOf(idOf(name))?.nonces[lane] ?? 0;
    const nonce = Math.max(0, next + ahead);
    const authority = { nonce, fee: FEE << BigInt(fee), validUntilMs: cluster.nowMs + validMs };
    take(signOperation(ledger.network, authority, bodies[body]!, keyOf(name)));
  }
}

it("what waits, is owed and is held is found by index as by a walk, whatever comes and goes", () => {
  fc.assert(
    fc.property(fc.array(action, { minLength: 20, maxLength: 60 }), (actions) => {
      const cluster = new Cluster({ agents: [["sue"], ["tom", "una"]], seats: 1, funded: NAMES });
      for (const { live } of cluster.hosts) watch(live);
      for (const one of actions) act(cluster, one);
      cluster.run(6000);
    }),
    { numRuns: 40 },
  );
  expect([...reasons.keys()].sort()).toEqual(
    expect.arrayContaining(["EXPIRED", "NONCE_NOT_NEXT", "REVEAL_TOO_LATE"]),
  );
  expect([...reasons.keys()].some((code) => /SLASH|EVIDENCE/.test(code))).toBe(true);
  expect(Math.min(...Object.values(looks))).toBeGreaterThan(0);
});
