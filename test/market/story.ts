// A story: entries of bids, reveals, sales, grants and convictions, with outages, as a seed of a property chooses them.
import fc from "fast-check";
import type { Hash } from "../../src/base/index.js";
import {
  AUCTIONS,
  hiddenReserveHash,
  isEnded,
  laneOf,
  type Operation,
  selfProving,
} from "../../src/market/index.js";
import { agent, convictions, offer, salt, World } from "./world.js";

const NAMES = ["ann", "bob", "cat", "sue", "tom"];
const FIRST_CONVICTION = convictions.length;
for (const [i, type] of (["E1", "E2", "E3"] as const).entries()) {
  convictions.push({ type, agent: agent(`seat ${i}`), key: agent(`seat key ${i}`), epoch: 0, term: 40 + i });
}

const wish = fc.record({
  kind: fc.constantFrom(
    ...["commit", "commit", "commit", "reveal", "reveal", "reveal", "create", "create"],
    ...["open", "cancel", "transfer", "grant", "evidence", "bond", "unbond"],
  ),
  from: fc.nat(NAMES.length - 1),
  which: fc.nat(5),
  amount: fc.integer({ min: 1, max: 1000 }),
});
export type Wish = typeof wish extends fc.Arbitrary<infer T> ? T : never;

export const stories = fc.array(
  fc.record({
    wishes: fc.array(wish, { maxLength: 7 }),
    afterMs: fc.constantFrom(1, 50, 50, 300, 300, 700, 9000, 40_000),
    leader: fc.nat(3),
    lag: fc.constantFrom(1, 1, 2, 3),
    restores: fc.boolean(),
  }),
  { minLength: 20, maxLength: 45 },
);

type Entry = (typeof stories extends fc.Arbitrary<infer T> ? T : never)[number];

/** A world, and the bids that were made in it, so that reveals open them. */
export class Story {
  readonly world = new World({
    names: NAMES,
    allowance: 1_000_000n,
    params: { retainMs: 20_000, defaultCommitMs: 1000, evidenceMs: 4000, unbondMs: 5000 },
  });
  readonly bids = new Map<string, bigint>();

  /** @param entry of a story @returns how the world is to make it */
  optionsOf({ afterMs, leader, lag }: Entry) {
    const { execHeight, height } = this.world;
    return { afterMs, leader, execHeight: Math.max(execHeight, height + 1 - lag) };
  }

  operationsOf(wishes: readonly Wish[]): Operation[] {
    const used = new Map<string, number>();
    return wishes.map((one) => this.operationOf(one, used));
  }

  private reserveHash(name: string, used: ReadonlyMap<string, number>): Hash {
    const { ledger } = this.world;
    const nonce = ledger.accountOf(agent(name))!.nonces.bulk + (used.get(`${name}/bulk`) ?? 0);
    const auction = this.world.nextAuctionId(name, nonce);
    return hiddenReserveHash(ledger.network, auction, 700n, salt("reserve"));
  }

  private operationOf({ kind, from, which, amount }: Wish, used: Map<string, number>): Operation {
    const { world, bids } = this;
    const name = NAMES[from]!;
    // In the order of their creation: ids are others in each network, and stories should not be.
    const live = [...world.ledger.table(AUCTIONS).values()].filter(({ phase }) => !isEnded(phase));
    const auction = live[which % Math.max(1, live.length)]?.id ?? salt("none");
    const signed = (body: Parameters<World["op"]>[1], who = name): Operation => {
      const lane = `${who}/${laneOf(body.kind)}`;
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
            bond: hidden ? 1000n : BigInt(amount % 2),
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
      case "bond":
        return signed({ kind, amount: BigInt(amount) });
      case "unbond":
        return signed({ kind, amount: BigInt(amount % 50) }, amount % 3 === 0 ? `seat ${from % 3}` : name);
      case "grant":
        return signed(
          { kind: "grant", to: agent(name), free: BigInt(amount), stake: BigInt(amount % 5) },
          "faucet",
        );
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
