// An operation that only noble accepts is valid, and not taken in: in a leader's entry it would cost the others 2 ms each.
import { expect, test } from "vitest";
import { Counters } from "../../node/net/counters.js";
import { Gate } from "../../node/net/gate.js";
import type { Verdict } from "../../node/net/gate-port.js";
import { NETWORK_LIMITS } from "../../node/net/limits.js";
import { Topics } from "../../node/net/topics.js";
import { encodeOperation } from "../../src/market/index.js";
import { agent, World } from "../market/world.js";

function gate(isSlow: boolean) {
  const world = new World({ names: ["ann", "bob"] });
  const { network, params } = world.ledger;
  let kept = 0;
  const one = new Gate({
    ...network,
    topics: new Topics(network.chain, network.market),
    limits: NETWORK_LIMITS,
    handlers: {
      judgeOperation: () => ({ kind: "accept" }),
      judgeEvidence: () => "reject",
      judgeFinal: () => "reject",
      onOperation(_operation, _raw, _from, settle) {
        kept++;
        settle("kept");
      },
      onFinal: () => false,
    },
    verifier: {
      async verifyAsync(_key, _message, _signature, slowed) {
        if (isSlow) slowed?.();
        return "valid" as const;
      },
    },
    counters: new Counters(),
    maxValidityMs: params.maxValidityMs,
    wallMs: () => world.timeMs,
    steadyMs: () => 0,
    isShutOut: () => false,
  });
  const raw = encodeOperation(world.op("ann", { kind: "transfer", to: agent("bob"), amount: 1n }));
  const told = () =>
    new Promise<Verdict>((settle) => one.receive({ topic: "ops", raw, from: "peer", id: null }, settle));
  return { told, kept: () => kept };
}

test("what OpenSSL accepts is taken in", async () => {
  const { told, kept } = gate(false);
  expect(await told()).toEqual({ kind: "accept" });
  expect(kept()).toBe(1);
});

test("what only noble accepts is ignored, also when it comes again and its verdict is remembered", async () => {
  const { told, kept } = gate(true);
  expect(await told()).toEqual({ kind: "ignore", code: "ODD_SIGNATURE" });
  expect(await told()).toEqual({ kind: "ignore", code: "DUPLICATE" });
  expect(kept()).toBe(0);
});
