// Restarts at any moment of any work: the peer goes on as one that never stopped, with all that it has promised.
import fc from "fast-check";
import { expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import { AUCTIONS, type AuctionId } from "../../src/market/index.js";
import {
  HISTORY_PREFIX,
  historyRows,
  OPENING_PREFIX,
  OPERATION_PREFIX,
  OWN_HISTORY_PREFIX,
  RESERVE_PREFIX,
} from "../../src/peer/index.js";
import { ownWitnessKey, witnessKey } from "../../src/peer/keyspace.js";
import { bidding, Cluster, creation, type Host, idOf } from "./cluster.js";
import { rebuilt } from "./rebuilt.js";

const SELLERS = ["sue", "ann"];
const BIDDERS = ["ann", "bob", "cat"];

const wish = fc.record({
  kind: fc.constantFrom(
    "create",
    "create",
    "bid",
    "bid",
    "bid",
    "bid",
    "cancel",
    "transfer",
    "restart",
    "restart",
  ),
  who: fc.nat(2),
  which: fc.nat(3),
  amount: fc.bigInt(1n, 2000n),
  waitMs: fc.constantFrom(0, 5, 40, 40, 300),
});
const works = fc.array(wish, { minLength: 15, maxLength: 30 });

const rowsOf = ({ rows }: Host, ...prefixes: string[]): string[] =>
  [...rows]
    .filter(([key]) => prefixes.some((prefix) => key.startsWith(prefix)))
    .map(([key, value]) => `${key}=${toHex(value)}`)
    .sort();

const linesOf = (rows: ReadonlyMap<string, Uint8Array>): string[] =>
  [...rows].map(([key, value]) => `${key}=${toHex(value)}`).sort();

it("a peer that restarts again and again opens what it sealed, and keeps the history that another keeps and the log makes again", () => {
  let restarts = 0;
  let opened = 0;
  let prices = 0;
  fc.assert(
    fc.property(works, (work) => {
      // The third host holds the same agents, is told nothing, and never stops.
      const cluster = new Cluster({
        agents: [[], ["sue", "ann", "bob", "cat"], ["sue", "ann", "bob", "cat"]],
        seats: 1,
      });
      const [seat, own, mirror] = [0, 1, 2].map((index) => cluster.host(index)) as [Host, Host, Host];
      const auctions: AuctionId[] = [];
      cluster.run(200);
      for (const { kind, who, which, amount, waitMs } of work) {
        const auction = auctions[which % Math.max(1, auctions.length)];
        if (kind === "restart") {
          restarts++;
          cluster.restart(who === 0 ? seat : own);
        } else if (kind === "create") {
          const hiddenReserve = amount % 2n === 0n ? 500n : null;
          const bond = hiddenReserve === null ? 0n : 1_000_000n;
          const result = cluster.command(
            own,
            creation(SELLERS[who % 2]!, {
              commitMs: 2000,
              startInMs: which === 0 ? 400 : 0,
              hiddenReserve,
              bond,
            }),
          );
          if (result.ok) auctions.push(result.auction!);
        } else if (kind === "transfer") {
          cluster.command(own, { kind: "transfer", from: idOf("bob"), to: idOf("cat"), amount });
        } else if (auction !== undefined && kind === "cancel") {
          cluster.command(own, { kind: "cancelAuction", from: idOf(SELLERS[who % 2]!), auction });
        } else if (auction !== undefined) {
          cluster.command(own, bidding(BIDDERS[who]!, auction, amount, { delayMs: waitMs === 40 ? 600 : 0 }));
        }
        cluster.run(waitMs);
      }
      cluster.run(20_000);
      const { ledger, tip, witnesses, mempool } = own.live;
      expect(toHex(tip.root)).toBe(toHex(seat.live.tip.root));
      expect(rowsOf(own, OWN_HISTORY_PREFIX)).toEqual(rowsOf(mirror, OWN_HISTORY_PREFIX));
      const histories = [HISTORY_PREFIX, OWN_HISTORY_PREFIX];
      expect(rowsOf(seat, HISTORY_PREFIX)).toEqual(rowsOf(mirror, HISTORY_PREFIX));
      expect(rowsOf(own, ...histories)).toEqual(linesOf(rebuilt(own)));
      prices += rowsOf(own, historyRows("price")).length;
      expect([rowsOf(own, OPENING_PREFIX, RESERVE_PREFIX, OPERATION_PREFIX), mempool.size]).toEqual([[], 0]);
      expect([witnesses.auctions(), seat.live.witnesses.auctions()]).toEqual([[], []]);
      for (const { id, commits, reveals, openedReserve, terms } of ledger.table(AUCTIONS).values()) {
        expect([toHex(id), reveals]).toEqual([toHex(id), commits]);
        expect([seat.rows.has(witnessKey(toHex(id))), own.rows.has(ownWitnessKey(toHex(id)))]).toEqual([
          true,
          true,
        ]);
        expect(openedReserve !== null).toBe(terms.reserveHash !== null);
        opened += reveals;
      }
    }),
    { numRuns: 8, seed: 20_261_125, endOnFailure: true },
  );
  expect(restarts).toBeGreaterThan(20);
  expect(opened).toBeGreaterThan(10);
  expect(prices).toBeGreaterThan(3);
});
