// Peers that let go of their log, and those who come too late for it: they take an attested state and go on from there.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as pathOf } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { HostedPeer, startApi } from "../../node/api/index.js";
import { parseAddress } from "../../node/net/fetch-genesis.js";
import { type FetchedState, fetchState, type StateWish } from "../../node/net/fetch-state.js";
import { createDialer } from "../../node/net/host.js";
import { NetworkRefusal, type SnapshotOffer } from "../../node/net/ports.js";
import { askLog, askRows, askSnapshot, type LogMessage } from "../../node/net/sync-client.js";
import { snapshotRows } from "../../node/net/wire.js";
import type { PeerNode } from "../../node/peer-node.js";
import { auditStore } from "../../node/store/audit.js";
import { rebuildHistory } from "../../node/store/history-rebuild.js";
import { installState } from "../../node/store/install-state.js";
import { openStore } from "../../node/store/level-store.js";
import { memoryStore } from "../../node/store/memory-store.js";
import { encode, equalBytes, uint, utf8 } from "../../src/base/index.js";
import { networkOf, type Place, type SnapshotRow } from "../../src/ledger/index.js";
import { restoreLedger } from "../../src/market/index.js";
import { HONEST_CONDUCT } from "../../src/peer/conduct.js";
import { historyBegins } from "../../src/peer/history/history.js";
import { electorateOf, KEPT_LOG_KEY, logKey, ownStretchKey } from "../../src/peer/index.js";
import { keptLogFrom, keptLogWrite } from "../../src/peer/kept-log.js";
import { encodeMessage, KEEP_TERMS } from "../../src/quorum/index.js";
import { eventually } from "../e2e/eventually.js";
import { HostedNetwork } from "../e2e/network.js";
import { quiet, station, stopAll } from "./net-fixture.js";
import { guard, put } from "./store-contract.js";

/** A lone seat that makes entries fast, and a ledger that remembers for a second. */
/** A lone seat: entries come as fast as they can, also where nobody wants anything. */
const PARAMS = { deltaMs: 5, idleMs: 5, precisionMs: 5, batchMs: 5, retainMs: 1000 };

let network: HostedNetwork;
let follower: PeerNode;
const started: PeerNode[] = [];
const folders: string[] = [];

function newFolder(): string {
  const folder = mkdtempSync(pathOf(tmpdir(), "mabeam-taken-"));
  folders.push(folder);
  return folder;
}

const follow = async (
  place: number,
  home: string | null,
  join = [network.address],
  keepBytes: number | null = 1e9,
) => {
  const node = await network.open(place, {
    home,
    join,
    keepBytes,
    consensusSeed: null,
    agents: [],
    fresh: false,
  });
  started.push(node);
  return node;
};

beforeAll(async () => {
  network = await HostedNetwork.start({
    name: "taken",
    seats: 1,
    params: PARAMS,
    node: () => ({ home: newFolder() }),
  });
  follower = await follow(1, null);
  await eventually(
    "the log is let go of",
    () => follower.peer.kept.from > 1 && network.front.peer.kept.from > 1,
    120_000,
  );
}, 180_000);

afterAll(async () => {
  await stopAll();
  for (const node of started) await node.stop();
  await network.stop();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

test("what is left of a pruned log is the newest, without gaps, and the rest is gone from the disk", async () => {
  const { front } = network;
  const rows = await front.readLog(1, 100_000);
  expect(rows[0]!.header.height).toBeGreaterThan(1);
  expect(rows.length).toBeGreaterThanOrEqual(2 * KEEP_TERMS - 1);
  expect(rows.map(({ header }) => header.height)).toEqual(rows.map((_, i) => rows[0]!.header.height + i));
});

test("the API says from where on the log is kept, and who has the rest", async () => {
  const hosted = new HostedPeer(network.front, {
    version: "0.1.0",
    startedAtMs: Date.now(),
    nowMs: Date.now,
    home: null,
    keys: "plain",
    keptEvents: 16,
    defaultAgent: network.rival.publicKey,
    keyring: null,
    faucet: null,
  });
  const api = await startApi({
    host: { peerCount: 1, peer: () => hosted, stop: () => {} },
    token: "L".repeat(43),
    listen: { host: "127.0.0.1", port: 0 },
    version: "0.1.0",
    onAccident: (error) => {
      throw error;
    },
    nowMs: Date.now,
    random: () => 0,
  });
  onTestFinished(async () => {
    await api.close();
    hosted.close();
  });
  const page = async (cursor: string | null) => {
    const query = cursor === null ? "limit=200" : `limit=200&cursor=${cursor}`;
    const answer = await fetch(`${api.url}/v1/quorum/log?${query}`, {
      headers: { authorization: `Bearer ${"L".repeat(43)}` },
    });
    return (await answer.json()) as {
      items?: { height: number }[];
      nextCursor?: string | null;
      code?: string;
      detail?: string;
      fix?: string;
    };
  };
  let last = await page(null);
  const heights: number[] = [];
  while (last.items !== undefined) {
    heights.push(...last.items.map((one) => one.height));
    last = await page(last.nextCursor!);
  }
  expect(heights).toEqual(heights.map((_, i) => heights[0]! - i));
  expect(last.code).toBe("LOG_PRUNED");
  expect(last.detail).toMatch(/the log is kept here from height \d+ on/);
  expect(last.fix).toContain("--keep all");
});

test("who falls behind while it runs blames nobody, and is told that only a start anew goes on", async () => {
  const node = await follow(5, null, []);
  const asFarBehind = await follow(6, null, []);
  await node.connect(asFarBehind.multiaddrs()[0]!);
  let lost = "";
  void node.outOfReach.then(({ code }) => {
    lost = code;
  });
  await node.connect(network.address);
  await eventually("the log is out of reach", () => lost === "LOG_OUT_OF_REACH");
  const counters = node.counters();
  expect(counters["sync.LOG_PRUNED"]).toBeGreaterThan(0);
  expect(counters).not.toHaveProperty("sync.WITHHELD");
  expect([node.connections().length, node.peer.tip.height]).toEqual([2, 0]);
});

describe("a newcomer", () => {
  test("takes a state, and follows the log from there on", async () => {
    const home = newFolder();
    const node = await follow(2, home);
    const taken = node.peer.tip.height;
    expect(taken).toBeGreaterThan(2 * KEEP_TERMS);
    const history = await node.history("price", { subject: null, before: null, limit: 1 });
    expect(history).toEqual({ from: taken + 1, rows: [] });
    await eventually("it follows", () => node.peer.tip.height >= taken + 20);
    const { height, root } = node.peer.tip;
    await node.stop();
    started.splice(started.indexOf(node), 1);
    const store = await openStore(`${home}/store`);
    const checks = await auditStore(store, network.genesisBytes);
    await store.close();
    expect(checks.filter((one) => !one.ok && one.name !== "guard")).toEqual([]);
    // Another start reads what it left, and asks nobody.
    const again = await follow(2, home);
    expect(again.peer.tip.height).toBeGreaterThanOrEqual(height);
    if (again.peer.tip.height === height) expect(equalBytes(again.peer.tip.root, root)).toBe(true);
    await eventually("it follows again", () => again.peer.tip.height >= height + 5);
    expect(network.front.counters()).not.toHaveProperty("sync.WITHHELD");
  });

  test("that keeps all lets nothing go", async () => {
    // None has it here: even an archive begins with a state then, and lets nothing go from there on.
    const archive = await follow(3, null, [network.address], null);
    const { from } = archive.peer.kept;
    expect(from).toBeGreaterThan(1);
    await eventually("others let it go", () => network.front.peer.kept.from > from + 10, 60_000);
    expect(archive.peer.kept.from).toBe(from);
  });
});

describe("a state that is taken", () => {
  const wish = (): StateWish => ({
    addresses: [network.address],
    height: 0,
    trust: {
      ...networkOf(network.genesis),
      electorate: electorateOf(network.genesis),
      verifier: network.verifier,
    },
    conduct: HONEST_CONDUCT,
    log: quiet,
    pause: (ms) => wait(ms),
    steadyMs: () => performance.now(),
  });
  const ledgerOf = ({ rows, root }: FetchedState) => {
    const ledger = restoreLedger(
      network.genesis,
      rows.map(({ key, value }) => [key, value] as const),
      root,
    );
    if (!ledger.ok) throw new Error(ledger.error.reason);
    return ledger.value;
  };

  test("leaves own rows, own votes and the guard as they were, and nothing of the old state", async () => {
    const fetched = (await fetchState(wish()))!;
    const store = memoryStore();
    const own = [
      "history/price/at/x",
      "own/history/money/x",
      "own/operation/y",
      "quorum/own/0000000000000007/ack",
      "quorum/seq",
    ];
    const gone = ["state/account/00", `own/opening/${"ab".repeat(32)}/x/0`, `witness/${"ab".repeat(32)}`];
    await store.write([guard("the guard"), ...[...own, ...gone].map((key) => put(key, key))]);
    for (let height = 1; height <= 5000; height += 500) {
      await store.write(Array.from({ length: 500 }, (_, i) => put(logKey(height + i), "old")));
    }
    await store.write([{ kind: "put", key: ownStretchKey(100), value: encode(uint(), 103) }]);
    await installState(store, fetched, ledgerOf(fetched), false);
    expect(store.guard()).toEqual({ kind: "record", record: utf8("the guard") });
    for (const key of own) expect(await store.get(key)).toEqual(utf8(key));
    for (const key of gone) expect(await store.get(key)).toBeNull();
    const heights: number[] = [];
    for await (const key of store.keys({ gte: "log/", lt: "log0" })) heights.push(Number(key.slice(4)));
    const { height } = fetched.proof;
    const [begin] = historyBegins(height + 1) as readonly {
      readonly key: string;
      readonly value: Uint8Array;
    }[];
    expect(await store.get(begin!.key)).toEqual(begin!.value);
    const parts = { genesis: network.genesis, agents: [], verifier: network.verifier };
    await expect(rebuildHistory(store, parts)).rejects.toMatchObject({
      code: "LOG_PRUNED",
      why: expect.stringContaining(`from height ${height - KEEP_TERMS + 1} on`),
      fix: expect.stringContaining(`price ${height + 1}, slash ${height + 1}`),
    });
    expect(heights.slice(0, 5)).toEqual([100, 101, 102, 103, height - KEEP_TERMS + 1]);
    expect(heights.at(-1)).toBe(height);
  });

  test("on a disk that fails in the middle leaves the log of own auctions to the next attempt", async () => {
    const fetched = (await fetchState(wish()))!;
    const ledger = ledgerOf(fetched);
    const store = memoryStore();
    // An own auction's, passed by already: nothing but the log's own row says that it stays.
    const [own, from, end] = [6000, 20_000, 20_999];
    await store.write(Array.from({ length: own }, (_, i) => put(logKey(i + 1), "own")));
    await store.write(Array.from({ length: end - from + 1 }, (_, i) => put(logKey(from + i), "old")));
    await store.write([keptLogWrite(from)]);
    const write = store.write.bind(store);
    let left = 1;
    store.write = (writes) => (left-- > 0 ? write(writes) : Promise.reject(new Error("disk full")));
    await expect(installState(store, fetched, ledger, false)).rejects.toThrow("disk full");
    store.write = write;
    expect(keptLogFrom((await store.get(KEPT_LOG_KEY))!)).toBeGreaterThanOrEqual(from);
    await installState(store, fetched, ledger, false);
    let kept = 0;
    for await (const _ of store.keys({ gte: logKey(1), lt: logKey(own + 1) })) kept++;
    expect(kept).toBe(own);
  });
});

describe("a liar", () => {
  const wish = (addresses: readonly string[]): StateWish => ({
    addresses,
    height: 0,
    trust: {
      ...networkOf(network.genesis),
      electorate: electorateOf(network.genesis),
      verifier: network.verifier,
    },
    conduct: HONEST_CONDUCT,
    log: quiet,
    pause: (ms) => wait(ms),
    steadyMs: () => performance.now(),
  });

  interface Lies {
    readonly offer?: (true_: SnapshotOffer) => SnapshotOffer;
    readonly rows?: (rows: readonly SnapshotRow[], place: Place) => readonly SnapshotRow[];
    readonly page?: (page: LogMessage) => LogMessage;
    /** what it says of the log from its first entry on; absent: that it has let go of it */
    readonly beginning?: (page: LogMessage) => LogMessage;
    /** it says that no state is attested yet, for ever */
    readonly isBusy?: boolean;
  }

  /** A peer that hands on what the network's first says, but for its lies. @returns its address */
  async function liar({ offer, rows, page, beginning, isBusy = false }: Lies): Promise<string> {
    const dialer = await createDialer();
    onTestFinished(() => dialer.stop());
    const front = await dialer.dial(parseAddress(network.address));
    const { network: lying } = await station({
      name: "liar",
      options: { chain: network.chain, market: network.market },
      handlers: {
        async serveLog(from, max) {
          if (from === 1) {
            const some = network.front.peer.kept.from + 10;
            return beginning === undefined ? null : encodeMessage(beginning(await askLog(front, some, max)));
          }
          const told = await orRefused(askLog(front, from, max));
          return told === null ? null : encodeMessage(page?.(told) ?? told);
        },
        async snapshot() {
          const told = isBusy ? null : await orRefused(askSnapshot(front));
          return told === null ? null : (offer?.(told) ?? told);
        },
        async snapshotRows(height, place) {
          const told = await orRefused(askRows(front, height, place));
          return told === null ? null : encode(snapshotRows, [...(rows?.(told, place) ?? told)]);
        },
      },
    });
    return lying.multiaddrs()[0]!;
  }

  const orRefused = <T>(told: Promise<T>): Promise<T | null> =>
    told.catch((error) => {
      if (error instanceof NetworkRefusal) return null;
      throw error;
    });

  let begun: readonly SnapshotRow[] = [];
  const again = (rows: readonly SnapshotRow[], isFirst: boolean) => {
    if (isFirst) begun = rows;
    return begun;
  };
  const first = <T>(items: readonly T[], change: (one: T) => T): T[] =>
    items.map((one, i) => (i === 0 ? change(one) : one));

  test.each<[string, RegExp, Lies]>([
    [
      "that changes a row",
      /WRONG_BUCKET/,
      { rows: (rows) => first(rows, ({ key }) => ({ key, value: utf8("rich") })) },
    ],
    ["that leaves a row out", /WRONG_BUCKET/, { rows: (rows) => rows.slice(1) }],
    ["that ends too early", /WRONG_BUCKET/, { rows: () => [] }],
    ["that never ends", /WRONG_ORDER/, { rows: (rows, { bucket, row }) => again(rows, bucket + row === 0) }],
    [
      "with hashes of another state",
      /not those of the attested root/,
      { offer: ({ height, buckets }) => ({ height, buckets: buckets.map((byte) => byte ^ 1) }) },
    ],
    [
      "with a state that is to come",
      /its log proves nothing: (BAD_LINK|EMPTY)|LOG_PRUNED/,
      { offer: ({ height, buckets }) => ({ height: height + 100_000, buckets }) },
    ],
    ["with a state that is no news", /is of height 0/, { offer: ({ buckets }) => ({ height: 0, buckets }) }],
    [
      "that says another root in a header",
      /its log proves nothing/,
      {
        page: (page) => ({
          ...page,
          entries: first([...page.entries], (one) => ({
            ...one,
            header: { ...one.header, execRoot: new Uint8Array(32) },
          })),
        }),
      },
    ],
    [
      "that shows no certificate",
      /its log proves nothing: NO_CERTIFICATE/,
      { page: (page) => ({ ...page, descendants: [], cert: null }) },
    ],
    [
      "that shows nothing",
      /its log proves nothing/,
      { page: (page) => ({ ...page, entries: [], descendants: [], cert: null }) },
    ],
  ])("%s is refused, and the next address is taken at its word", async (_, why, lies) => {
    const address = await liar(lies);
    await expect(fetchState(wish([address]))).rejects.toThrow(why);
    const fetched = await fetchState(wish([address, network.address]));
    expect(fetched?.proof.height).toBeGreaterThan(2 * KEEP_TERMS);
  });

  test("that hands on a row at a time, or nothing, is not waited for", async () => {
    for (const lies of [{ rows: (rows) => rows.slice(0, 1) }, { isBusy: true }] satisfies Lies[]) {
      const address = await liar(lies);
      let [nowMs, asked] = [0, 0];
      const steadyMs = () => {
        asked++;
        nowMs += 9000;
        return nowMs;
      };
      const hurried = { ...wish([address]), pause: async () => {}, steadyMs };
      await expect(fetchState(hurried)).rejects.toThrow(/only \d+ bytes of its state have come/);
      expect(asked).toBeLessThan(20);
    }
  });

  test("that drips holds up nobody who is asked to stop", async () => {
    const address = await liar({ rows: (rows) => rows.slice(0, 1) });
    const stopping = new AbortController();
    let asked = 0;
    const steadyMs = () => {
      if (++asked === 5) stopping.abort();
      return 0;
    };
    expect(await fetchState({ ...wish([address, address]), steadyMs, stopping: stopping.signal })).toBeNull();
    expect(asked).toBe(5);
  });

  describe("who is not ahead, or shows no entry that is proven,", () => {
    test.each<[string, Lies]>([
      ["has nothing", { beginning: () => ({ kind: "log", entries: [], descendants: [], cert: null }) }],
      [
        "says that another entry is the first",
        {
          beginning: (page) => ({
            ...page,
            entries: first([...page.entries], (one) => ({ ...one, header: { ...one.header, height: 1 } })),
          }),
        },
      ],
    ])("%s: it keeps nobody from a state", async (_, lies) => {
      const address = await liar(lies);
      expect(await fetchState(wish([address]))).toBeNull();
      const fetched = await fetchState(wish([address, network.address]));
      expect(fetched?.proof.height).toBeGreaterThan(2 * KEEP_TERMS);
    });
  });
});

test("a seat that has lost all, and takes a state, is in amnesia as one that takes the log", async () => {
  await network.front.stop();
  await wait(300);
  const join = follower.multiaddrs().slice(0, 1);
  const seat = await network.open(0, { home: newFolder(), join, fresh: false });
  started.push(seat);
  expect(seat.peer.tip.height).toBeGreaterThan(2 * KEEP_TERMS);
  await eventually("it has the log's end", () => seat.peer.tip.height === follower.peer.tip.height);
  expect(seat.peer.halted).toBe("amnesia");
  const { voteSeq } = seat.peer.voter;
  await wait(500);
  expect(seat.peer.voter.voteSeq).toBe(voteSeq);
});
