// What state says of an operation, as the gate hears it: a relayer is to blame for what it could have seen itself, and for no more.
import { expect, test } from "vitest";
import { gateHandlers } from "../../node/network-handlers.js";
import type { Operation } from "../../src/market/index.js";
import { Cluster, idOf, verifier } from "../peer/cluster.js";
import { transfer } from "./net-fixture.js";

const cluster = new Cluster({ agents: [["sue"], [], [], []], seats: 4 });
const peer = cluster.host(1).live;
const { judgeOperation } = gateHandlers({
  peer,
  driver: { offer: () => true },
  nowMs: () => cluster.nowMs,
  verifier,
});
const { minFee } = peer.ledger.params;
const known = cluster.host(0).live;

/** An operation of sue's, but for the change. */
function verdictOn(change: Partial<Operation>, authority: Partial<NonNullable<Operation["authority"]>> = {}) {
  const plain = transfer(0);
  const from = known.agents.values().next().value!.publicKey;
  const signed = {
    ...plain.authority!,
    from,
    fee: minFee,
    validUntilMs: cluster.nowMs + 60_000,
    ...authority,
  };
  const operation: Operation = { ...plain, ...peer.ledger.network, authority: signed, ...change };
  const verdict = judgeOperation(operation, new Uint8Array());
  return [verdict.kind, "code" in verdict ? verdict.code : null];
}

test.each<[string, Parameters<typeof verdictOn>, readonly [string, string | null]]>([
  ["with the least fee", [{}], ["accept", null]],
  ["with less", [{}, { fee: minFee - 1n }], ["reject", "FEE_BELOW_MINIMUM"]],
  ["of another chain", [{ chain: idOf("another") }], ["reject", "WRONG_CHAIN"]],
  ["of another market", [{ market: idOf("another") }], ["reject", "WRONG_MARKET"]],
  ["that has expired by this clock", [{}, { validUntilMs: 1 }], ["ignore", "EXPIRED"]],
  ["of nobody's account", [{}, { from: idOf("nobody") }], ["later", "ACCOUNT_UNKNOWN"]],
])("an operation %s", (_what, asked, verdict) => {
  expect(verdictOn(...asked)).toEqual(verdict);
});
