// Transcripts from a disk: the same read row by row as whole, no row before it is asked for, and no gap passed over.
import { beforeAll, describe, expect, it } from "vitest";
import { memoryStore } from "../../node/store/memory-store.js";
import type { Store } from "../../node/store/store.js";
import { openTranscript, readTranscript } from "../../node/transcript-reader.js";
import { toHex } from "../../src/base/index.js";
import { encodeGenesis } from "../../src/ledger/index.js";
import { type AuctionId, auctionOf } from "../../src/market/index.js";
import {
  assembleTranscript,
  decodeWitness,
  LOG_PREFIX,
  logKey,
  ownWitnessKey,
  type TranscriptEntry,
} from "../../src/peer/index.js";
import { Cluster, ended, type Host, opened } from "../peer/cluster.js";

let host: Host;
let auction: AuctionId;
let from: number;

beforeAll(() => {
  const cluster = new Cluster({ agents: [["sue", "ann"]] });
  auction = opened(cluster, "sue", { commitMs: 1000, revealMs: 1200 });
  host = cluster.host(0);
  ended(cluster, auction);
  const key = ownWitnessKey(toHex(auction));
  expect(cluster.run(20_000, () => host.rows.has(key))).toBe(true);
  const { attestedAt } = decodeWitness(host.rows.get(key)!)!;
  cluster.run(20_000, () => host.log().at(-1)!.header.height > attestedAt + 3);
  from = auctionOf(host.live.ledger, auction)!.createdAt;
});

/** The host's disk without some of its rows, and how many rows of the log are read from it. */
async function disk(without: readonly string[] = []) {
  const store = memoryStore();
  const rows = [...host.rows].filter(([key]) => !without.includes(key));
  await store.write(rows.map(([key, value]) => ({ kind: "put", key, value })));
  const counted = { rows: 0 };
  const counting: Store = Object.assign(Object.create(store) as Store, {
    async *range(range: Parameters<Store["range"]>[0]) {
      for await (const row of store.range(range)) {
        if (row.key.startsWith(LOG_PREFIX)) counted.rows++;
        yield row;
      }
    },
    get: (key: string) => store.get(key),
  });
  return { store: counting, counted };
}

const open = (store: Store) => openTranscript(store, encodeGenesis(host.genesis), toHex(auction));

describe("a transcript", () => {
  it("is, row by row and whole, what the log and the witness make", async () => {
    const { store } = await disk();
    const witness = decodeWitness(host.rows.get(ownWitnessKey(toHex(auction)))!)!;
    const genesis = encodeGenesis(host.genesis);
    const expected = assembleTranscript(toHex(auction), genesis, host.log(from), witness);
    expect(expected).not.toBeNull();
    expect(await readTranscript(store, genesis, toHex(auction))).toEqual(expected);
    const source = (await open(store))!;
    expect(source.entryCount).toBe(expected!.entries.length);
    for (let reading = 0; reading < 2; reading++) {
      const entries: TranscriptEntry[] = [];
      for await (const one of source.entries()) entries.push(one);
      expect(entries).toEqual(expected!.entries);
    }
  });

  it("costs its ends when it is opened, and a row for each entry that is taken", async () => {
    const { store, counted } = await disk();
    const source = (await open(store))!;
    expect(counted.rows).toBeLessThanOrEqual(65);
    counted.rows = 0;
    let taken = 0;
    for await (const _ of source.entries()) if (++taken === 2) break;
    expect(counted.rows).toBe(2);
  });

  it("is none where its first row is gone, and is not read past a gap", async () => {
    expect(await open((await disk([logKey(from)])).store)).toBeNull();
    const { store } = await disk([logKey(from + 1)]);
    const source = (await open(store))!;
    const read = async () => {
      for await (const _ of source.entries());
    };
    await expect(read()).rejects.toMatchObject({ code: "STORE_CORRUPT" });
  });
});
