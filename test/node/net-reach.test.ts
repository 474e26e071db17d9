// Whom an address reaches: loopback ones this machine only, others also a peer that listens on loopback alone.
import { networkInterfaces } from "node:os";
import { multiaddr } from "@multiformats/multiaddr";
import { afterEach, describe, expect, test } from "vitest";
import { waitingFor } from "../../node/banner.js";
import { ask } from "../../node/net/call.js";
import { FrameStream } from "../../node/net/frame-stream.js";
import { createHost } from "../../node/net/host.js";
import { isLoopback, meantFor, whyUnreached } from "../../node/net/reach.js";
import { type StatusMessage, statusMessage } from "../../node/net/wire.js";
import { decode, encode } from "../../src/base/index.js";
import { chain, market, seedOf, station, stopAll, stranger, unstarted, until } from "./net-fixture.js";

afterEach(stopAll);

const statusOf = (known: StatusMessage["known"]) =>
  encode(statusMessage, { v: 2, chain, market, final: null, seatKey: null, addresses: [], known });

const outside = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === "IPv4" && !internal)?.address;
if (outside === undefined)
  console.warn("skipped: this machine has no address but loopback's, so none is dialled");

test.each([
  ["/ip4/127.0.0.1/tcp/1", true],
  ["/ip4/127.255.0.9/tcp/1", true],
  ["/ip6/::1/tcp/1", true],
  ["/dns4/localhost/tcp/1", true],
  ["/dns/localhost/tcp/1", true],
  ["/ip4/128.0.0.1/tcp/1", false],
  ["/ip6/::2/tcp/1", false],
  ["/dns4/localhost.example/tcp/1", false],
])("%s is loopback: %s", (address, expected) => expect(isLoopback(address)).toBe(expected));

test("a loopback address is said and taken only between ends on one machine", () => {
  const addresses = ["/ip4/127.0.0.1/tcp/1", "/ip4/10.0.0.1/tcp/1"];
  expect(meantFor("/ip4/127.0.0.1/tcp/9", addresses)).toEqual(addresses);
  expect(meantFor("/ip4/10.0.0.2/tcp/9", addresses)).toEqual(["/ip4/10.0.0.1/tcp/1"]);
});

test("why a dial failed names each cause once, and what a loopback address cannot do", () => {
  const two = new AggregateError([new Error("refused"), new Error("refused"), new Error("no route")]);
  expect(whyUnreached("/ip4/10.0.0.1/tcp/1", two)).toBe("refused; no route");
  expect(whyUnreached("/ip4/127.0.0.1/tcp/1", new Error("refused"))).toMatch(/^refused; a loopback address/);
});

test("a daemon is ready or says what it waits for, with what it could not reach", () => {
  const unreached = new Map([["/ip4/10.0.0.1/tcp/1", "refused"]]);
  expect(waitingFor({ ready: true, missing: [] }, unreached)).toBe(null);
  expect(waitingFor({ ready: false, missing: ["isolated"] }, unreached)).toMatch(/10\.0\.0\.1.*refused/);
  expect(waitingFor({ ready: false, missing: ["starting"] }, unreached)).not.toMatch(/refused/);
  expect(waitingFor({ ready: false, missing: ["forked"] }, unreached)).toMatch(/forked/);
});

test.each([
  [true, 1],
  [false, 0],
])("a host dials what its gate allows (%s), whoever named it", async (may, met) => {
  const target = await station({ name: "target" });
  const host = await createHost({ ...unstarted, peerKey: seedOf(`gated ${may}`), mayDial: () => may });
  await host.start();
  const dialled = await host.dial(multiaddr(target.network.multiaddrs()[0]!)).catch(() => null);
  await host.stop();
  expect(dialled === null ? 0 : 1).toBe(met);
});

test("an address to begin with that nobody listens at is told with its cause until it answers", async () => {
  const address = "/ip4/127.0.0.1/tcp/1";
  const one = await station({ name: "one", join: [address] });
  await until("the failure is told", () => one.network.unreached().has(address));
  expect(one.network.unreached().get(address)).toMatch(/ECONNREFUSED/);
});

describe.skipIf(outside === undefined)("a peer that listens on loopback alone", () => {
  test("joins a peer at another address that its owner named, and stays", async () => {
    const far = await station({ name: "far", options: { listen: ["/ip4/0.0.0.0/tcp/0"], loopback: false } });
    const address = far.network.multiaddrs().find((one) => one.includes(`/${outside}/`))!;
    const near = await station({ name: "near", join: [address] });
    await until("they have met", () => near.connected.size === 1 && far.connected.size === 1);
    expect(near.network.unreached().size).toBe(0);
    expect(far.network.peers()[0]!.addresses).toEqual([]); // nobody there could use them
    const third = await station({ name: "third" });
    await third.network.dial(address);
    await until("a named address is dialled later too", () => far.connected.size === 2);
  });

  test("dials no other address that it only hears of", async () => {
    const far = await station({ name: "far", options: { listen: ["/ip4/0.0.0.0/tcp/0"], loopback: false } });
    const address = far.network.multiaddrs().find((one) => one.includes(`/${outside}/`))!;
    const gossip = await stranger();
    await gossip.handle("/mabeam/1/status", async (stream) => {
      const frames = new FrameStream(stream, 65536);
      await frames.read();
      frames.send(statusOf([{ peer: far.network.ref, seatKey: null, addresses: [address] }]));
      await stream.close();
    });
    const near = await station({ name: "near" });
    await near.network.dial(gossip.getMultiaddrs()[0]!.toString());
    await until("the hearsay has come", () => near.connected.size === 1);
    // What it keeps it would dial, and tell to others.
    const connection = await (await stranger()).dial(multiaddr(near.network.multiaddrs()[0]!));
    const told = decode(statusMessage, await ask(connection, "/mabeam/1/status", statusOf([]), 65536), 65536);
    if (!told.ok) throw new Error(told.error.detail);
    expect(told.value.known.map(({ peer }) => peer)).not.toContain(far.network.ref);
    const asked = near.network.counters()["peers.DIAL_FAILED"] ?? 0;
    expect([asked, far.connected.size]).toEqual([0, 0]);
  });
});
