// Four members that trade while somebody floods them: how much becomes final, and at what cost.
import { setTimeout as pause } from "node:timers/promises";
import { toHex } from "../../../src/base/index.js";
import { networkOf } from "../../../src/ledger/index.js";
import { type AuctionId, DEFAULT_FORMAT, PAID_AT_ONCE } from "../../../src/market/index.js";
import type { FloodTarget } from "../../lab/attack/flood.js";
import type { PlannedAgent } from "../../plan.js";
import { createTestnet, type Testnet } from "../../testnet.js";
import { type Cost, costOf, type Granted, grantedSoFar } from "../cost.js";

const CREDIT = 1_000_000n;
const SEATS = 4;
/** The last is the agent in whose name the forgeries are, and the two before it trade in auctions only. */
export const AGENTS = 163;
/** Less than admission lets an author relay (5 per s), or its operations would be delayed undisturbed as well. */
const EVERY_MS = 250;

export interface Traded extends Cost, Granted {
  /** operations that became final */
  readonly operations: number;
  readonly rssBytes: number;
}

export interface TargetState {
  readonly heights: readonly number[];
  readonly roots: readonly string[];
  readonly connections: readonly number[];
  /** of all members, added up */
  readonly counters: Readonly<Record<string, number>>;
  readonly rssBytes: number;
  /** what is still in use, of JavaScript's memory and buffers; after a collection, where `--expose-gc` allows one */
  readonly heldBytes: number;
  readonly cpuMs: number;
}

export async function open() {
  const testnet = await createTestnet({ peers: SEATS, quorum: SEATS, agents: AGENTS });
  return {
    jobs: {
      async target(_: null): Promise<FloodTarget> {
        const { chain, market } = networkOf(testnet.genesis);
        const addresses = testnet.peers.map((peer) => peer.multiaddrs()[0]!);
        const victim = testnet.plan.agentPlans[AGENTS - 1]!.key.publicKey;
        return { addresses, chain: toHex(chain), market: toHex(market), victim: toHex(victim), nonce: 0 };
      },
      trade: ({ ms, clients }: { readonly ms: number; readonly clients: number }) =>
        trade(testnet, ms, clients),
      transfers: ({ clients, each }: { readonly clients: number; readonly each: number }) =>
        transfers(testnet, clients, each),
      auction: (_: null) => auction(testnet),
      state: async (_: null): Promise<TargetState> => stateOf(testnet),
    },
    close: () => testnet.stop(),
  };
}

/**
 * Operations that became final per second in which the members' thread ran, or had nothing to do. Of the time in which
 * it was ready and other processes had the core, be it the attacker's or anybody's on a busy machine, nothing is said.
 */
export const finalPerSecond = ({ operations, wallMs, heldUpMs }: Traded): number =>
  (operations * 1000) / (wallMs - heldUpMs);

/** Clients that each transfer a little, wait until that is final, and transfer again. They begin one after the other. */
async function trade(testnet: Testnet, ms: number, clients: number): Promise<Traded> {
  let operations = 0;
  const untilMs = performance.now() + ms;
  const client = async (agent: PlannedAgent, place: number): Promise<void> => {
    await pause((place * EVERY_MS) / clients);
    while (performance.now() < untilMs) {
      const nextMs = performance.now() + EVERY_MS;
      if (await transferred(testnet, agent, untilMs)) operations++;
      await pause(Math.max(0, nextMs - performance.now()));
    }
  };
  const before = grantedSoFar();
  const cost = await costOf(async () => {
    await Promise.all(testnet.plan.agentPlans.slice(0, clients).map(client));
  });
  const after = grantedSoFar();
  const ranMs = after === null || before === null ? cost.cpuMs : after.ranMs - before.ranMs;
  const heldUpMs = after === null || before === null ? 0 : after.heldUpMs - before.heldUpMs;
  return { ...cost, ranMs, heldUpMs, operations, rssBytes: process.memoryUsage().rss };
}

/**
 * So many transfers of each client, one after the other, however long that takes.
 * @returns how many became final, which is all of them, or those whose client was not refused
 */
async function transfers(testnet: Testnet, clients: number, each: number): Promise<number> {
  const agents = testnet.plan.agentPlans.slice(0, clients);
  const counts = await Promise.all(
    agents.map(async (agent) => {
      let count = 0;
      for (let i = 0; i < each; i++) if (await transferred(testnet, agent, null)) count++;
      return count;
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/**
 * One transfer; false if it was refused, or was not final in time.
 * @param untilMs of `performance.now()`; null: it may take any time
 */
async function transferred(
  testnet: Testnet,
  { key, peer: place }: PlannedAgent,
  untilMs: number | null,
): Promise<boolean> {
  const node = testnet.peers[place]!;
  const nonceOf = (): number => node.peer.ledger.accountOf(key.publicKey)?.nonces.bulk ?? 0;
  const before = nonceOf();
  let stop = (): void => undefined;
  const final = new Promise<boolean>((resolve) => {
    stop = node.subscribe((notice) => {
      if (notice.kind === "entry" && nonceOf() > before) resolve(true);
    });
  });
  const to = testnet.plan.faucet.publicKey;
  const posted = await node.command({ kind: "transfer", from: key.publicKey, to, amount: 1n });
  const done = posted.ok && (await (untilMs === null ? final : Promise.race([final, late(untilMs)])));
  stop();
  return done;
}

const late = (untilMs: number): Promise<false> =>
  pause(Math.max(0, untilMs - performance.now()), false, { ref: false });

/** One auction with one bid, from its creation to its settlement. @returns whether it was sold, and the codes of refusals */
async function auction(
  testnet: Testnet,
): Promise<{ readonly sold: boolean; readonly refused: readonly string[] }> {
  const [seller, bidder] = testnet.plan.agentPlans.slice(AGENTS - 3);
  const [house, home] = [testnet.peers[seller!.peer]!, testnet.peers[bidder!.peer]!];
  const refused: string[] = [];
  const bid = async (id: AuctionId): Promise<void> => {
    const placed = await home.command({
      kind: "placeBid",
      from: bidder!.key.publicKey,
      auction: id,
      amount: 2n * CREDIT,
      units: null,
      lockup: null,
      delayMs: 0,
    });
    if (!placed.ok) refused.push(placed.refusal.code);
  };
  let stop = (): void => undefined;
  const settled = new Promise<boolean>((resolve) => {
    stop = home.subscribe((notice) => {
      if (notice.kind === "auctionOpened") void bid(notice.auction);
      if (notice.kind === "auctionSettled") resolve(notice.awards.length > 0 && notice.burned === 0n);
    });
  });
  const created = await house.command({
    kind: "createAuction",
    from: seller!.key.publicKey,
    format: { kind: DEFAULT_FORMAT },
    direction: "sell",
    lot: { capability: "under.attack", units: 1, fromMs: null, toMs: null },
    reserve: CREDIT,
    lockups: [10n * CREDIT],
    startInMs: 0,
    ...testnet.windows,
    hiddenReserve: null,
    standingWeight: null,
    ...PAID_AT_ONCE,
    bond: 0n,
  });
  if (!created.ok) refused.push(created.refusal.code);
  const sold = created.ok && (await settled);
  stop();
  return { sold, refused };
}

function stateOf(testnet: Testnet): TargetState {
  const counters: Record<string, number> = {};
  for (const peer of testnet.peers) {
    for (const [name, count] of Object.entries(peer.counters()))
      counters[name] = (counters[name] ?? 0) + count;
  }
  const { user, system } = process.cpuUsage();
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return {
    heights: testnet.peers.map(({ peer }) => peer.tip.height),
    roots: testnet.peers.map(({ peer }) => `${peer.tip.height} ${toHex(peer.voter.lastFinal.id)}`),
    connections: testnet.peers.map((peer) => peer.connections().length),
    counters,
    rssBytes: rss,
    heldBytes: heapUsed + external,
    cpuMs: (user + system) / 1000,
  };
}
