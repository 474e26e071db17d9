// Plans: keys, genesis, roles and links follow from the numbers alone.
import { describe, expect, test } from "vitest";
import { toHex } from "../../src/base/index.js";
import { chainOf, decodeGenesis, encodeGenesis, genesisMint } from "../../src/ledger/index.js";
import { dialPlan } from "../../testnet/dialling.js";
import { testnetGenesis } from "../../testnet/genesis.js";
import { planTestnet, sizeFault } from "../../testnet/plan.js";

const SIZE = { peers: 8, quorum: 7, agents: 12, seed: 1 };
const keysOf = (size: typeof SIZE): string[] =>
  planTestnet(size).agentPlans.map(({ key }) => toHex(key.publicKey));

describe("a plan", () => {
  test("one seed gives one set of keys, another seed another", () => {
    expect(keysOf(SIZE)).toEqual(keysOf(SIZE));
    expect(keysOf({ ...SIZE, seed: 2 })).not.toContain(keysOf(SIZE)[0]);
  });
  test("no key serves two purposes", () => {
    const plan = planTestnet(SIZE);
    const seeds = plan.peerPlans.flatMap(({ peerSeed, consensusSeed }) => [
      peerSeed,
      ...(consensusSeed ? [consensusSeed] : []),
    ]);
    const all = [...seeds, ...plan.agentPlans.map(({ keySeed }) => keySeed)].map(toHex);
    const publics = [plan.faucet].map(({ publicKey }) => toHex(publicKey));
    expect(new Set([...all, ...publics]).size).toBe(all.length + publics.length);
  });
  test("every peer has a guest for people, every seat a juror, and with traders there is one who sells and one who bids", () => {
    for (const agents of [0, 2, 3, 12, 40]) {
      const { agentPlans } = planTestnet({ ...SIZE, agents });
      const count = (role: string) => agentPlans.filter((agent) => agent.role === role).length;
      expect(count("guest")).toBe(SIZE.peers);
      expect(count("juror")).toBe(SIZE.quorum);
      expect(count("seller") + count("bidder")).toBe(agents);
      if (agents > 0) expect(Math.min(count("seller"), count("bidder"))).toBeGreaterThan(0);
    }
  });
  test.each([
    [{ ...SIZE, peers: 0 }, "peers"],
    [{ ...SIZE, peers: 1000 }, "peers"],
    [{ ...SIZE, quorum: 9 }, "quorum"],
    [{ ...SIZE, agents: 1 }, "agents"],
    [{ ...SIZE, seed: -1 }, "seed"],
    [{ ...SIZE, seed: 0.5 }, "seed"],
  ])("numbers that make no network are refused by name", (size, named) => {
    expect(sizeFault(size)).toMatch(named);
    expect(() => planTestnet(size)).toThrow(RangeError);
  });
});

describe("a genesis", () => {
  test("every size of network may start from it", () => {
    for (const size of [
      SIZE,
      { ...SIZE, peers: 1, quorum: 1 },
      { peers: 128, quorum: 128, agents: 256, seed: 9 },
    ]) {
      const genesis = testnetGenesis(planTestnet(size), 1_700_000_000_000);
      expect(decodeGenesis(encodeGenesis(genesis)).ok).toBe(true);
      expect(genesis.seats).toHaveLength(size.quorum);
      expect(genesisMint(genesis)).toBeGreaterThan(0n);
    }
  });
  test("two networks of one seed are two chains: old votes mean nothing in the new one", () => {
    const plan = planTestnet(SIZE);
    expect(chainOf(testnetGenesis(plan, 1000))).not.toEqual(chainOf(testnetGenesis(plan, 1001)));
    expect(chainOf(testnetGenesis(plan, 1000))).toEqual(chainOf(testnetGenesis(planTestnet(SIZE), 1000)));
  });
});

describe("dialling", () => {
  test.each([
    [1, 1],
    [8, 7],
    [16, 7],
    [50, 4],
  ])("%i peers with %i seats: members all meet, and everyone is reached", (peers, seats) => {
    const dials = dialPlan(peers, seats, 1);
    const among = dials.filter(({ from, to }) => from < seats && to < seats);
    expect(among).toHaveLength((seats * (seats - 1)) / 2);
    const reached = new Set([0]);
    // A peer dials earlier ones only, so one pass in order finds all.
    for (const { from, to } of dials) if (reached.has(to)) reached.add(from);
    expect(reached.size).toBe(peers);
    expect(new Set(dials.map(({ from, to }) => `${from}-${to}`)).size).toBe(dials.length);
  });
});
