// Scenarios 43, 44 and 45 of spec/scenarios, on running members: bytes that are no message, gossip's own control
// messages, and streams that are held open, never read, or opened without end.
import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { LANE_LIMITS } from "../../node/driver/event-queue.js";
import { encodeBundle } from "../../node/net/bundle.js";
import { frameOf } from "../../node/net/frame-stream.js";
import { MAX_STREAMS_PER_PROTOCOL } from "../../node/net/limits.js";
import { Topics } from "../../node/net/topics.js";
import { QUORUM_PROTOCOL, STATUS_PROTOCOL, SYNC_PROTOCOL } from "../../node/net/wire.js";
import { type Bytes, fromHex } from "../../src/base/index.js";
import type { TargetState } from "../../testnet/bench/phases/flood-target.js";
import type { FloodTarget } from "../../testnet/lab/attack/flood.js";
import {
  type ControlKind,
  control,
  gossipFrame,
  message,
  varint,
} from "../../testnet/lab/attack/raw-gossip.js";
import { type Line, openLine, push, rawHost } from "../../testnet/lab/attack/raw-host.js";
import { eventually } from "../e2e/eventually.js";
import { type Arena, grown, since, startArena } from "./arena.js";

/** Each of the four members may hold what one lane of its queue holds, for whoever it is. */
const MAX_GROWTH_BYTES = 4 * LANE_LIMITS.member.bytes;
const LOAD = { clients: 8, each: 1 };

let arena: Arena;
let target: FloodTarget;
let before: TargetState;
const hosts: Awaited<ReturnType<typeof rawHost>>[] = [];

beforeAll(async () => {
  arena = startArena();
  target = await arena.do("target", null);
  await arena.do("transfers", LOAD);
});
afterAll(() => arena.close());
beforeEach(async () => {
  before = await arena.do("state", null);
});
/** After every attack: no member has ended, the log goes on, all that is asked becomes final, memory is what the queues may hold. */
afterEach(async () => {
  const final = await arena.do("transfers", LOAD);
  const after = await arena.do("state", null);
  await Promise.all(hosts.splice(0).map((host) => host.stop()));
  expect(grown(before, after)).toBe(true);
  expect(final).toBe(LOAD.clients * LOAD.each);
  expect(after.heldBytes - before.heldBytes).toBeLessThan(MAX_GROWTH_BYTES);
});

async function line(protocol?: string): Promise<Line> {
  const host = await rawHost();
  hosts.push(host);
  const opened = await openLine(host, target.addresses[0]!, protocol);
  if (opened === null) throw new Error("the target let nobody in");
  return opened;
}
const topic = (kind: "ops" | "final" | "evidence") =>
  new Topics(fromHex(target.chain)!, fromHex(target.market)!).nameOf(kind);
const cbor = (hex: string): Bytes => Uint8Array.from(Buffer.from(hex, "hex"));

/** Bytes that no schema takes, each for a reason of its own. */
const BAD: Readonly<Record<string, () => Bytes>> = {
  "maps in maps, 5,000 deep": () => new Uint8Array(10_000).map((_, i) => (i % 2 === 0 ? 0xa1 : 0)),
  "arrays in arrays": () => new Uint8Array(10_000).fill(0x81),
  "an indefinite map": () => cbor("bf0001ff"),
  "one key twice": () => cbor("a200010002"),
  "2^53 + 1": () => cbor("a1001b0020000000000001"),
  "a list of 2^32 items": () => cbor("9affffffff"),
  noise: () => new Uint8Array(randomBytes(4096)),
};

test("scenario 43: bytes that are no message crash nobody, on any protocol or topic", async () => {
  for (const make of Object.values(BAD)) {
    for (const protocol of [SYNC_PROTOCOL, STATUS_PROTOCOL, QUORUM_PROTOCOL])
      push(await line(protocol), frameOf(make()));
    for (const kind of ["ops", "final", "evidence"] as const) {
      push(await line(), gossipFrame(message(topic(kind), make())));
      if (kind === "ops") push(await line(), gossipFrame(message(topic(kind), encodeBundle([make()]))));
    }
  }
  const rejected = (after: TargetState): number =>
    ["ops", "final", "evidence", "sync", "status", "quorum"].filter((part) =>
      Object.keys(after.counters).some(
        (name) =>
          name.startsWith(`${part}.`) &&
          /WRONG|NOT_CANONICAL|TRUNCATED|UNKNOWN|TOO_DEEP|BAD_|TRAILING|OUT_OF/.test(name) &&
          since(before, after, name) > 0,
      ),
    ).length;
  await eventually("each part refuses some", async () => rejected(await arena.do("state", null)) === 6);
});

test("scenario 43: an oversized gossip frame, and frames that are noise, cost their sender its place", async () => {
  const huge = await line();
  push(huge, varint(512 * 1024 * 1024));
  const noise = await line();
  for (let i = 0; i < 8; i++) push(noise, gossipFrame(Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0x7f)));
  await eventually(
    "its frames are counted",
    async () => since(before, await arena.do("state", null), "peers.BAD_GOSSIP_FRAME") >= 5,
  );
  await eventually("it is shut out", () => noise.connection.status !== "open");
});

test.each(["ihave", "iwant", "graft", "prune"] as const)(
  "scenario 44: floods of %s, up to 300,000 ids in a frame, are cut off",
  async (kind: ControlKind) => {
    const ids = kind === "ihave" || kind === "iwant";
    const id = Array.from({ length: 300_000 }, () => Uint8Array.of(1));
    const most = ids
      ? gossipFrame(control(kind, topic("ops"), id))
      : gossipFrame(control(kind, topic("ops"), [], 9_000));
    const flooder = await line();
    const timer = setInterval(() => push(flooder, most), 20);
    await eventually("it is shut out", () => flooder.connection.status !== "open");
    clearInterval(timer);
    const after = await arena.do("state", null);
    expect(since(before, after, "peers.BAD_GOSSIP_FRAME")).toBeGreaterThanOrEqual(5);
  },
);

test("scenario 45: streams that say nothing, or a byte now and then, are few and end", async () => {
  const host = await rawHost();
  hosts.push(host);
  const lines = await Promise.all(
    Array.from({ length: 3 * MAX_STREAMS_PER_PROTOCOL }, () =>
      openLine(host, target.addresses[0]!, SYNC_PROTOCOL),
    ),
  );
  const drip = setInterval(() => {
    for (const one of lines) if (one !== null) push(one, Uint8Array.of(0));
  }, 500);
  const open = () => lines.filter((one) => one?.stream.status === "open").length;
  await eventually("no more stand than one peer may have", () => open() <= MAX_STREAMS_PER_PROTOCOL);
  await eventually("and these end, for the peer never said who it is", () => open() === 0);
  clearInterval(drip);
});

test("scenario 45: a peer that asks and never reads costs no more than its streams may hold", async () => {
  const silent = await line(SYNC_PROTOCOL);
  silent.stream.pause();
  for (let i = 0; i < 64; i++) push(silent, frameOf(cbor("820080")));
  await eventually("it is let go", () => silent.stream.status !== "open");
});

test("scenario 45: ten thousand connections: those that say nothing make room for whoever comes", async () => {
  const [, , ip, , port] = target.addresses[0]!.split("/");
  const sockets = new Set<Socket>();
  const own = new WeakSet<Socket>();
  let ended = 0; // by the member: what this side ends does not count
  for (let i = 0; i < 10_000; i++) {
    const socket = connect(Number(port), ip);
    sockets.add(socket);
    const over = () => {
      if (sockets.delete(socket) && !own.has(socket)) ended++;
    };
    socket.on("error", over).on("close", over);
    if (i % 200 === 199) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      // As many at once as a process may have: the oldest make way.
      for (const old of [...sockets].slice(0, Math.max(0, sockets.size - 500))) {
        own.add(old);
        old.destroy();
      }
    }
  }
  const final = await arena.do("transfers", LOAD); // the members' own connections stand
  expect(final).toBe(LOAD.clients * LOAD.each);
  await eventually("some were ended by the member", () => ended > 0);
  for (const socket of sockets) {
    own.add(socket);
    socket.destroy();
  }
  await eventually("an honest peer is let in", async () => {
    const host = await rawHost();
    hosts.push(host);
    return (await openLine(host, target.addresses[0]!, STATUS_PROTOCOL)) !== null;
  });
  const after = await arena.do("state", null);
  expect(after.connections.every((count) => count >= 3)).toBe(true);
});
