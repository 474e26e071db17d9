// Scenarios 42 and 45 of spec/scenarios, on networks over real sockets: a subscriber that never reads, names without end, and
// a member that comes back while strangers crowd the door.
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { Stream } from "@libp2p/interface";
import { multiaddr } from "@multiformats/multiaddr";
import { afterEach, expect, test } from "vitest";
import { GOSSIP_PROTOCOL, MAX_UNSENT_BYTES } from "../../node/net/gossip.js";
import type { Network } from "../../node/net/index.js";
import { LOOPBACK_LIMITS, MAX_CONNECTIONS_EACH, NETWORK_LIMITS } from "../../node/net/limits.js";
import { Topics } from "../../node/net/topics.js";
import { gossipFrame, subscription } from "../../testnet/lab/attack/raw-gossip.js";
import { openLine, push } from "../../testnet/lab/attack/raw-host.js";
import { eventually } from "../e2e/eventually.js";
import { chain, market, station, stopAll, stranger } from "../node/net-fixture.js";

const ended: (() => void)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0)) end();
  await stopAll();
});

interface Outbound {
  readonly host: {
    readonly services: { readonly gossip: { readonly streamsOutbound: Map<string, Sending> } };
  };
}
interface Sending {
  readonly rawStream: { readonly writeBufferLength: number };
}

/** What gossip holds for peers that do not read. */
const unsentFor = (network: Network): number =>
  [...(network as unknown as Outbound).host.services.gossip.streamsOutbound.values()].reduce(
    (sum, { rawStream }) => sum + rawStream.writeBufferLength,
    0,
  );

test("scenario 45: a subscriber that never reads is cut off when the limit lies unsent for it, and costs no more", async () => {
  const { network } = await station({ name: "publisher" });
  const reader = await stranger();
  const streams: Stream[] = [];
  await reader.handle(GOSSIP_PROTOCOL, (stream) => {
    stream.pause();
    streams.push(stream);
  });
  const line = await eventually("it is let in", () => openLine(reader, network.multiaddrs()[0]!));
  push(line, gossipFrame(subscription(new Topics(chain, market).nameOf("ops"))));
  await eventually("it is gossiped to", () => streams.length === 1);
  const bytes = 32 * 1024;
  let sent = 0;
  const publish = () => {
    const payload = new Uint8Array(bytes);
    new DataView(payload.buffer).setUint32(0, sent++);
    network.publish("ops", payload);
  };
  await eventually("its wish is known, and its window full", () => {
    for (let i = 0; i < 16; i++) publish();
    return unsentFor(network) > 0;
  });
  let most = 0;
  for (let i = 0; i < (4 * MAX_UNSENT_BYTES) / bytes; i++) {
    publish();
    await new Promise((resolve) => setImmediate(resolve));
    most = Math.max(most, unsentFor(network));
  }
  expect(most).toBeGreaterThan(MAX_UNSENT_BYTES / 2);
  expect(most).toBeLessThanOrEqual(MAX_UNSENT_BYTES + bytes + 1024);
  await eventually("nothing is kept for it", () => unsentFor(network) === 0);
});

test("scenario 42: of names that come without end, no more are let in than the allowance", async () => {
  const [burst, names] = [8, 24];
  // So slow a refill that none falls into the test, however long it takes.
  const here = await station({ name: "here", limits: { acceptsBurst: burst, acceptsPerSecond: 1e-9 } });
  const [, , ip, , port] = here.network.multiaddrs()[0]!.split("/");
  let heard = 0; // whoever is let in is told the protocols that the other side speaks
  const sockets = Array.from({ length: names }, () => {
    const socket = connect(Number(port), ip);
    socket.on("error", () => undefined).once("data", () => heard++);
    socket.write("\x13/multistream/1.0.0\n");
    return socket;
  });
  ended.push(() => {
    for (const socket of sockets) socket.destroy();
  });
  const turnedAway = (): number => here.network.counters()["peers.TOO_MANY_ARRIVALS"] ?? 0;
  await eventually("the others are turned away", () => turnedAway() === names - burst);
  await eventually("those within it are answered", () => heard === burst);
});

test("scenario 45: sockets that say nothing do not close the door of a peer on a public network", async () => {
  const options = { loopback: false, limits: NETWORK_LIMITS };
  const here = await station({ name: "here", options });
  const [, , ip, , port] = here.network.multiaddrs()[0]!.split("/");
  let open = 0;
  ended.push(
    ...Array.from({ length: 30 }, (_, i) => {
      // Of several addresses, since each may come a few times a second.
      const socket = connect({ port: Number(port), host: ip!, localAddress: `127.0.0.${2 + (i % 10)}` });
      socket.on("error", () => undefined).once("connect", () => open++);
      return () => void socket.destroy();
    }),
  );
  await eventually("they have come", () => open === 30);
  const newcomer = await station({ name: "newcomer", options });
  expect(await newcomer.network.dial(here.network.multiaddrs()[0]!)).toBe(here.network.ref);
});

test("scenario 45: one name has few connections, however many it opens, and the newest stay", async () => {
  const here = await station({ name: "here" });
  const one = await stranger();
  const address = multiaddr(here.network.multiaddrs()[0]!);
  for (let i = 0; i < 4 * MAX_CONNECTIONS_EACH; i++) await one.dial(address, { force: true });
  const standing = () => one.getConnections().filter(({ status }) => status === "open");
  await eventually("its older ones are gone", () => standing().length === MAX_CONNECTIONS_EACH);
  expect(here.network.counters()["peers.TOO_MANY_OF_ONE"]).toBe(3 * MAX_CONNECTIONS_EACH);
});

/** A port of this machine that nobody uses now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test("scenario 45: while strangers crowd the door of a member, another that restarts is linked with it again", async () => {
  const listen = [`/ip4/127.0.0.1/tcp/${await freePort()}`];
  const here = await station({ name: "here", seat: 0, seats: 2 });
  const back = (seen: readonly string[]) =>
    station({ name: "there", seat: 1, seats: 2, join: seen, options: { listen } });
  const there = await back(here.network.multiaddrs());
  await eventually("they are linked", () => here.network.linkedSeats().length === 1);
  await there.network.stop();
  await eventually("the link is gone", () => here.network.linkedSeats().length === 0);

  const [, , ip, , port] = here.network.multiaddrs()[0]!.split("/");
  const sockets = new Set<Socket>();
  let refused = 0; // by the other side: this one ends none before the test is over
  const knock = () => {
    const socket = connect(Number(port), ip);
    sockets.add(socket);
    socket
      .on("error", () => undefined)
      .on("close", () => {
        refused++;
        sockets.delete(socket);
      });
  };
  const crowd = setInterval(() => {
    for (let i = 0; i < 32 && sockets.size < 2 * LOOPBACK_LIMITS.acceptsBurst; i++) knock();
  }, 20);
  ended.push(() => {
    clearInterval(crowd);
    for (const socket of sockets) socket.destroy();
  });
  const turnedAway = (): number => here.network.counters()["peers.TOO_MANY_ARRIVALS"] ?? 0;
  await eventually("the door is crowded", () => turnedAway() > LOOPBACK_LIMITS.acceptsBurst);
  expect(refused).toBeGreaterThan(0);

  const again = await back([]); // it dials nobody: it has to be found
  await eventually("it is linked again", () => here.network.linkedSeats().length === 1);
  await eventually("in both directions", () => again.network.linkedSeats().length === 1);
  const crowded = turnedAway();
  await eventually("the crowd is still there", () => turnedAway() > crowded);
});

test("scenario 45: while strangers crowd the doors of two members, one that restarts is linked with the other again", async () => {
  const listen = [`/ip4/127.0.0.1/tcp/${await freePort()}`];
  // Full for good once they are used up: only what is kept for members is left.
  const door = (acceptsBurst: number) => ({ acceptsBurst, acceptsPerSecond: 1e-9 });
  const here = await station({ name: "here", seat: 0, seats: 2, limits: door(8) });
  const there = (join: readonly string[], places: number) =>
    station({ name: "there", seat: 1, seats: 2, join, limits: door(places), options: { listen } });
  const before = await there(here.network.multiaddrs(), 8);
  await eventually("they are linked", () => here.network.linkedSeats().length === 1);
  await before.network.stop();
  await eventually("the link is gone", () => here.network.linkedSeats().length === 0);

  const [, , host, , port] = here.network.multiaddrs()[0]!.split("/");
  const turnedAway = (): number => here.network.counters()["peers.TOO_MANY_ARRIVALS"] ?? 0;
  await eventually("the door is crowded", () => {
    const socket = connect({ port: Number(port), host: host!, localAddress: "127.0.0.2" });
    socket.on("error", () => undefined).on("connect", () => socket.destroy());
    return turnedAway() > 0;
  });
  const again = await there(here.network.multiaddrs(), 0);
  await eventually("it is linked again", () => here.network.linkedSeats().length === 1);
  await eventually("in both directions", () => again.network.linkedSeats().length === 1);
});
