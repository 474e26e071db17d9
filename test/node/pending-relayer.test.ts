// What waits for state does not hang on whoever brought it first.
import { expect, test } from "vitest";
import { Counters } from "../../node/net/counters.js";
import { Gate } from "../../node/net/gate.js";
import type { Verdict } from "../../node/net/gate-port.js";
import { NETWORK_LIMITS } from "../../node/net/limits.js";
import type { StateVerdict } from "../../node/net/ports.js";
import { Topics } from "../../node/net/topics.js";
import { encodeOperation, signOperation } from "../../src/market/index.js";
import { idOf, keyOf, START_MS } from "../peer/cluster.js";

const network = { chain: new Uint8Array(32).fill(1), market: new Uint8Array(32).fill(2) };

function payment(nonce: number): Uint8Array {
  const authority = { nonce, fee: 1n, validUntilMs: START_MS + 1000 };
  const body = { kind: "transfer", to: idOf("bob"), amount: 1n } as const;
  return encodeOperation(signOperation(network, authority, body, keyOf("ann")));
}

test("an operation that waits is taken in when its state comes, though its relayer has used its rate up since", () => {
  let state: StateVerdict = { kind: "later", code: "ACCOUNT_UNKNOWN", grounded: false };
  const kept: Uint8Array[] = [];
  const gate = new Gate({
    ...network,
    topics: new Topics(network.chain, network.market),
    limits: { ...NETWORK_LIMITS, relayPerSecond: 0, relayBurst: 2 },
    handlers: {
      judgeOperation: () => state,
      judgeEvidence: () => "reject",
      judgeFinal: () => "reject",
      onOperation: (_, bytes, __, settle) => {
        kept.push(bytes);
        settle("kept");
      },
      onFinal: () => true,
    },
    verifier: { verifyAsync: () => "valid" },
    counters: new Counters(),
    maxValidityMs: 60_000,
    wallMs: () => START_MS,
    steadyMs: () => 0,
    isShutOut: () => false,
  });
  const told = (nonce: number, from: string): string[] => {
    const heard: string[] = [];
    const settle = (one: Verdict) => heard.push(one.kind === "accept" ? "ACCEPTED" : one.code);
    gate.receive({ topic: "ops", raw: payment(nonce), from, id: `of ${nonce}` }, settle);
    return heard;
  };
  const waiting = told(0, "evil");
  expect(told(0, "honest")).toEqual(["DUPLICATE"]);
  state = { kind: "accept" };
  expect(told(1, "evil")).toEqual(["ACCEPTED"]);
  expect(told(2, "evil")).toEqual(["RELAY_RATE"]);
  gate.recheck();
  expect(waiting).toEqual(["ACCOUNT_UNKNOWN", "ACCEPTED"]);
  expect(kept).toEqual([payment(1), payment(0)]);
});
