// Keys of agents come while a node runs: from then on it signs for them.
import { afterEach, expect, test } from "vitest";
import { agentKey } from "../../node/crypto/signer.js";
import { eventually } from "../e2e/eventually.js";
import { GRANT, HostedNetwork, seedOf } from "../e2e/network.js";

const networks: HostedNetwork[] = [];
afterEach(() => Promise.all(networks.splice(0).map((network) => network.stop())));

test("a running node takes a key, and acts for its agent at once", async () => {
  const network = await HostedNetwork.start({ name: "late key", seats: 1 });
  networks.push(network);
  const { front } = network;
  const key = agentKey(seedOf("an agent that came late"));
  const to = network.faucetAgent.publicKey;
  const payment = { kind: "transfer", from: key.publicKey, to, amount: 7n, fee: 3000n } as const;
  expect(await front.command(payment)).toMatchObject({ ok: false, refusal: { code: "KEY_NOT_HELD" } });
  const grant = { kind: "grant", from: to, to: key.publicKey, free: GRANT, stake: 0n } as const;
  expect((await front.command(grant)).ok).toBe(true);
  await eventually("the grant is in the log", () => front.peer.ledger.accountOf(key.publicKey) !== null);
  expect(await front.command({ kind: "holdAgent", key })).toMatchObject({ ok: true });
  expect(await front.command(payment)).toMatchObject({ ok: true, fee: 3000n });
  await eventually(
    "the payment is in the log",
    () => front.peer.ledger.accountOf(key.publicKey)!.free === GRANT - 7n - 3000n,
  );
});
