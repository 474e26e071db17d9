// The stream of events over a real socket: order, resuming, gaps, filters, heartbeats, slow readers.
import { afterEach, describe, expect, test } from "vitest";
import {
  type ApiOptions,
  eventOf,
  RecentEvents,
  type RunningApi,
  startApi,
} from "../../../node/api/index.js";
import { apiEvent, type EventBody, type EventType } from "../../../node/contract/index.js";
import type { EndCause, Lease, Trade } from "../../../src/market/index.js";
import type { Notice } from "../../../src/peer/index.js";
import { START_MS } from "../../peer/cluster.js";
import { LoneProcess, OPEN_AUCTION, OTHER } from "../../worlds/lone-peer.js";
import { saleTo } from "../../worlds/sale.js";
import { optionsFor, TOKEN } from "./api-fixture.js";

const time = new Date(START_MS).toISOString();
const committed: EventBody = {
  type: "bid.committed",
  time,
  height: 4,
  auction: OPEN_AUCTION,
  bidder: OTHER,
  lockup: "10000000",
  commitment: "cc".repeat(32),
};
const finalised = (height: number): EventBody => ({
  type: "quorum.finalised",
  time,
  height,
  entry: "ee".repeat(32),
  term: height,
  leader: 0,
  operations: 1,
});

let running: RunningApi | null = null;
const readers: AbortController[] = [];
afterEach(async () => {
  for (const reader of readers.splice(0)) reader.abort();
  await running?.close();
});

async function start(more: Partial<ApiOptions> = {}) {
  const host = new LoneProcess();
  running = await startApi({ ...optionsFor(host), listen: { host: "127.0.0.1", port: 0 }, ...more });
  return { host, feed: host.events, url: running.url };
}

/** A stream whose body nobody reads. */
function open(url: string): Promise<Response> {
  const abort = new AbortController();
  readers.push(abort);
  return fetch(url, { headers: { authorization: `Bearer ${TOKEN}` }, signal: abort.signal });
}

/** Reads frames until `enough` says so; each frame as the lines it has. */
async function read(url: string, headers: Record<string, string>, enough: (frames: string[][]) => boolean) {
  const abort = new AbortController();
  readers.push(abort);
  const answer = await fetch(url, {
    headers: { authorization: `Bearer ${TOKEN}`, ...headers },
    signal: abort.signal,
  });
  expect([answer.status, answer.headers.get("content-type")]).toEqual([
    200,
    "text/event-stream; charset=utf-8",
  ]);
  let text = "";
  for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const frames = text
      .split("\n\n")
      .slice(0, -1)
      .map((frame) => frame.split("\n"));
    if (enough(frames)) return frames;
  }
  throw new Error("the stream ended");
}

const eventsIn = (frames: string[][]) =>
  frames.flatMap((lines) =>
    lines.filter((line) => line.startsWith("data: ")).map((line) => JSON.parse(line.slice(6))),
  );
const have = (count: number) => (frames: string[][]) => eventsIn(frames).length >= count;

describe("a stream", () => {
  test("begins with what is new, in order, each event one line under its own id", async () => {
    const { feed, url } = await start();
    feed.append(finalised(1));
    const reading = read(`${url}/v1/events`, {}, (frames) => {
      if (frames.length === 1) for (const height of [2, 3]) feed.append(finalised(height));
      return have(2)(frames);
    });
    const frames = await reading;
    expect(eventsIn(frames).map((one) => one.height)).toEqual([2, 3]);
    expect(frames[1]).toEqual([
      `id: ${START_MS * 1000 + 1}`,
      "event: quorum.finalised",
      expect.stringMatching(/^data: \{"id":.*\}$/),
    ]);
  });

  test("resumes after Last-Event-ID with nothing lost and nothing twice", async () => {
    const { feed, url } = await start();
    for (const height of [1, 2, 3, 4]) feed.append(finalised(height));
    const since = String(START_MS * 1000 + 1);
    const frames = await read(`${url}/v1/events`, { "last-event-id": since }, have(2));
    expect(eventsIn(frames).map((one) => one.height)).toEqual([3, 4]);
    const bySince = await read(`${url}/v1/events?since=${since}`, {}, have(2));
    expect(eventsIn(bySince)).toEqual(eventsIn(frames));
  });

  test("says which ids are gone when it cannot resume", async () => {
    const { feed, url } = await start();
    for (let height = 1; height <= 16; height++) feed.append(finalised(height));
    const frames = await read(`${url}/v1/events?since=${START_MS * 1000}`, {}, have(9));
    const [gap, first] = eventsIn(frames);
    expect(gap).toMatchObject({ type: "stream.gap", from: START_MS * 1000 + 1, to: START_MS * 1000 + 7 });
    expect([first.height, eventsIn(frames).at(-1).height]).toEqual([9, 16]);
  });

  test("refuses an id that no event has yet: what follows it would never come", async () => {
    const { feed, url } = await start();
    feed.append(finalised(1));
    const since = (id: number) => open(`${url}/v1/events?since=${id}`);
    expect((await since(feed.newestId())).status).toBe(200);
    const beyond = await since(feed.newestId() + 1);
    expect([beyond.status, ((await beyond.json()) as { code: string }).code]).toEqual([410, "CURSOR_GONE"]);
  });

  test.each([
    ["auction.nonsense", "auction.opened"],
    ["bids.*", "bid.*"],
    ["auction.opened,bid.reveal", "bid.revealed"],
    ["*.opened", "auction.opened"],
  ])("refuses the types %s, which no event has, and names what is near: %s", async (types, near) => {
    const { url } = await start();
    const answer = await open(`${url}/v1/events?types=${types}`);
    const { code, detail } = (await answer.json()) as { code: string; detail: string };
    expect([answer.status, code, detail.includes(near)]).toEqual([400, "REQUEST_INVALID", true]);
  });

  test("carries only the types asked for, and still moves the reader's id past the others", async () => {
    const { feed, url } = await start({ streams: { heartbeatMs: 30 } });
    const before = feed.newestId();
    feed.append(committed);
    feed.append(finalised(5));
    const url2 = `${url}/v1/events?types=bid.*,slash.applied&since=${before}`;
    const frames = await read(url2, {}, (some) => some.some((lines) => lines[1] === ": still here"));
    expect(eventsIn(frames).map((one) => one.type)).toEqual(["bid.committed"]);
    expect(frames.at(-1)).toEqual([`id: ${feed.newestId()}`, ": still here"]);
  });

  test("a reader that takes nothing is cut off, and gives its place to another", async () => {
    const { feed, url } = await start({ streams: { stallMs: 50, maxStreams: 1 } });
    const huge = {
      ...finalised(1),
      type: "node.mode",
      mode: "x".repeat(8 * 1024 * 1024),
    } as unknown as EventBody;
    const slow = await open(`${url}/v1/events`);
    for (let i = 0; i < 4; i++) feed.append(huge);
    let next = await open(`${url}/v1/events`);
    while (next.status === 503) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      next = await open(`${url}/v1/events`);
    }
    expect(next.status).toBe(200);
    await expect(slow.text()).rejects.toThrow();
  });

  test("streams do not take all connections", async () => {
    const { url } = await start({ streams: { maxStreams: 1 } });
    expect((await open(`${url}/v1/events`)).status).toBe(200);
    const second = await open(`${url}/v1/events`);
    expect([second.status, second.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(((await second.json()) as { code: string }).code).toBe("STREAMS_EXHAUSTED");
  });

  test.each(["x", "-1", "1.5"])("an id of %s to resume from is refused", async (id) => {
    const { url } = await start();
    const headers = { authorization: `Bearer ${TOKEN}`, "last-event-id": id };
    expect((await fetch(`${url}/v1/events`, { headers })).status).toBe(400);
  });
});

describe("the feed", () => {
  test("ids grow over restarts, and a reader of the time before is told of the gap", async () => {
    const before = new RecentEvents(START_MS, 64);
    const last = before.append(finalised(1)).id;
    const after = new RecentEvents(START_MS + 1, 64);
    const first = after.append(finalised(2)).id;
    expect(first).toBeGreaterThan(last);
    expect(await after.read(last, 10)).toMatchObject({ events: [{ id: first }], gap: { to: first - 1 } });
  });

  test("holds at least its capacity and at most twice that", async () => {
    const feed = new RecentEvents(0, 4);
    for (let height = 0; height < 100; height++) {
      feed.append(finalised(height));
      const held = (await feed.read(-1, 1000)).events.length;
      expect(held).toBeLessThan(8);
      expect(held).toBeGreaterThanOrEqual(Math.min(4, height + 1));
    }
  });
});

type Of<K> = Extract<Notice, { kind: K }>;

describe("a notice as an event", () => {
  const auction = new Uint8Array(32).fill(10);
  const who = new Uint8Array(32).fill(11);
  const on = { height: 4, timeMs: START_MS, auction };
  const PARAMS = { disputeSplitBp: 5000 };

  test("a committed bid tells its lockup and no amount", () => {
    const event = eventOf(
      { kind: "bidCommitted", ...on, bidder: who, lockup: 10n, commitment: who },
      0,
      PARAMS,
    );
    expect(event).toEqual({
      type: "bid.committed",
      time,
      height: 4,
      auction: "0a".repeat(32),
      bidder: "0b".repeat(32),
      lockup: "10",
      commitment: "0b".repeat(32),
    });
  });

  test("an opened auction tells all that a bid needs: lockups, reserves and when bidding closes", () => {
    const lot = { capability: "gpu", units: 1, fromMs: null, toMs: null };
    const terms = {
      format: "vickrey",
      direction: "sell",
      reserve: 3n,
      hasHiddenReserve: true,
      standingWeight: null,
      lockups: [5n, 9n],
      deliverMs: 0,
      settleMs: 0,
    } as const;
    const times = { opensMs: START_MS, closesMs: START_MS + 60_000 };
    const event = eventOf({ kind: "auctionOpened", ...on, creator: who, lot, ...terms, ...times }, 0, PARAMS);
    expect(event).toMatchObject({
      format: "vickrey",
      direction: "sell",
      reserve: "3",
      hiddenReserve: true,
      lockups: ["5", "9"],
      opensAt: time,
      commitClosesAt: new Date(START_MS + 60_000).toISOString(),
    });
  });

  const lot = { capability: "gpu", units: 1, fromMs: null, toMs: null };
  const terms = {
    format: "vickrey",
    direction: "sell",
    lot,
    reserve: 3n,
    hasHiddenReserve: true,
    standingWeight: null,
    lockups: [5n],
    deliverMs: 1000,
    settleMs: 2000,
  } as const;
  const settled = { outcome: "done", ...saleTo(who, 3n), burned: 0n } as const;
  const trade: Trade = {
    id: who,
    auction,
    performer: who,
    buyer: who,
    capability: "gpu",
    units: 1,
    price: 9n,
    lien: 14n,
    fence: 4,
    settleMs: 2000,
    outagesMs: 0,
    state: { kind: "due", deliverByMs: START_MS },
  };
  const lease: Lease = {
    auction,
    owner: who,
    lot: { ...lot, fromMs: START_MS, toMs: START_MS + 1000 },
    units: 1,
    row: {
      holders: [{ agent: who, fence: 4, usage: { used: 7, lent: 8 } }],
      now: 0,
      untilMs: START_MS,
      deputies: [],
    },
  };
  const late = { entries: 3, fee: 10n, suggestedFee: 20n };
  /** One of each kind, with the type of its event; null: an answer to one caller, or what is only counted. */
  const notices: { readonly [K in Notice["kind"]]: readonly [Omit<Of<K>, "kind">, EventType | null] } = {
    done: [{ ref: 1, result: { ok: true, operation: null, auction: null } }, null],
    refused: [{ from: "peer", code: "BAD_SIGNATURE" }, null],
    notKept: [{ bytes: who, why: "full" }, null],
    operationPassedOver: [{ height: 4, operation: who, code: "FUNDS_TOO_LOW" }, null],
    entry: [{ height: 4, timeMs: START_MS, id: who, term: 5, leader: 1, operations: 2 }, "quorum.finalised"],
    auctionOpened: [{ ...on, ...terms, creator: who, opensMs: 1, closesMs: 2 }, "auction.opened"],
    auctionPhase: [{ ...on, phase: "reveal" }, "auction.phase"],
    bidCommitted: [{ ...on, bidder: who, lockup: 10n, commitment: who }, "bid.committed"],
    bidRevealed: [{ ...on, bidder: who, amount: 9n, units: null }, "bid.revealed"],
    auctionSettled: [{ ...on, ...settled }, "auction.settled"],
    trade: [{ ...on, trade }, "trade.began"],
    leaseHeld: [{ height: 4, timeMs: START_MS, lease }, "lease.held"],
    leaseUsage: [{ height: 4, timeMs: START_MS, lease, by: who }, "lease.usage"],
    operationRefused: [{ height: 4, operation: who, code: "EXPIRED" }, "operation.refused"],
    operationReplaced: [{ operation: who, by: auction }, "operation.replaced"],
    operationWaits: [{ height: 4, operation: who, ...late }, "operation.waiting"],
    slashProposed: [{ agent: who, operation: who, term: 5, evidence: "E1" }, "slash.proposed"],
    slashed: [{ height: 4, slash: auction, agent: who, amount: 7n, evidence: "E1" }, "slash.applied"],
    amnesia: [{ released: false }, "node.mode"],
    fork: [{ detail: "two commits" }, "node.mode"],
    corrupt: [{ height: 4, own: "aa", finalised: "bb" }, "node.mode"],
  };

  test.each(Object.entries(notices))(
    "of kind %s is its event, whole and with nothing more",
    (kind, [fields, type]) => {
      const event = eventOf({ kind, ...fields } as Notice, START_MS + 1, PARAMS);
      expect(event?.type ?? null).toBe(type);
      if (event !== null) expect(apiEvent.parse({ id: 1, ...event }).type).toBe(type);
      const at = "timeMs" in fields ? START_MS : START_MS + 1;
      if (event !== null) expect(event.time).toBe(new Date(at).toISOString());
    },
  );

  test("a dispute is told once, and then each vote as the last", () => {
    const told = (votes: readonly { seat: number; share: number | null }[]) => {
      const dispute = { evidence: who, bond: 5n, votes };
      const state = { kind: "disputed", hash: who, verdictByMs: START_MS, dispute } as const;
      const event = eventOf({ kind: "trade", ...on, trade: { ...trade, state } }, 0, PARAMS);
      return apiEvent.parse({ id: 1, ...event });
    };
    expect(told([])).toMatchObject({ type: "trade.disputed", bond: "5", fence: 4 });
    const first = { seat: 3, share: 100 };
    expect(told([first])).toMatchObject({ type: "trade.judged", seat: 3, share: 100 });
    expect(told([first, { seat: 1, share: null }])).toMatchObject({
      type: "trade.judged",
      seat: 1,
      share: null,
      says: "seat 1 finds nothing wrong",
    });
  });

  test("the end of a trade tells the share of its price that a dispute returned", () => {
    const money = { received: 0n, fee: 0n, returned: 9n };
    const dispute = { evidence: who, bond: 5n, votes: [] };
    const penalty = { condition: "misdelivery", base: 14n, penaltyBp: 5000, severity: 2, grace: 0 } as const;
    const more = { violations: 0, repeat: 1, shareBp: 2500, isWarning: "no", due: 3n, taken: 3n } as const;
    const shareOf = (cause: EndCause) => {
      const isUpheld = cause === "upheld";
      const state = {
        ...({ kind: "ended", cause, endedAt: 4, endedMs: START_MS, hash: who, ...money } as const),
        penalty: isUpheld ? { ...penalty, ...more } : null,
        dispute: ["upheld", "rejected", "hung"].includes(cause) ? dispute : null,
      };
      const event = eventOf({ kind: "trade", ...on, trade: { ...trade, state } }, 0, PARAMS);
      return (apiEvent.parse({ id: 1, ...event }) as { shareBp?: unknown }).shareBp;
    };
    const causes = ["accepted", "unopposed", "failed", "timedOut", "upheld", "rejected", "hung"] as const;
    expect(causes.map(shareOf)).toEqual([null, null, null, null, 2500, 0, 5000]);
  });

  test("each end has its own word", () => {
    for (const [outcome, word] of [
      ["done", "sold"],
      ["unsold", "unsold"],
      ["void", "void"],
    ] as const) {
      const notice = { kind: "auctionSettled", ...on, outcome, ...saleTo(null, 0n), burned: 7n } as const;
      expect(eventOf(notice, 0, PARAMS)).toMatchObject({
        type: "auction.settled",
        outcome: word,
        burned: "7",
      });
    }
  });
});
