// Whom a peer dials, asks and names, when others fill its address book: nobody's hearsay keeps it from those it needs.
import { generateKeyPair } from "@libp2p/crypto/keys";
import type { Connection } from "@libp2p/interface";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import { multiaddr } from "@multiformats/multiaddr";
import { afterEach, expect, test, vi } from "vitest";
import { type AcquaintancePort, Acquaintances } from "../../node/net/acquaintances.js";
import { ask } from "../../node/net/call.js";
import { Counters } from "../../node/net/counters.js";
import { Dialer, type DialerPort } from "../../node/net/dialer.js";
import { KnownPeers } from "../../node/net/known-peers.js";
import { MAX_SMALL_FRAME_BYTES } from "../../node/net/limits.js";
import { Roster } from "../../node/net/roster.js";
import {
  type Introduction,
  MAX_INTRODUCED,
  STATUS_PROTOCOL,
  type StatusMessage,
  statusMessage,
} from "../../node/net/wire.js";
import { encode } from "../../src/base/index.js";
import { chain, market, quiet, station, stopAll, stranger, until } from "./net-fixture.js";

afterEach(async () => {
  vi.useRealTimers();
  await stopAll();
});

const DIAL_MS = 10_000;
const addressOf = (n: number): string => `/ip4/127.0.0.1/tcp/${n}`;
const statusOf = (known: readonly Introduction[] = []): StatusMessage => ({
  v: 2,
  chain,
  market,
  final: null,
  seatKey: null,
  addresses: [],
  known: [...known],
});

/** A peer that is not there, at an address that refuses at once. */
async function nobody(address = addressOf(1)): Promise<Introduction> {
  const peer = peerIdFromPrivateKey(await generateKeyPair("Ed25519")).toString();
  return { peer, seatKey: null, addresses: [`${address}/p2p/${peer}`] };
}

/** A dialer in virtual time, whose dials all end in nothing after ten seconds. */
function dialer(change: Partial<DialerPort> = {}) {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  const steadyMs = (): number => performance.now();
  const known = new KnownPeers("me", steadyMs);
  const roster = new Roster();
  const dialled: string[] = [];
  const refreshed: number[] = [];
  const dial = (addresses: { toString(): string }[]): Promise<never> => {
    dialled.push(String(addresses[0]));
    return new Promise((_, fail) => setTimeout(() => fail(new Error("nobody is there")), DIAL_MS));
  };
  const port = {
    host: { dial },
    known,
    roster,
    counters: new Counters(),
    log: quiet,
    links: { mySeat: 3, hasLink: () => false, open: async () => false },
    role: { electorate: { size: 4 } },
    join: [],
    loopback: false,
    maxConnections: 12,
    limits: { targetConnections: 0, dialsInFlight: 4 },
    steadyMs,
    connectionTo: () => null,
    refresh: () => void refreshed.push(steadyMs()),
    ...change,
  } as unknown as DialerPort;
  const made = new Dialer(port);
  return { made, known, roster, dialled, refreshed };
}

test("claimants of some seats that never answer do not keep another seat's holder from being dialled", async () => {
  const { made, known, dialled } = dialer();
  for (let seat = 0; seat < 2; seat++) {
    for (let i = 0; i < 4; i++)
      known.note(`hole ${seat}/${i}`, [addressOf(1000 + 4 * seat + i)], seat, false);
  }
  known.note("holder", [addressOf(2000)], 2, true);
  made.kick();
  await vi.advanceTimersByTimeAsync(10 * DIAL_MS);
  made.stop();
  expect(dialled.filter((one) => one === addressOf(2000)).length).toBeGreaterThan(1);
});

test("who claims a seat anew again and again does not keep its holder from being dialled again", async () => {
  const { made, known, dialled } = dialer();
  known.note("holder", [addressOf(2000)], 2, true);
  known.proved("holder", 2);
  made.kick();
  for (let i = 0; i < 400; i++) {
    await vi.advanceTimersByTimeAsync(500);
    known.note(`claims ${i}`, [addressOf(3000 + i)], 2, true);
    known.reached(`claims ${i}`);
  }
  made.stop();
  expect(dialled.filter((one) => one === addressOf(2000)).length).toBeGreaterThan(5);
});

test("a dialer that is called upon without a pause looks all the same", async () => {
  const { made, known, dialled } = dialer();
  known.note("holder", [addressOf(2000)], 2, true);
  for (let i = 0; i < 100; i++) {
    made.kick();
    await vi.advanceTimersByTimeAsync(10);
  }
  made.stop();
  expect(dialled).toEqual([addressOf(2000)]);
});

test("who tells of many peers that are not there makes nobody ask its honest peers too often", async () => {
  const honest = await station({ name: "honest", seat: 1 });
  const member = await station({ name: "member", seat: 0 });
  await member.network.dial(honest.network.multiaddrs()[0]!);
  const liar = await stranger();
  const target = member.network.multiaddrs()[0]!;
  const connection = await liar.dial(multiaddr(target));
  for (let round = 0; round < 3; round++) {
    const known = await Promise.all(Array.from({ length: 40 }, () => nobody()));
    await ask(connection, STATUS_PROTOCOL, encode(statusMessage, statusOf(known)), MAX_SMALL_FRAME_BYTES);
  }
  await until("the member has tried them", () => (member.network.counters()["peers.DIAL_FAILED"] ?? 0) > 100);
  for (const { network } of [honest, member]) {
    expect(network.counters()["status.TOO_MANY_REQUESTS"] ?? 0).toBe(0);
    expect(network.peers().some(({ seat }) => seat !== null)).toBe(true);
  }
});

test("false addresses, told first, give way to others once nobody was met there", () => {
  const known = new KnownPeers("me", () => 0);
  const told = [1, 2, 3, 4].map(addressOf);
  known.note("member", told, 2, false);
  known.note("member", [addressOf(5)], 2, false);
  expect([known.get("member")!.addresses, known.isNews("member", [addressOf(5)])]).toEqual([told, false]);
  known.failed("member");
  expect(known.isNews("member", [addressOf(5)])).toBe(true);
  known.note("member", [addressOf(5)], 2, false);
  expect(known.get("member")!.addresses).toEqual([5, 1, 2, 3].map(addressOf));
  known.note("member", [addressOf(6)], 2, true); // it speaks for itself, and nobody takes that away
  known.failed("member");
  known.note("member", told, 2, false);
  expect(known.get("member")!.addresses[0]).toBe(addressOf(6));
});

test("however many claim one seat, a book has room for others, and names holders of the other seats", () => {
  const known = new KnownPeers("me", () => 0);
  known.note("first holder", [addressOf(1)], 0, true);
  known.note("second holder", [addressOf(2)], 1, true);
  for (let i = 0; i < 2000; i++) known.note(`claims ${i}`, [addressOf(3)], 0, true);
  known.note("newcomer", [addressOf(4)], null, true);
  known.note("third holder", [addressOf(5)], 2, true);
  expect(known.size).toBeLessThanOrEqual(1024);
  for (const ref of ["first holder", "second holder", "third holder", "newcomer"]) {
    expect([ref, known.get(ref)?.ref]).toEqual([ref, ref]);
  }
  const named = known.introductions((seat) => Uint8Array.of(seat), "nobody").map(({ peer }) => peer);
  expect(named).toEqual(expect.arrayContaining(["second holder", "third holder", "newcomer"]));
});

test("who proved a seat keeps its place in a full book, and is named, however many claim the seat", () => {
  let nowMs = 0;
  const known = new KnownPeers("me", () => nowMs++);
  for (let i = 0; i < 1024; i++) known.note(`claims ${i}`, [addressOf(3)], 0, true);
  known.note("holder", [addressOf(1)], 0, true);
  known.proved("holder", 0);
  known.failed("holder");
  for (let i = 1024; i < 1030; i++) known.note(`claims ${i}`, [addressOf(3)], 0, true);
  known.reached("holder");
  const named = known.introductions((seat) => Uint8Array.of(seat), "nobody").map(({ peer }) => peer);
  expect(named[0]).toBe("holder");
});

test("a seat's key keeps one peer beyond the cap on connections, whatever names it proves", () => {
  const roster = new Roster();
  const due: (() => void)[] = [];
  const parted: string[] = [];
  const acquaintances = new Acquaintances({
    loopback: false,
    steadyMs: () => 0,
    seatKey: null,
    maxConnections: 2,
    known: new KnownPeers("me", () => 0),
    roster,
    shown: { judge: () => undefined },
    counters: new Counters(),
    handlers: { onConnected: () => undefined },
    changed: () => undefined,
    later: (_: number, work: () => void) => due.push(work),
    part: ({ remotePeer }: Connection) => {
      parted.push(String(remotePeer));
      roster.remove(String(remotePeer));
    },
    connectionTo: (ref: string) => ({ remotePeer: ref, remoteAddr: roster.get(ref)?.remoteAddress }),
  } as unknown as AcquaintancePort);
  for (const [name, seat] of [
    ["one", 1],
    ["two", 2],
    ["1/a", 1],
    ["1/b", 1],
    ["1/c", 1],
    ["who", null],
  ] as const) {
    const from = { remotePeer: name, remoteAddr: "/ip4/127.0.0.1/tcp/1", direction: "inbound" };
    acquaintances.introduced(from as unknown as Connection, statusOf());
    roster.get(name)!.seat = seat;
  }
  expect(roster.unseated().length).toBe(4);
  for (const work of due) work();
  expect(parted).toEqual(["1/c", "who"]);
  expect(roster.all().map(({ ref }) => ref)).toEqual(["one", "two", "1/a", "1/b"]);
});

/** Strangers that come, in this order and by these addresses, to a public peer with so many places; who is here after all have had their time. */
function placesAfter(names: readonly (readonly [name: string, address: string])[], maxConnections: number) {
  const roster = new Roster();
  const due: (() => void)[] = [];
  const acquaintances = new Acquaintances({
    loopback: false,
    steadyMs: () => 0,
    seatKey: null,
    maxConnections,
    known: new KnownPeers("me", () => 0),
    roster,
    shown: { judge: () => undefined },
    counters: new Counters(),
    handlers: { onConnected: () => undefined },
    changed: () => undefined,
    later: (_: number, work: () => void) => due.push(work),
    part: ({ remotePeer }: Connection) => void roster.remove(String(remotePeer)),
    connectionTo: (ref: string) => ({ remotePeer: ref, remoteAddr: roster.get(ref)?.remoteAddress }),
  } as unknown as AcquaintancePort);
  for (const [remotePeer, remoteAddr] of names) {
    acquaintances.introduced(
      { remotePeer, remoteAddr, direction: "inbound" } as unknown as Connection,
      statusOf(),
    );
    for (const work of due.splice(0)) work();
  }
  return roster.all().map(({ ref }) => ref);
}
const crowd = (name: string, of: number, address: string) =>
  Array.from({ length: of }, (_, i) => [`${name} ${i}`, address] as const);

test("one group of addresses has a quarter of the places, however early it comes; one machine may have them all", () => {
  expect(placesAfter(crowd("owner", 64, "/ip4/6.6.1.1/tcp/1"), 64)).toEqual(
    crowd("owner", 16, "").map(([name]) => name),
  );
  expect(placesAfter(crowd("process", 64, "/ip4/127.0.0.1/tcp/1"), 64).length).toBe(64);
});

test("where all places are taken, the newest of the largest group gives its place to whoever comes from a smaller one", () => {
  const owners = [6, 7, 8, 9].flatMap((net) => crowd(`owner ${net}`, 16, `/ip4/${net}.6.1.1/tcp/1`));
  const others = Array.from({ length: 60 }, (_, i) => [`other ${i}`, `/ip4/${100 + i}.1.1.1/tcp/1`] as const);
  const here = placesAfter([...owners, ...others], 64);
  expect(here.length).toBe(64);
  expect(here.filter((name) => name.startsWith("other"))).toEqual(others.map(([name]) => name));
  expect(here.slice(0, 4)).toEqual(["owner 6 0", "owner 7 0", "owner 8 0", "owner 9 0"]);
  const equals = Array.from({ length: 8 }, (_, i) => [`first ${i}`, `/ip4/${i + 1}.1.1.1/tcp/1`] as const);
  expect(placesAfter([...equals, ["late", "/ip4/99.1.1.1/tcp/1"]], 8)).toEqual(equals.map(([name]) => name));
});

test("strangers that fill a public peer's places do not keep it from dialling whom it chooses", async () => {
  const { made, known, roster, dialled } = dialer({
    limits: { targetConnections: 1, dialsInFlight: 4 },
    role: { electorate: { size: 0 } } as DialerPort["role"],
  });
  for (const [remotePeer, remoteAddr] of crowd("stranger", 12, "/ip4/6.6.1.1/tcp/1")) {
    const connection = { remotePeer, remoteAddr, direction: "inbound" } as unknown as Connection;
    roster.introduce(connection, statusOf(), null, 0);
  }
  known.note("chosen", [addressOf(7)], null, false);
  made.kick();
  await vi.advanceTimersByTimeAsync(2 * DIAL_MS);
  made.stop();
  expect(dialled).toContain(addressOf(7));
});

test("of what one teller says of others only so much is read, and what is known is not read again", async () => {
  let nowMs = 0;
  const known = new KnownPeers("me", () => nowMs);
  const acquaintances = new Acquaintances({
    loopback: false,
    steadyMs: () => nowMs,
    seatKey: null,
    maxConnections: 10,
    known,
    roster: new Roster(),
    shown: { judge: () => undefined },
    handlers: { onConnected: () => undefined },
    changed: () => undefined,
    later: () => undefined,
  } as unknown as AcquaintancePort);
  const tell = (teller: string, told: readonly Introduction[]) =>
    acquaintances.introduced(
      {
        remotePeer: teller,
        remoteAddr: "/ip4/10.0.0.1/tcp/1",
        direction: "inbound",
      } as unknown as Connection,
      statusOf(told),
    );
  const others = await Promise.all(Array.from({ length: 200 }, () => nobody("/ip4/10.0.0.2/tcp/1")));
  for (let i = 0; i < 200; i += 50) tell("teller", others.slice(i, i + 50));
  expect(known.size).toBe(MAX_INTRODUCED);
  tell("teller", others.slice(0, 50));
  tell("another", others.slice(150));
  expect(known.size).toBe(MAX_INTRODUCED + 50);
  nowMs += 1000;
  tell("teller", others.slice(0, 150));
  expect(known.size).toBe(MAX_INTRODUCED + 54);
});
