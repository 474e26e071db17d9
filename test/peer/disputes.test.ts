// A dispute that waits here has promised its bond: a peer grants no wish twice (ADR 0030).
import { expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import type { Operation } from "../../src/market/index.js";
import { promisedFunds } from "../../src/peer/funds.js";
import type { Peer } from "../../src/peer/state.js";
import { CREDIT, deliveredTrade, EVIDENCE, tradingWorld } from "../market/disputed.js";
import { agent, FEE } from "../market/world.js";

it("counts the bond of a dispute that waits, and nothing for a vote", () => {
  const world = tradingWorld();
  const trades = [deliveredTrade(world), deliveredTrade(world)] as const;
  const dispute = (trade: Uint8Array, bond: bigint) =>
    ({ kind: "dispute", trade, evidence: EVIDENCE, bond }) as const;
  const waiting = (...operations: Operation[]) =>
    ({
      ledger: world.ledger,
      tip: { timeMs: world.timeMs },
      mempool: { of: () => operations.map((operation) => ({ operation })) },
      custody: { unpublishedOf: () => [] },
    }) as unknown as Peer;
  const account = toHex(agent("buyer"));
  const free = world.free("buyer");
  const wish = (bond: bigint) => ({ account, fee: FEE, body: dispute(trades[1], bond), auction: null });
  const first = world.op("buyer", dispute(trades[0], 100n * CREDIT));
  expect(promisedFunds(waiting(), wish(free - FEE))).toBeNull();
  expect(promisedFunds(waiting(), wish(free - FEE + 1n))?.code).toBe("FUNDS_TOO_LOW");
  const left = free - 100n * CREDIT - FEE;
  expect(promisedFunds(waiting(first), wish(left - FEE))).toBeNull();
  expect(promisedFunds(waiting(first), wish(left - FEE + 1n))).toMatchObject({
    code: "FUNDS_TOO_LOW",
    detail: { promised: (100n * CREDIT + FEE).toString() },
  });
  const vote = world.op("buyer", { kind: "verdict", trade: trades[0], share: 1 });
  expect(promisedFunds(waiting(vote), wish(free - 2n * FEE))).toBeNull();
});
