// Two owners found a network by files alone, run it, are killed and resume; whoever has no seat follows, and copies start nowhere.
// Rules F2, F5, F6 and F7 of spec/founding.
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { WalletView } from "../../node/contract/index.js";
import { eventually } from "../e2e/eventually.js";
import { type Banner, cleanUp, Daemon, expectRefusal, mabeam, newHome } from "../e2e/process.js";

afterEach(cleanUp);

type SeatBanner = Banner & { readonly seat: number | null };
const seatOf = ({ banner }: Daemon): number | null => (banner as SeatBanner).seat;
const CREDIT = 1_000_000n;

/** The member file of a folder. */
async function member(home: string, ...more: readonly string[]): Promise<string> {
  const ran = await mabeam(home, ["id", "--seat", ...more]);
  expect(ran.exit, ran.err).toBe(0);
  return join(home, "member.json");
}

/** A founding file of these members. */
async function founded(
  founder: string,
  members: readonly string[],
  ...more: readonly string[]
): Promise<string> {
  const out = join(newHome(), "network.json");
  const seats = members.flatMap((file) => ["--seats", file]);
  const ran = await mabeam(founder, ["network", "create", ...seats, "--out", out, ...more, "--json"]);
  expect(ran.exit, ran.err).toBe(0);
  expect(JSON.parse(ran.out)).toMatchObject({ kind: "Network", file: out });
  return out;
}

const freeAt = async (daemon: Daemon, agent: string): Promise<bigint | null> => {
  const { free } = await daemon.get<Partial<WalletView>>(`/v1/wallet?agent=${agent}`);
  return free === undefined ? null : BigInt(free);
};
const settled = (daemon: Daemon, agent: string, free: bigint) =>
  eventually("the money is there", async () => (await freeAt(daemon, agent)) === free);

test("two owners found, trade, are killed and go on; a follower is granted its account; copies and strays are refused", async () => {
  const [alice, bob, carol] = [newHome(), newHome(), newHome()] as const;
  const files = [await member(alice), await member(bob)];
  const before = files.map((file) => readFileSync(file, "utf8"));
  await member(alice);
  expect(readFileSync(files[0]!, "utf8"), "the same again").toBe(before[0]);
  const file = await founded(alice, files);

  const flags = ["--genesis", file];
  let [a, b] = await Promise.all([Daemon.start(alice, flags), Daemon.start(bob, flags)]);
  expect([seatOf(a), seatOf(b)].sort()).toEqual([0, 1]);
  expect(a.banner.chain).toBe(b.banner.chain);
  expect(a.banner).toMatchObject({ storage: "persistent", quorum: { members: 2, byzantineTolerance: 0 } });
  const [ofAlice, ofBob] = [a.banner.agent, b.banner.agent];
  await eventually("both are ready", async () =>
    (await Promise.all([a, b].map((one) => one.get("/v1/node")))).every(({ mode }) => mode === "ready"),
  );
  const begun = 1_000_000n * CREDIT;
  await a.json(`wallet transfer ${ofBob} 5`);
  await Promise.all([a, b].map((one) => settled(one, ofBob, begun + 5n * CREDIT)));

  // Killed as soon as they run, before they have kept whom they met, they know each other from their founding file.
  await Promise.all([a.kill(), b.kill()]);
  for (const [home, other] of [
    [alice, before[1]!],
    [bob, before[0]!],
  ] as const) {
    const { addresses } = JSON.parse(other) as { addresses: readonly string[] };
    expect(JSON.parse(readFileSync(join(home, "keys", "network"), "utf8"))).toMatchObject({
      join: addresses,
    });
  }
  [a, b] = await Promise.all([Daemon.start(alice), Daemon.start(bob)]);

  // Who has no seat follows with the same file, and begins with a grant of whoever sits.
  const c = await Daemon.start(carol, flags);
  expect([seatOf(c), c.banner.chain]).toEqual([null, a.banner.chain]);
  expect((await c.run("wallet balance")).exit).toBe(5);
  expectRefusal(await c.run(`wallet grant ${c.banner.agent} 1`), 7, /./);
  await b.json(`wallet grant ${c.banner.agent} 12.5 --stake 1`);
  await settled(c, c.banner.agent, 12_500_000n);
  expectRefusal(await c.run(`wallet grant ${ofAlice} 1`), 6, /only whom genesis names may mint/);

  // A second daemon of a seat, in its folder and in a copy of it, which would sign twice.
  expectRefusal(await mabeam(bob, ["daemon"]), 10, /is using it/);
  const copy = newHome();
  cpSync(bob, copy, { recursive: true, filter: (name) => !/[/\\](lock|daemon\.pid)$/.test(name) });
  expectRefusal(
    await mabeam(copy, ["daemon", "--listen", "/ip4/127.0.0.1/tcp/0"]),
    10,
    /a daemon with this folder's keys runs at \/ip4\/127\.0\.0\.1\/tcp\/\d+/,
  );

  // Killed, they know network, seat and each other by themselves, in whatever order they come back.
  await Promise.all([a.kill(), b.kill()]);
  [b, a] = await Promise.all([Daemon.start(bob), Daemon.start(alice)]);
  await b.json(`wallet transfer ${ofAlice} 7`);
  await Promise.all([a, b, c].map((one) => settled(one, ofAlice, begun + 2n * CREDIT)));
  await settled(a, ofBob, begun - 2n * CREDIT);
  expect((await a.get<{ items: unknown[] }>("/v1/history/slashes")).items).toEqual([]);
  await Promise.all([a, b, c].map((one) => one.stop()));

  // A folder belongs to one network: neither another genesis nor another member file is had from it.
  const strange = newHome();
  const other = await founded(strange, files, "--name", "another");
  expectRefusal(await mabeam(alice, ["daemon", "--genesis", other]), 9, /this folder belongs to chain/);
  expectRefusal(
    await mabeam(alice, ["id", "--seat", "--network", "another"]),
    6,
    /belongs to a network already/,
  );
  expectRefusal(
    await mabeam(strange, ["daemon", "--genesis", file, "--chain", "0".repeat(64)]),
    9,
    /--chain names 0000/,
  );
  const changed = join(strange, "changed.json");
  writeFileSync(changed, readFileSync(file, "utf8").replace(/"genesis": "(.{40})./, '"genesis": "$1_'));
  expectRefusal(await mabeam(strange, ["daemon", "--genesis", changed]), 2, /genesis/);
  expect(existsSync(join(strange, "genesis.cbor"))).toBe(false);
  await member(strange);
  expectRefusal(await mabeam(strange, ["daemon", "--genesis", file]), 5, /is none of the 2 there/);
});

test("an owner alone founds, and is joined later; what a crash left half made is made whole", async () => {
  const home = newHome();
  const out = join(newHome(), "network.json");
  const ran = await mabeam(home, ["network", "create", "--out", out]);
  expect([ran.exit, ran.out]).toEqual([
    0,
    expect.stringMatching(/^Quorum +1 member, 1 must sign; 0 may be down, 0 may lie$/m),
  ]);
  expect(ran.err).toContain("with one seat the log stands still while it is down");
  expectRefusal(await mabeam(home, ["network", "create", "--out", out]), 6, /--out/);
  // Before its network is known a crash may leave keys and no member file: the same keys are taken.
  const { agent, seatKey } = JSON.parse(readFileSync(join(home, "member.json"), "utf8")) as Record<
    string,
    string
  >;
  rmSync(join(home, "member.json"));
  const again = await mabeam(home, ["id", "--seat", "--address", "/ip4/127.0.0.1/tcp/40404", "--json"]);
  expect(JSON.parse(again.out)).toMatchObject({ kind: "Member", member: { agent, seatKey } });
  const one = await Daemon.start(home, ["--genesis", out]);
  expect(seatOf(one)).toBe(0);
  const { chain, swarm } = one.banner;
  const follower = await Daemon.start(newHome(), ["--join", swarm[0]!, "--chain", chain]);
  expect(seatOf(follower)).toBeNull();
  expect(existsSync(join(follower.home, "genesis.cbor"))).toBe(true);
});
