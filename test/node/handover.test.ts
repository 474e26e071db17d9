// Goods change hands between two daemons: whole, in spite of every break, and to nobody else.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type Files, filesIn, filesInMemory } from "../../node/handover/files.js";
import { GoodsRefusal } from "../../node/handover/shelf.js";
import { CHUNK_BYTES, MAX_GOODS_BYTES, manifestHash, SEAL_BYTES } from "../../src/handover/index.js";
import { toHex } from "../../src/index.js";
import { someBytes } from "../handover/goods.js";
import {
  both,
  buyer,
  crash,
  delivered,
  due,
  ended,
  eventually,
  here,
  OneLog,
  party,
  performer,
  pieces,
  readAll,
  tradeOf,
} from "./handover-fixture.js";
import { stopAll } from "./net-fixture.js";

const folders: string[] = [];
function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "mabeam-goods-"));
  folders.push(made);
  return made;
}

let log = new OneLog();
afterEach(async () => {
  for (const { handover } of log.parties) handover.end();
  await stopAll();
  for (const one of folders.splice(0)) rmSync(one, { recursive: true, force: true });
  log = new OneLog();
});

const MEDIA = "application/octet-stream";
const BYTES = someBytes(9 * CHUNK_BYTES + 5);
const given = tradeOf("a trade", due);

/** Files that let so many chunks be written, then fail as a full disk does, until there is room. */
function narrow(files: Files, chunks: number) {
  const disk = { left: chunks };
  const writeAt: Files["writeAt"] = async (...args) => {
    if (disk.left <= 0) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    disk.left--;
    await files.writeAt(...args);
  };
  return { disk, files: { ...files, writeAt } };
}

/** Files whose chunks are counted as they are read. */
function counted(files: Files) {
  const reads: number[] = [];
  const readAt: Files["readAt"] = (name, offset, length) => {
    reads.push(offset);
    return files.readAt(name, offset, length);
  };
  return { reads, files: { ...files, readAt } };
}

describe("goods", () => {
  it("go both ways: the input to the performer, then what it delivers to the buyer, by the hash in the log", async () => {
    const { seller, taker } = await both(log);
    log.says(given);
    const input = someBytes(3);
    expect(taker.handover.isFixed(given, "input")).toBe(false);
    await taker.handover.give(given, "input", "text/plain", pieces(input));
    await eventually("the input is there", () => here(seller, given, "input"));
    expect(await readAll(seller, given, "input")).toEqual(input);
    expect(taker.handover.isFixed(given, "input")).toBe(true);
    const other = taker.handover.give(given, "input", "text/plain", pieces(someBytes(4)));
    await expect(other).rejects.toEqual(new GoodsRefusal("GOODS_GIVEN"));
    expect(await seller.handover.progressOf(given, "input")).toMatchObject({
      side: "taker",
      received: 3,
      total: 3,
      media: "text/plain",
      trouble: null,
    });

    const { hash, size } = await seller.handover.give(given, "output", MEDIA, pieces(BYTES));
    expect(size).toBe(BYTES.length);
    const done = { ...given, state: delivered(hash) };
    expect(await taker.handover.progressOf(given, "output")).toMatchObject({ state: "waiting", total: null });
    log.says(done);
    await eventually("the output is there", () => here(taker, done, "output"));
    expect(Buffer.compare(await readAll(taker, done, "output"), BYTES)).toBe(0);
    const goods = (await taker.handover.goodsOf(done, "output"))!;
    expect(toHex(manifestHash(goods.manifest))).toBe(toHex(hash));
    expect(await seller.handover.progressOf(done, "output")).toMatchObject({
      side: "giver",
      sent: BYTES.length,
    });
  });

  it("of nothing at all are goods too", async () => {
    const { seller, taker } = await both(log);
    log.says(given);
    const { hash } = await seller.handover.give(given, "output", MEDIA, pieces(someBytes(0)));
    const done = { ...given, state: delivered(hash) };
    log.says(done);
    await eventually("the output is there", () => here(taker, done, "output"));
    expect(await readAll(taker, done, "output")).toHaveLength(0);
  });

  it("lie on both disks so that nobody reads them without the agent's key", async () => {
    const [at, to] = [folder(), folder()];
    const { seller, taker } = await both(log, {
      seller: { files: filesIn(at) },
      buyer: { files: filesIn(to) },
    });
    log.says(given);
    const secret = Buffer.from("attack at dawn ".repeat(1000));
    const { hash } = await seller.handover.give(given, "output", MEDIA, pieces(secret));
    const done = { ...given, state: delivered(hash) };
    log.says(done);
    await eventually("the output is there", () => here(taker, done, "output"));
    for (const home of [at, to]) {
      const names = readdirSync(home);
      expect(names).toHaveLength(2);
      for (const name of names) expect(readFileSync(join(home, name)).includes("attack")).toBe(false);
    }
    expect(Buffer.from(await readAll(taker, done, "output")).equals(secret)).toBe(true);
    expect(names(to).filter((name) => name.endsWith(".draft"))).toEqual([]);
  });

  it("between two agents of one daemon need no stream", async () => {
    const one = await party(log, "one", { agents: [performer, buyer] });
    log.says(given);
    await one.handover.give(given, "input", MEDIA, pieces(BYTES));
    expect(await one.handover.progressOf(given, "input")).toMatchObject({ side: "both", state: "here" });
  });

  it("are taken by a daemon that is given the agent's key after the delivery", async () => {
    const { seller, taker } = await both(log, { buyer: { agents: [] } });
    log.says(given);
    const { hash } = await seller.handover.give(given, "output", MEDIA, pieces(BYTES));
    const done = { ...given, state: delivered(hash) };
    log.says(done);
    expect(await taker.handover.progressOf(done, "output")).toBeNull();
    taker.agents.set(toHex(buyer.publicKey), buyer);
    taker.handover.lookAgain();
    await eventually("the output is there", () => here(taker, done, "output"));
  });

  it("are taken also when the buyer has accepted before they came", async () => {
    const { seller, taker } = await both(log);
    log.says(given);
    const { hash } = await seller.handover.give(given, "output", MEDIA, pieces(BYTES));
    log.says({ ...given, state: ended(hash) });
    await eventually("the output is there", () => here(taker, given, "output"));
  });
});

const names = (home: string): readonly string[] => readdirSync(home);

describe("after a break", () => {
  /** The buyer's disk takes so many chunks; then everything it runs on goes, and comes back. */
  async function brokenOff(chunks: number) {
    const home = folder();
    const disk = narrow(filesIn(home), chunks);
    const source = counted(filesInMemory(Date.now));
    const { seller, taker } = await both(log, {
      seller: { files: source.files },
      buyer: { files: disk.files },
    });
    log.says(given);
    const { hash } = await seller.handover.give(given, "output", MEDIA, pieces(BYTES));
    const done = { ...given, state: delivered(hash) };
    log.says(done);
    const stuck = async () => (await taker.handover.progressOf(done, "output"))?.trouble === "DISK_FULL";
    await eventually("the disk is full", stuck);
    return { home, disk: disk.disk, source, seller, taker, done };
  }

  it("a full disk says so, keeps what came, and goes on when there is room", async () => {
    const { disk, taker, done } = await brokenOff(4);
    expect(await taker.handover.progressOf(done, "output")).toMatchObject({
      state: "stalled",
      received: 4 * CHUNK_BYTES,
      trouble: "DISK_FULL",
    });
    disk.left = 100;
    await eventually("the output is there", () => here(taker, done, "output"));
    expect(await readAll(taker, done, "output")).toHaveLength(BYTES.length);
  });

  it.each([
    ["the taker dies at the first chunk", 1],
    ["the taker dies at 60 %", 6],
    ["the taker dies at 99 %", 9],
  ])("%s: once it is back it asks for what is missing and nothing else", async (_, chunks) => {
    const { home, source, seller, taker, done } = await brokenOff(chunks);
    await crash(log, taker);
    await new Promise((resolve) => setTimeout(resolve, 50));
    source.reads.length = 0;
    const join = [...seller.station.network.multiaddrs()];
    const again = await party(log, "taker", { agents: [buyer], join, files: filesIn(home) });
    await eventually("the output is there", () => here(again, done, "output"));
    expect(Buffer.compare(await readAll(again, done, "output"), BYTES)).toBe(0);
    expect(Math.min(...source.reads)).toBe(chunks * (CHUNK_BYTES + SEAL_BYTES));
  });

  it("the giver dies at 60 % and is back under another address: the taker finds it again", async () => {
    const home = folder();
    const files = filesIn(home);
    const slow = narrow(filesInMemory(Date.now), 6);
    const { seller, taker } = await both(log, { seller: { files }, buyer: { files: slow.files } });
    log.says(given);
    const { hash } = await seller.handover.give(given, "output", MEDIA, pieces(BYTES));
    const done = { ...given, state: delivered(hash) };
    log.says(done);
    await eventually(
      "it broke off",
      async () => (await taker.handover.progressOf(done, "output"))?.trouble === "DISK_FULL",
    );
    await crash(log, seller);
    slow.disk.left = 100;
    const join = [...taker.station.network.multiaddrs()];
    await party(log, "seller anew", { agents: [performer], join, files: filesIn(home) });
    await eventually("the output is there", () => here(taker, done, "output"));
    expect(Buffer.compare(await readAll(taker, done, "output"), BYTES)).toBe(0);
  });

  it("a chunk that the disk has changed is asked for again, and never read", async () => {
    const { home, seller, taker, done } = await brokenOff(5);
    await crash(log, taker);
    const chunks = names(home).find((name) => name.endsWith(".chunks"))!;
    await filesIn(home).writeAt(chunks, 1000, Uint8Array.of(255, 255));
    const join = [...seller.station.network.multiaddrs()];
    const again = await party(log, "taker", { agents: [buyer], join, files: filesIn(home) });
    await eventually("the output is there", () => here(again, done, "output"));
    expect(Buffer.compare(await readAll(again, done, "output"), BYTES)).toBe(0);
    await filesIn(home).writeAt(chunks, 1000, Uint8Array.of(1, 2));
    expect(await (await again.handover.goodsOf(done, "output"))!.read(0)).toBeNull();
  });
});

describe("what is laid down", () => {
  it("is refused beyond 64 MiB, however long it goes on, and leaves nothing behind", async () => {
    const home = folder();
    const one = await party(log, "one", { agents: [buyer], files: filesIn(home) });
    log.says(given);
    async function* endless() {
      const piece = new Uint8Array(CHUNK_BYTES);
      let told = 0;
      for (;;) {
        expect(told).toBeLessThanOrEqual(MAX_GOODS_BYTES);
        yield piece;
        told += piece.length;
      }
    }
    await expect(one.handover.give(given, "input", MEDIA, endless())).rejects.toEqual(
      new GoodsRefusal("GOODS_TOO_LARGE"),
    );
    expect(names(home)).toEqual([]);
  });

  it("is refused by a full disk, and by a full shelf unless trades that are over give room, the oldest first", async () => {
    const { disk, files } = narrow(filesInMemory(Date.now), 2);
    const one = await party(log, "one", { agents: [buyer], files, shelfBytes: 2 * CHUNK_BYTES });
    const trades = ["first", "second", "third"].map((name) => tradeOf(name, due));
    for (const trade of trades) log.says(trade);
    const give = (i: number, size = CHUNK_BYTES) =>
      one.handover.give(trades[i]!, "input", MEDIA, pieces(someBytes(size)));
    await expect(give(0, 3 * CHUNK_BYTES)).rejects.toMatchObject({ code: expect.stringMatching(/_FULL$/) });
    disk.left = 0;
    await expect(give(0)).rejects.toEqual(new GoodsRefusal("DISK_FULL"));
    disk.left = 100;
    await give(0);
    await give(1);
    await expect(give(2)).rejects.toEqual(new GoodsRefusal("SHELF_FULL"));
    log.says({ ...trades[0]!, state: ended(null) });
    await give(2);
    expect(await one.handover.goodsOf(trades[0]!, "input")).toBeNull();
    expect(await one.handover.goodsOf(trades[1]!, "input")).not.toBeNull();
  });

  it("is replaced whole, and a draft that was not finished is cleared away at the next start", async () => {
    const home = folder();
    const one = await party(log, "one", { agents: [performer], files: filesIn(home) });
    log.says(given);
    await one.handover.give(given, "output", MEDIA, pieces(BYTES));
    const second = someBytes(77);
    await one.handover.give(given, "output", MEDIA, pieces(second));
    expect(await readAll(one, given, "output")).toEqual(second);
    expect(names(home)).toHaveLength(2);
    await filesIn(home).writeAt("left.draft", 0, second);
    await crash(log, one);
    const again = await party(log, "one", { agents: [performer], files: filesIn(home) });
    expect(await readAll(again, given, "output")).toEqual(second);
    expect(names(home)).toHaveLength(2);
  });
});
