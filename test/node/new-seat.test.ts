// A new seat's guard: whoever made the key may begin, even alone; whoever lost something may not (PROTOCOL §1.10).
// Scenario 7 of spec/scenarios.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { beginSeat } from "../../node/new-seat.js";
import type { PeerNode } from "../../node/peer-node.js";
import { openStore } from "../../node/store/level-store.js";
import { eventually } from "../e2e/eventually.js";
import { HostedNetwork } from "../e2e/network.js";
import { testFolder } from "./folder.js";

const networks: HostedNetwork[] = [];
afterEach(() => Promise.all(networks.splice(0).map((network) => network.stop())));

/** A lone seat that is told nothing of its past, over a folder that begins with a new seat's guard. */
async function loneSeat(home: string): Promise<{ network: HostedNetwork; seat: PeerNode }> {
  await beginSeat(join(home, "store"));
  const network = await HostedNetwork.start({
    name: "alone",
    seats: 1,
    node: () => ({ home, fresh: false }),
  });
  networks.push(network);
  return { network, seat: network.front };
}

/** Starts the seat again after `damage`, and returns why it signs nothing, or null once it finalises. */
async function afterDamage(damage: (store: string) => Promise<unknown>): Promise<string | null> {
  const home = await testFolder();
  const { network, seat } = await loneSeat(home);
  const { height } = seat.peer.tip;
  await seat.stop();
  await damage(join(home, "store"));
  const again = await network.open(0, { home, fresh: false });
  network.nodes[0] = again;
  return eventually("it signs, or says why not", () => {
    if (again.peer.halted !== null) return { why: again.peer.halted };
    return again.peer.tip.height > height && { why: null };
  }).then(({ why }) => why);
}

test("a lone seat whose folder has a new seat's guard begins, and goes on after a restart", async () => {
  expect(await afterDamage(async () => undefined)).toBeNull();
});

test("once it has signed, lost rows, a lost guard or both mean amnesia as ever", async () => {
  const lost = (name: string) => (store: string) => rm(join(store, name), { recursive: true });
  expect(await afterDamage(lost("rows"))).toBe("amnesia");
  expect(await afterDamage(lost("votes.guard"))).toBe("amnesia");
  expect(await afterDamage(lost(""))).toBe("amnesia");
});

test("a guard that is there is never replaced", async () => {
  const store = await testFolder();
  expect(await beginSeat(store)).toBe(true);
  const before = await guardOf(store);
  expect(await beginSeat(store)).toBe(false);
  expect(await guardOf(store)).toEqual(before);
});

async function guardOf(path: string) {
  const store = await openStore(path);
  const guard = store.guard();
  await store.close();
  return guard;
}
