// `db rebuild` over real stores: whatever became of the rows of history, they are what the log makes afterwards, and
// whatever ends it on the way, no row is worse than before.
import { describe, expect, onTestFinished, test } from "vitest";
import { readHistory } from "../../node/kept-history.js";
import { StoreError } from "../../node/store/error.js";
import { letGoOfDamage } from "../../node/store/history-damage.js";
import { rebuildHistory } from "../../node/store/history-rebuild.js";
import { openStore } from "../../node/store/level-store.js";
import { memoryStore } from "../../node/store/memory-store.js";
import type { Row, Store } from "../../node/store/store.js";
import { toHex, utf8 } from "../../src/base/index.js";
import { HISTORY_NAMES } from "../../src/peer/history/history.js";
import {
  HISTORY_PREFIX,
  historyBeginKey,
  historyPlaces,
  historyRows,
  KEPT_LOG_KEY,
  LOG_PREFIX,
  movementsOf,
  OWN_HISTORY_PREFIX,
  pastAuctionKey,
  placeOf,
  type Write,
} from "../../src/peer/index.js";
import { keptLogWrite } from "../../src/peer/kept-log.js";
import { idOf, verifier } from "../peer/cluster.js";
import { traded } from "../worlds/traded.js";
import { testFolder } from "./folder.js";

const { host, sold } = traded();
const parts = { genesis: host.genesis, agents: host.agents.map((name) => toHex(idOf(name))), verifier };
const ALL: readonly Write[] = [...host.rows].map(([key, value]) => ({ kind: "put", key, value }));
const last = host.live.tip.height;

const isHistory = (key: string) => key.startsWith(HISTORY_PREFIX) || key.startsWith(OWN_HISTORY_PREFIX);
const remove = (key: string): Write => ({ kind: "delete", key });
const put = (key: string, text = "nothing"): Write => ({ kind: "put", key, value: utf8(text) });

async function filled(store: Store, spoil: readonly Write[] = []): Promise<Store> {
  onTestFinished(() => store.close());
  await store.write(ALL);
  await store.write(spoil);
  return store;
}

async function rowsIn(store: Store): Promise<Map<string, string>> {
  const rows = new Map<string, string>();
  for await (const { key, value } of store.range({})) rows.set(key, toHex(value));
  return rows;
}

const RIGHT = new Map([...host.rows].map(([key, value]) => [key, toHex(value)]));
const whole = (rows: ReadonlyMap<string, string>) => [...rows].sort(([a], [b]) => (a < b ? -1 : 1));

/** Rows of history of each sort, the first of each. */
const first = (prefix: string) => [...host.rows.keys()].filter((key) => key.startsWith(prefix)).sort()[0]!;
const PRICE = first(historyRows("price"));
const PLACE = first(historyPlaces("price", "capability/gpu.hour"));
const SLASH = first(historyRows("slash"));
const MOVEMENT = first(movementsOf(toHex(idOf("ann"))));
const PAST = pastAuctionKey(sold[0]!);
const CHANGED = [PRICE, PLACE, SLASH, MOVEMENT, PAST, historyBeginKey("price")];

test("of a store that nothing has befallen, every row is what the log makes", async () => {
  const store = await filled(memoryStore());
  const rows = [...host.rows.keys()].filter(isHistory).length - HISTORY_NAMES.length;
  expect(await rebuildHistory(store, parts)).toEqual({ entries: last, rows, made: 0, mended: 0, removed: 0 });
  expect(whole(await rowsIn(store))).toEqual(whole(RIGHT));
});

test.each<[string, readonly Write[], { made: number; mended: number; removed: number }]>([
  ["are missing", CHANGED.map(remove), { made: 6, mended: 0, removed: 0 }],
  ["are others", CHANGED.map((key) => put(key)), { made: 0, mended: 6, removed: 0 }],
  [
    "no entry has made",
    [
      put(historyRows("price") + placeOf(1, 0)),
      put(historyRows("slash") + placeOf(last + 1, 0)),
      put(PRICE.replace(/[0-9]$/, "7")),
      put(historyPlaces("price", "capability/gpu") + PLACE.slice(-22)),
      put(historyPlaces("price", "capability/other") + placeOf(2, 0), ""),
      put(`${HISTORY_PREFIX}weather/at/${placeOf(1, 0)}`),
      put(`${MOVEMENT}9`),
      put(pastAuctionKey("ab".repeat(32))),
    ],
    { made: 0, mended: 0, removed: 8 },
  ],
])("rows that %s are mended, and no other is touched", async (_, spoil, counted) => {
  for (const rowsABatch of [1, 1024]) {
    const store = await filled(memoryStore(), spoil);
    expect(whole(await rowsIn(store))).not.toEqual(whole(RIGHT));
    expect(await rebuildHistory(store, { ...parts, rowsABatch })).toMatchObject(counted);
    expect(whole(await rowsIn(store))).toEqual(whole(RIGHT));
  }
});

test("a history that is gone altogether is made again, for an agent too whose key came later", async () => {
  const spoil = [...host.rows.keys()].filter(isHistory).map(remove);
  const store = await filled(memoryStore(), spoil);
  await rebuildHistory(store, parts);
  expect(whole(await rowsIn(store))).toEqual(whole(RIGHT));
  const bob = toHex(idOf("bob"));
  await rebuildHistory(store, { ...parts, agents: [...parts.agents, bob] });
  const more = [...(await rowsIn(store)).keys()].filter((key) => !RIGHT.has(key));
  expect(more.length).toBeGreaterThan(3);
  expect(more.filter((key) => !key.startsWith(movementsOf(bob)))).toEqual([]);
});

test("rows with a broken seal are mended on a real disk", async () => {
  const folder = await testFolder();
  const made = await openStore(folder);
  await made.write(ALL);
  await made.close();
  const { Level } = await import("level");
  const raw = new Level<string, Uint8Array>(`${folder}/rows`, { valueEncoding: "view" });
  for (const key of CHANGED) {
    const value = (await raw.get(key))!.slice();
    value[value.length - 1]! ^= 1;
    await raw.put(key, value);
  }
  await raw.close();
  const store = await openStore(folder);
  onTestFinished(() => store.close());
  await expect(rowsIn(store)).rejects.toThrow("is damaged");
  expect(await rebuildHistory(store, parts)).toMatchObject({ made: 0, mended: CHANGED.length, removed: 0 });
  expect(whole(await rowsIn(store))).toEqual(whole(RIGHT));
});

/** A store whose disk is full after so many writes. */
function filling(store: Store, writes: number): Store {
  let left = writes;
  return new Proxy(store, {
    get(target, name) {
      if (name !== "write") return Reflect.get(target, name).bind?.(target);
      return async (rows: readonly Write[]) => {
        if (left-- <= 0) throw new StoreError("STORE_FULL", "could not write", "no space left", "free some");
        return target.write(rows);
      };
    },
  });
}

test("a disk that is full loses no row, at whatever write, and with room it is gone on with", async () => {
  const wrong = put(historyRows("slash") + placeOf(last + 1, 0));
  const spoil = [...CHANGED.slice(1).map((key) => put(key)), remove(PRICE), wrong];
  const before = await rowsIn(await filled(memoryStore(), spoil));
  let failures = 0;
  for (let writes = 0; ; writes++) {
    const store = await filled(memoryStore(), spoil);
    const ended = await rebuildHistory(filling(store, writes), { ...parts, rowsABatch: 1 }).catch(
      (error: StoreError) => error.code,
    );
    const after = await rowsIn(store);
    if (typeof ended !== "string") break;
    failures++;
    expect(ended).toBe("STORE_FULL");
    for (const [key, value] of before) {
      const now = after.get(key);
      expect(now === value || now === RIGHT.get(key), `${key} after ${writes} writes`).toBe(true);
    }
    await rebuildHistory(store, parts);
    expect(whole(await rowsIn(store))).toEqual(whole(RIGHT));
  }
  expect(failures).toBe(spoil.length);
});

test.each<[string, readonly Write[], string, RegExp]>([
  ["is pruned", [keptLogWrite(7)], "LOG_PRUNED", /kept from height 7 on.*from height 1/],
  ["begins nowhere", [put(KEPT_LOG_KEY)], "LOG_PRUNED", /unknown height/],
  ["has a gap", [remove(`${LOG_PREFIX}${placeOf(5, 0).slice(0, 16)}`)], "HISTORY_DIFFERS", /height 6/],
  ["ends too soon", [remove(`${LOG_PREFIX}${placeOf(last, 0).slice(0, 16)}`)], "HISTORY_DIFFERS", /ends/],
  ["is none", [put(`${LOG_PREFIX}${placeOf(5, 0).slice(0, 16)}`)], "HISTORY_DIFFERS", /no entry/],
])("a log that %s makes no history, which stays as it is", async (_, spoil, code, why) => {
  const store = await filled(memoryStore(), [...spoil, put(PRICE)]);
  const before = whole(await rowsIn(store));
  await expect(rebuildHistory(store, parts)).rejects.toMatchObject({ code, why: expect.stringMatching(why) });
  const after = whole(await rowsIn(store));
  if (code === "LOG_PRUNED") expect(after).toEqual(before);
  else
    for (const [key, value] of after)
      expect([before.find(([one]) => one === key)?.[1], RIGHT.get(key)], key).toContain(value);
});

test("a store that has executed nothing has no history", async () => {
  const store = memoryStore();
  onTestFinished(() => store.close());
  expect(await rebuildHistory(store, parts)).toEqual({ entries: 0, rows: 0, made: 0, mended: 0, removed: 0 });
  const rows: Row[] = [];
  for await (const row of store.range({})) rows.push(row);
  expect(rows).toEqual([]);
});

describe("where the log does not reach back", () => {
  const pruned = [keptLogWrite(7)];
  const place = PRICE.slice(-22);
  const height = Number(place.slice(0, 16));

  test("what cannot be read goes with all that leads to it, the rest stays, and it is told from where on it is whole", async () => {
    const store = await filled(memoryStore(), [
      ...pruned,
      put(PRICE),
      remove(SLASH),
      put(MOVEMENT),
      put(PAST),
    ]);
    const slash = Number(SLASH.slice(-22).slice(0, 16));
    // The row itself, its place, the slash's two places, and two rows of own history.
    expect(await letGoOfDamage(store, last)).toEqual({
      rows: 6,
      from: { price: height + 1, slash: slash + 1, trade: 1, usage: 1 },
    });
    const rows = await rowsIn(store);
    const begins = [historyBeginKey("price"), historyBeginKey("slash"), KEPT_LOG_KEY];
    for (const [key, value] of rows)
      if (!begins.includes(key)) expect([key, value]).toEqual([key, RIGHT.get(key)]);
    const gone = [...RIGHT.keys()].filter((key) => !rows.has(key));
    expect(gone.sort()).toEqual(
      [
        ...[...RIGHT.keys()].filter(
          (key) => key.startsWith("history/slash/") && key.endsWith(SLASH.slice(-22)),
        ),
        PRICE,
        PLACE,
        MOVEMENT,
        PAST,
      ].sort(),
    );
    const page = await readHistory(store, "price", { subject: null, before: null, limit: 50 });
    expect([page.from, page.rows.length]).toEqual([height + 1, 4]);
    expect(await letGoOfDamage(store, last)).toMatchObject({ rows: 0, from: { price: height + 1 } });
  });

  test("a kind that does not say since when it is whole is so from the next entry on", async () => {
    const store = await filled(memoryStore(), [...pruned, put(historyBeginKey("price"))]);
    expect(await letGoOfDamage(store, last)).toEqual({
      rows: 0,
      from: { price: last + 1, slash: 1, trade: 1, usage: 1 },
    });
  });

  test("nothing is let go of what can be read", async () => {
    const store = await filled(memoryStore(), pruned);
    const before = whole(await rowsIn(store));
    expect(await letGoOfDamage(store, last)).toEqual({
      rows: 0,
      from: { price: 1, slash: 1, trade: 1, usage: 1 },
    });
    expect(whole(await rowsIn(store))).toEqual(before);
  });
});
