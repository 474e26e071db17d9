// A folder's own member file: made once, the same again, of a seat that begins only if its key was made here (spec/founding#F2).
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "../../../node/config/config.js";
import { pathsOf } from "../../../node/config/paths.js";
import { openKeys, openSeat } from "../../../node/daemon-keys.js";
import { foundedGenesis, USUAL_MEANS } from "../../../node/founding/found.js";
import { memberText } from "../../../node/founding/member-json.js";
import { keptMember, layMember, type MemberWish } from "../../../node/founding/own-member.js";
import { listenAddresses, othersAmong, takenSeat } from "../../../node/founding/taken-seat.js";
import { createKey } from "../../../node/keys/index.js";
import { refuseOthersNetwork } from "../../../node/lone-folder.js";
import { beginSeat } from "../../../node/new-seat.js";
import { GUARD_FILE } from "../../../node/store/guard-file.js";
import { encodeGenesis } from "../../../src/ledger/index.js";
import { testFolder } from "../folder.js";
import { memberOf } from "./members.js";

const NO_WISH: MemberWish = { addresses: null, network: null, bond: null };

async function folder() {
  const paths = pathsOf(join(await testFolder(), "home"));
  const sources = { folder: paths.keys, passphrase: null, insecurePlainKeys: true };
  mkdirSync(paths.home, { mode: 0o700 });
  return {
    paths,
    sources,
    lay: (wish: Partial<MemberWish> = {}) => layMember(paths, sources, { ...NO_WISH, ...wish }),
  };
}
const guardIn = (store: string): boolean => existsSync(join(store, GUARD_FILE));

test("it is made with its folder's keys, and is the same again, byte by byte", async () => {
  const { paths, sources, lay } = await folder();
  const member = await lay();
  const text = readFileSync(paths.memberFile, "utf8");
  const keys = await openKeys(sources);
  expect(member.file.agent).toEqual(keys.agents[0]!.publicKey);
  expect(member.file.key).toEqual(keys.consensus!.publicKey);
  expect(member.file.peer).toEqual(keys.peer.publicKey);
  expect(member.file.addresses[0]).toMatch(/^\/ip4\/127\.0\.0\.1\/tcp\/[1-9]\d*\/p2p\/12D3KooW/);
  expect(await lay()).toEqual(member);
  rmSync(paths.memberFile);
  expect(memberText(await lay({ addresses: member.file.addresses })), "of keys alone").toBe(text);
  expect(readFileSync(paths.memberFile, "utf8")).toBe(text);
});

test("before its network is founded it may say something else, of the same keys; afterwards it may not", async () => {
  const { paths, lay } = await folder();
  const first = await lay();
  const moved = await lay({
    addresses: ["/ip4/203.0.113.7/tcp/4001", "/ip4/203.0.113.7/tcp/4001"],
    bond: 5n,
  });
  expect(moved.file).toEqual({
    ...first.file,
    addresses: [`/ip4/203.0.113.7/tcp/4001/p2p/${first.peer}`],
    bond: 5n,
  });
  expect((await lay({ network: "render" })).file).toEqual({ ...moved.file, network: "render" });
  for (const address of [
    "here",
    "/ip4/1.2.3.4/udp/1",
    "/ip4/1.2.3.4/tcp/0",
    `/ip4/1.2.3.4/tcp/1/p2p/${memberOf("bob").peer}`,
  ])
    await expect(lay({ addresses: [address] })).rejects.toMatchObject({ code: "MEMBER_UNREADABLE" });
  const many = Array.from({ length: 17 }, (_, i) => `/ip4/1.2.3.4/tcp/${i + 1}`);
  await expect(lay({ addresses: many })).rejects.toMatchObject({ code: "MEMBER_UNREADABLE" });
  expect((await lay({ addresses: many.slice(1) })).file.addresses.length).toBe(16);
  writeFileSync(paths.genesisFile, "");
  const kept = await lay();
  expect(await lay({ network: "render", bond: 5n })).toEqual(kept);
  await expect(lay({ bond: 6n })).rejects.toMatchObject({ code: "OTHER_NETWORK" });
  await expect(lay({ addresses: ["/ip4/1.2.3.4/tcp/1"] })).rejects.toMatchObject({ code: "OTHER_NETWORK" });
});

test("a folder that follows a network gives out no member file, and one that gave it out is no network of one", async () => {
  const follower = await folder();
  mkdirSync(follower.paths.keys, { mode: 0o700 });
  writeFileSync(follower.paths.networkFile, "", { mode: 0o600 });
  await expect(follower.lay()).rejects.toMatchObject({ code: "OTHER_NETWORK" });
  expect(existsSync(join(follower.paths.keys, "consensus.json"))).toBe(false);
  const { paths, lay } = await folder();
  expect(() => refuseOthersNetwork(paths)).not.toThrow();
  await lay();
  expect(() => refuseOthersNetwork(paths)).toThrow(expect.objectContaining({ code: "OTHER_NETWORK" }));
  writeFileSync(paths.genesisFile, "");
  expect(() => refuseOthersNetwork(paths), "founded, it runs a gateway as well").not.toThrow();
});

test("a seat begins with its key, also where a crash came between them; a key that was there may have signed", async () => {
  const crashed = await folder();
  expect(await beginSeat(crashed.paths.store)).toBe(true);
  const guard = readFileSync(join(crashed.paths.store, GUARD_FILE));
  await crashed.lay();
  expect(readFileSync(join(crashed.paths.store, GUARD_FILE))).toEqual(guard);
  const imported = await folder();
  await openSeat(imported.sources);
  await imported.lay();
  expect(guardIn(imported.paths.store), "nothing says that it is new").toBe(false);
  const fresh = await folder();
  await fresh.lay();
  expect(guardIn(fresh.paths.store)).toBe(true);
});

test("a damaged file, or another's in its place, is none: it is made again of the folder's keys", async () => {
  const { paths, lay } = await folder();
  const member = await lay();
  for (const text of [
    "",
    "{",
    memberText(memberOf("mallory")),
    memberText(member).replace('"v": 1', '"v": 2'),
  ]) {
    writeFileSync(paths.memberFile, text);
    expect(keptMember(paths)).toBeNull();
    const { file } = await lay({ addresses: member.file.addresses });
    expect(file).toEqual(member.file);
  }
});

test("keys take the seat of their genesis; without a seat's key they follow; with one that is not there they are told", async () => {
  const { sources, lay } = await folder();
  const wish = { name: "render", trust: "domain", nowMs: 0, ...USUAL_MEANS } as const;
  const own = await lay();
  const keys = await openKeys(sources);
  const others = [memberOf("bob"), memberOf("carol")];
  const genesis = foundedGenesis([own, ...others], wish);
  const at = genesis.seats.findIndex(({ key }) => Buffer.compare(key, own.file.key) === 0);
  expect(takenSeat(encodeGenesis(genesis), keys, "network.json")).toBe(at);
  expect(takenSeat(encodeGenesis(genesis), keys, null)).toBe(at);
  expect(takenSeat(encodeGenesis(genesis), { ...keys, consensus: null }, "network.json")).toBeNull();
  const without = encodeGenesis(foundedGenesis(others, wish));
  expect(() => takenSeat(without, keys, "network.json")).toThrow(
    expect.objectContaining({ code: "NOT_SEATED" }),
  );
  expect(takenSeat(without, keys, null), "as it did before it was told of seats").toBeNull();
  // Its agent owns a seat whose key is another's.
  const seats = foundedGenesis(others, wish).seats.map((seat, i) =>
    i === 0 ? { ...seat, agent: own.file.agent } : seat,
  );
  expect(() =>
    takenSeat(encodeGenesis({ ...foundedGenesis(others, wish), seats }), keys, "network.json"),
  ).toThrow(/its agent owns the seat of another key/);
  const all = [own, ...others].flatMap(({ file }) => file.addresses);
  expect(othersAmong([...all, ...all], keys)).toEqual(others.flatMap(({ file }) => file.addresses));
});

test("a daemon listens where its member file says, at the machine's own address or at all; a flag goes before", async () => {
  const { paths, sources } = await folder();
  const config = async (flags: object = {}) =>
    loadConfig({ flags: { home: paths.home, ...flags }, environment: {} });
  expect(listenAddresses(await config())).toEqual(["/ip4/127.0.0.1/tcp/0"]);
  await createKey(paths.keys, "consensus", "consensus", { kind: "plain" });
  const addresses = [
    "/ip4/127.0.0.1/tcp/4001",
    "/ip4/203.0.113.7/tcp/4002",
    "/dns4/seat.example/tcp/4002",
    "/ip6/2001:db8::1/tcp/4003",
  ];
  await layMember(paths, sources, { ...NO_WISH, addresses });
  expect([...listenAddresses(await config())].sort()).toEqual([
    "/ip4/0.0.0.0/tcp/4002",
    "/ip4/127.0.0.1/tcp/4001",
    "/ip6/::/tcp/4003",
  ]);
  const listen = ["/ip4/127.0.0.1/tcp/5000"];
  expect(listenAddresses(await config({ listen }))).toEqual(listen);
});
