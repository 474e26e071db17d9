// What a peer offers to strangers: these protocols and no others, and nothing that lets them store without limit.
import { multiaddr } from "@multiformats/multiaddr";
import { afterEach, describe, expect, test } from "vitest";
import { createHost } from "../../node/net/host.js";
import { PeerShelf } from "../../node/net/peer-shelf.js";
import { chain, seedOf, station, stopAll, stranger, unstarted, until } from "./net-fixture.js";

afterEach(stopAll);

const OWN = ["/mabeam/1/quorum", "/mabeam/1/status", "/mabeam/1/sync"];
/** Asked of whoever connects: who it is, whether it is there, and gossip. */
const COMMON = ["/ipfs/id/1.0.0", "/ipfs/ping/1.0.0"];
const isGossip = (protocol: string): boolean => /^\/(meshsub|floodsub)\//.test(protocol);

test("a peer offers its own protocols, identify, ping and gossip, as a stranger hears it", async () => {
  const { network } = await station({ name: "one" });
  const host = await stranger();
  const connection = await host.dial(multiaddr(network.multiaddrs()[0]!));
  const offered: string[] = [];
  for (const protocol of [
    ...OWN,
    ...COMMON,
    kad(),
    "/libp2p/circuit/relay/0.2.0/hop",
    "/libp2p/autonat/1.0.0",
  ]) {
    const stream = await connection.newStream(protocol).catch(() => null);
    if (stream === null) continue;
    offered.push(protocol);
    stream.abort(new Error("only asked"));
  }
  expect(offered.sort()).toEqual([...OWN, ...COMMON].sort());
});

const kad = (): string => `/mabeam/1/${Buffer.from(chain).toString("hex").slice(0, 16)}/kad`;

describe.each([
  ["client", COMMON],
  ["server", [...COMMON, kad()]],
] as const)("a host whose kad-dht is a %s", (mode, expected) => {
  test("offers nothing but this", async () => {
    const host = await createHost({ ...unstarted, peerKey: seedOf(`host ${mode}`) });
    await host.start();
    await host.services.dht.setMode(mode);
    await until("the protocols stand", () => host.getProtocols().some((one) => isGossip(one)));
    const offered = host.getProtocols().filter((one) => !isGossip(one));
    await host.stop();
    expect(offered.sort()).toEqual([...expected].sort());
  });
});

describe("what libp2p notes", () => {
  const key = (name: string) => ({ toString: () => name }) as Parameters<PeerShelf["get"]>[0];
  const bytes = (length: number): Uint8Array => new Uint8Array(length);

  test("holds so many peers, the latest", () => {
    const shelf = new PeerShelf(3);
    for (const name of ["a", "b", "c"]) shelf.put(key(`/peers/${name}`), bytes(1));
    shelf.put(key("/peers/a"), bytes(2)); // heard of again
    expect(shelf.size).toBe(3);
    shelf.put(key("/peers/d"), bytes(1));
    expect([...shelf.query({ prefix: "/peers/" })].map((one) => String(one.key))).toEqual([
      "/peers/c",
      "/peers/a",
      "/peers/d",
    ]);
    expect(() => shelf.get(key("/peers/b"))).toThrow(expect.objectContaining({ name: "NotFoundError" }));
  });

  test("holds no record that a stranger wants stored, however many come", () => {
    const shelf = new PeerShelf(3);
    for (let i = 0; i < 20_000; i++) shelf.put(key(`/dht/provider/${i}`), bytes(8));
    shelf.put(key("/dht/record/x"), bytes(8));
    expect([shelf.size, shelf.refused]).toEqual([0, 20_001]);
    expect(shelf.has(key("/dht/record/x"))).toBe(false);
  });

  test("is all that a host keeps: its parts have no other store", async () => {
    const host = await createHost({ ...unstarted, peerKey: seedOf("shelved") });
    const { datastore } = (host as unknown as { components: { datastore: PeerShelf } }).components;
    datastore.put(key("/dht/provider/x"), bytes(8));
    expect([datastore.has(key("/dht/provider/x")), datastore.refused]).toEqual([false, 1]);
  });

  test.each([
    [64 * 1024 - 1, 1],
    [64 * 1024, 1],
    [64 * 1024 + 1, 0],
  ])("keeps a note of %i bytes: %i", (length, kept) => {
    const shelf = new PeerShelf(3);
    shelf.put(key("/peers/a"), bytes(length));
    expect(shelf.size).toBe(kept);
  });
});
