// Streams between gateways that share a key: who is heard, and what a stranger, a liar and a flood meet.
import { afterEach, describe, expect, test } from "vitest";
import { agentKey } from "../../../../node/crypto/signer.js";
import { QUOTA_PROTOCOL, QuotaLinks } from "../../../../node/gateway/shared/quota-links.js";
import { frameOf } from "../../../../node/net/frame-stream.js";
import { type Bytes, type Hex, toHex } from "../../../../src/base/index.js";
import { type ExchangeFrame, type ExchangeMessage, encodeExchange } from "../../../../src/quota/index.js";
import { type Station, seedOf, station, stopAll, until } from "../../net-fixture.js";

afterEach(stopAll);

const ANN = agentKey(seedOf("ann")).publicKey;
const BOB = agentKey(seedOf("bob")).publicKey;
const EVE = agentKey(seedOf("eve")).publicKey;
const SHARED = { seller: seedOf("sue"), capability: "key.team" };
const ASK: ExchangeMessage = { kind: "ask", round: 3, share: 5_000_000 };

interface Heard {
  readonly from: Hex;
  readonly pool: string;
  readonly message: ExchangeMessage;
}

interface Side {
  readonly station: Station;
  readonly links: QuotaLinks;
  readonly heard: Heard[];
}

/** A gateway of an agent; all agree where each agent is served. */
class Gateways {
  private readonly places = new Map<Hex, { readonly peer: string; readonly addresses: readonly string[] }>();
  searches = 0;

  /** An agent says that it is served by a station. */
  says(agent: Bytes, at: Station): void {
    const { direct } = at.network;
    this.places.set(toHex(agent), { peer: direct.self, addresses: direct.addresses() });
  }

  async open(name: string, agent: Bytes, join: readonly string[] = []): Promise<Side> {
    const made = await station({ name, join });
    const heard: Heard[] = [];
    const links = new QuotaLinks({
      direct: made.network.direct,
      presences: {
        of: (one) => this.places.get(toHex(one)) ?? null,
        find: async () => void this.searches++,
      },
      shared: SHARED,
      agent,
      hear: (from, pool, message) => void heard.push({ from, pool, message }),
    });
    await links.serve();
    this.says(agent, made);
    return { station: made, links, heard };
  }
}

async function twoGateways() {
  const all = new Gateways();
  const ann = await all.open("ann", ANN);
  const bob = await all.open("bob", BOB, ann.station.network.multiaddrs());
  await until("both have met", () => ann.station.connected.size === 1 && bob.station.connected.size === 1);
  ann.links.meet([toHex(BOB)], []);
  bob.links.meet([toHex(ANN)], []);
  return { all, ann, bob };
}

/** Says it again until it is heard: a stream opens in a moment, and what is told before is lost. */
const told = (from: Side, to: Side, agent: Bytes): Promise<void> =>
  until("it is heard", () => {
    from.links.tell(toHex(agent), "gpt", ASK);
    return to.heard.length > 0;
  });

describe("gateways with parts of one key", () => {
  test("hear each other, and know who has spoken of late", async () => {
    const { ann, bob } = await twoGateways();
    expect(bob.links.isHeard(toHex(ANN))).toBe(false);
    await told(ann, bob, BOB);
    expect(bob.heard[0]).toEqual({ from: toHex(ANN), pool: "gpt", message: ASK });
    expect([bob.links.isHeard(toHex(ANN)), bob.links.isHeard(toHex(EVE))]).toEqual([true, false]);
    await told(bob, ann, ANN);
  });

  test("go on after the other was gone", async () => {
    const { all, ann, bob } = await twoGateways();
    await told(ann, bob, BOB);
    await bob.station.network.stop();
    const again = await all.open("bob", BOB, ann.station.network.multiaddrs());
    again.links.meet([toHex(ANN)], []);
    await told(ann, again, BOB);
  });

  test("hear an owner whose parts another holds, and tell it nothing", async () => {
    const { ann, bob } = await twoGateways();
    bob.links.meet([], [toHex(ANN)]);
    await told(ann, bob, BOB);
    bob.links.tell(toHex(ANN), "gpt", ASK);
    expect(ann.heard).toEqual([]);
  });
});

describe("is not heard:", () => {
  const frame = (more: Partial<ExchangeFrame> = {}): Bytes =>
    encodeExchange({ ...SHARED, from: ANN, pool: "gpt", message: { ...ASK }, ...more })!;

  /** What a peer writes by hand. */
  async function written(from: Side, to: Side, frames: readonly Bytes[]): Promise<void> {
    const { direct } = from.station.network;
    const connection = await direct.reach(to.station.network.direct.self);
    await direct.withStream(connection, QUOTA_PROTOCOL, async ({ stream }) => {
      for (const bytes of frames) stream.send(frameOf(bytes));
      await new Promise((resolve) => setTimeout(resolve, 50));
    });
  }
  const counted = (side: Side, code: string): number => side.station.network.counters()[`quota.${code}`] ?? 0;

  test.each([
    ["who has no part of the key", "NO_PART", { from: EVE }],
    ["who speaks of another key", "OTHER_KEY", { capability: "key.other" }],
    ["who speaks of another seller's", "OTHER_KEY", { seller: EVE }],
  ] as const)("%s", async (_, code, more) => {
    const { ann, bob } = await twoGateways();
    await written(ann, bob, [frame(more)]);
    await until("it is counted", () => counted(bob, code) === 1);
    expect(bob.heard).toEqual([]);
  });

  test("who speaks for an agent that is served elsewhere, and others are asked where once in a while", async () => {
    const { all, ann, bob } = await twoGateways();
    const eve = await all.open("eve", EVE, bob.station.network.multiaddrs());
    await until("eve has met bob", () => bob.station.connected.size === 2);
    await written(
      eve,
      bob,
      Array.from({ length: 20 }, () => frame()),
    );
    await until("it is counted", () => counted(bob, "NOT_ITS_PEER") >= 1);
    expect([bob.heard, all.searches]).toEqual([[], 1]);
    await told(ann, bob, BOB);
  });

  test("who sends what is no message, and it counts against its peer", async () => {
    const { ann, bob } = await twoGateways();
    const whole = frame();
    await written(ann, bob, [whole.subarray(0, whole.length - 1)]);
    await until("it is counted", () => counted(bob, "BAD_FRAME") === 1);
    await written(ann, bob, [new Uint8Array(3000)]);
    expect(bob.heard).toEqual([]);
  });

  test("whoever floods, beyond what it may say", async () => {
    const { ann, bob } = await twoGateways();
    await written(
      ann,
      bob,
      Array.from({ length: 1_000 }, () => frame()),
    );
    await until("all was read", () => bob.heard.length + counted(bob, "TOO_MANY_REQUESTS") === 1_000);
    expect(bob.heard.length).toBeLessThan(700);
    expect(bob.heard.length).toBeGreaterThanOrEqual(400);
  });
});
