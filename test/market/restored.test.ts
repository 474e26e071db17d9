// A restored peer goes on as a running one: whatever happened before, and in whatever order its rows are read.
import fc from "fast-check";
import { expect, it } from "vitest";
import { type Hash, toHex } from "../../src/base/index.js";
import {
  commitRows,
  isEnded,
  LANE,
  type Ledger,
  type Operation,
  restoreLedger,
  rowValue,
  selfProving,
} from "../../src/ledger/index.js";
import { executeEntry, hiddenReserveHash, packEntry } from "../../src/market/index.js";
import { agent, convictions, judgeEvidence, offer, salt, World } from "./world.js";

const NAMES = ["ann", "bob", "cat", "sue", "tom"];
const FIRST_CONVICTION = convictions.length;
for (const [i, type] of (["E1", "E2", "E3"] as const).entries()) {
  convictions.push({ type, agent: agent(`seat ${i}`), key: agent(`seat key ${i}`), epoch: 0, term: 40 + i });
}

const wish = fc.record({
  kind: fc.constantFrom(
    ...["commit", "commit", "commit", "reveal", "reveal", "reveal", "create", "create"],
    ...["open", "cancel", "transfer", "grant", "evidence"],
  ),
  from: fc.nat(NAMES.length - 1),
  which: fc.nat(5),
  amount: fc.integer({ min: 1, max: 1000 }),
});
type Wish = typeof wish extends fc.Arbitrary<infer T> ? T : never;

const stories = fc.array(
  fc.record({
    wishes: fc.array(wish, { maxLength: 7 }),
    afterMs: fc.constantFrom(1, 50, 50, 300, 300, 700, 9000, 40_000),
    leader: fc.nat(3),
    lag: fc.constantFrom(1, 1, 2, 3),
    restores: fc.boolean(),
  }),
  { minLength: 20, maxLength: 45 },
);

/** The bids that were made, so that reveals open them. */
class Story {
  readonly world = new World({
    names: NAMES,
    allowance: 1_000_000n,
    params: { retainMs: 20_000, defaultCommitMs: 1000 },
  });
  readonly bids = new Map<string, bigint>();

  private reserveHash(name: string, used: ReadonlyMap<string, number>): Hash {
    const { ledger } = this.world;
    const nonce = ledger.accountOf(agent(name))!.nonces.bulk + (used.get(`${name}/bulk`) ?? 0);
    const auction = this.world.nextAuctionId(name, nonce);
    return hiddenReserveHash(ledger.network, auction, 700n, salt("reserve"));
  }

  operationOf({ kind, from, which, amount }: Wish, used: Map<string, number>): Operation {
    const { world, bids } = this;
    const name = NAMES[from]!;
    const live = [...world.ledger.auctions.values()].filter(({ phase }) => !isEnded(phase));
    const sorted = live.sort((a, b) => (a.id.join() < b.id.join() ? -1 : 1));
    const auction = sorted[which % Math.max(1, sorted.length)]?.id ?? salt("none");
    const signed = (body: Parameters<World["op"]>[1], who = name): Operation => {
      const lane = `${who}/${LANE[body.kind]}`;
      const ahead = used.get(lane) ?? 0;
      used.set(lane, ahead + 1);
      return world.op(who, body, ahead);
    };
    const place = `${auction.join()}/${name}`;
    switch (kind) {
      case "create": {
        const hidden = amount % 3 === 0;
        return signed(
          offer({
            openMs: amount % 5 === 0 ? world.timeMs + 2000 : 0,
            commitMs: 500 + amount,
            revealMs: 1200 + (amount % 4) * 3000,
            lockups: [500n, 1000n],
            lot: {
              capability: "x",
              units: 1,
              fromMs: null,
              toMs: amount % 7 === 0 ? world.timeMs + 16_000 + amount : null,
            },
            sellerBond: hidden ? 1000n : BigInt(amount % 2),
            reserveHash: hidden ? this.reserveHash(name, used) : null,
          }),
        );
      }
      case "commit": {
        const bid = BigInt(amount % 4 === 0 ? 500 : amount);
        bids.set(place, bid);
        return signed(world.commit(auction, name, bid, bid <= 500n ? 500n : 1000n));
      }
      case "reveal":
        return world.reveal(auction, name, bids.get(place) ?? BigInt(amount));
      case "open":
        return selfProving(world.ledger.network, {
          kind: "openReserve",
          auction,
          reserve: 700n,
          salt: salt("reserve"),
        });
      case "cancel":
        return signed({ kind: "cancel", auction });
      case "grant":
        return signed({ kind: "grant", to: agent(name), amount: BigInt(amount) }, "faucet");
      case "transfer":
        return signed({ kind: "transfer", to: agent(NAMES[amount % NAMES.length]!), amount: BigInt(amount) });
      default:
        return selfProving(world.ledger.network, {
          kind: "evidence",
          evidence: Uint8Array.of(FIRST_CONVICTION + (amount % 3)),
        });
    }
  }
}

/** All that a ledger derives from its rows. */
const derived = (ledger: Ledger) => ({
  unfinished: [...ledger.unfinished.keys()].sort(),
  schedule: ledger.schedule.entries(),
  ended: ledger.ended.sorted(),
  bySeller: [...ledger.unfinishedBySeller].sort(),
  load: ledger.revealLoad,
});

/** A ledger of nothing but the rows, read backwards. */
function restored(world: World, rows: ReadonlyMap<string, Uint8Array>): Ledger {
  const result = restoreLedger(world.genesis, [...rows].reverse(), world.root);
  if (!result.ok) throw new Error(`${result.error.key}: ${result.error.reason}`);
  return result.value;
}

it("executes and packs as the running peer does, from whatever entry it was restored", () => {
  const seen = new Map<string, number>();
  const tell = (what: string): unknown => seen.set(what, (seen.get(what) ?? 0) + 1);
  fc.assert(
    fc.property(stories, (entries) => {
      const story = new Story();
      const { world } = story;
      const rows = new Map<string, Uint8Array>();
      for (const key of world.ledger.tree.keys()) rows.set(key, rowValue(world.ledger, key)!);
      let twin = restored(world, rows);
      for (const { wishes, afterMs, leader, lag, restores } of entries) {
        const used = new Map<string, number>();
        const ops = wishes.map((one) => story.operationOf(one, used));
        const execHeight = Math.max(world.execHeight, world.height + 1 - lag);
        const options = { afterMs, leader, execHeight };
        const at = { ...world.next(options), judgeEvidence };
        const candidates = ops.map((operation) => ({ operation, size: 300 }));
        const limits = { timeMs: at.timeMs, maxOps: 6, maxBytes: 1 << 20, inFlight: [], judgeEvidence };
        expect(packEntry(candidates, twin, limits)).toEqual(packEntry(candidates, world.ledger, limits));
        const outcome = world.entry(ops, options, (writes) => {
          for (const [key, value] of writes) value === null ? rows.delete(key) : rows.set(key, value);
        });
        expect(executeEntry(twin, at, ops)).toEqual(outcome);
        expect(toHex(commitRows(twin).root)).toBe(toHex(world.root));
        for (const one of outcome.settlements) tell(one.outcome);
        for (const [i, { status }] of outcome.receipts.entries()) tell(`${ops[i]!.body.kind} ${status}`);
        if (outcome.forgotten.length > 0) tell("forgotten");
        if (afterMs === 9000 || afterMs === 40_000) tell("outage");
        if (!restores) continue;
        twin = restored(world, rows);
        expect(derived(twin)).toEqual(derived(world.ledger));
      }
    }),
    { numRuns: 25, seed: 20_261_125 },
  );
  // What it has not met it has not tried.
  const wanted = ["done", "unsold", "void", "outage", "forgotten", "commit applied", "reveal applied"];
  const further = [
    "openReserve applied",
    "cancel applied",
    "transfer applied",
    "grant applied",
    "evidence applied",
  ];
  expect([...wanted, ...further].filter((what) => !seen.has(what))).toEqual([]);
});
