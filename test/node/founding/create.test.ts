// What a founder is told of a network, and whoever looks into its file: who sits, what a crash costs, what nobody signed.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pathsOf } from "../../../node/config/paths.js";
import {
  type CreateWish,
  found,
  foundingText,
  isReachedFromHereAlone,
  makeMember,
  readSeating,
} from "../../../node/founding/create.js";
import { lockFolder } from "../../../node/lock.js";
import { encodeGenesis } from "../../../src/ledger/index.js";
import { testFolder } from "../folder.js";
import { memberNames, memberOf } from "./members.js";

const wish = (more: Partial<CreateWish> = {}): CreateWish => ({
  ...{ name: "render", trust: "domain", nowMs: 0, funds: null, stake: null, allowance: null },
  ...more,
});

async function owner() {
  const paths = pathsOf(await testFolder());
  const sources = { folder: paths.keys, passphrase: null, insecurePlainKeys: true };
  const make = (addresses: readonly string[] | null = null) =>
    makeMember(paths, sources, { addresses, network: null, bond: null });
  return { paths, make };
}

test.each([
  [1, 1, 0, 0, /^with one seat the log stands still while it is down, and none may lie/],
  [2, 2, 0, 0, /^with 2 seats the log stands still while any of them is down, and none may lie/],
  [3, 2, 1, 0, /^with 3 seats the log goes on while 1 of them is down, and none may lie/],
  [4, 3, 1, 1, null],
  [7, 5, 2, 2, null],
])(
  "of %i seats %i must sign; what that costs is said",
  async (members, needed, mayBeDown, byzantineTolerance, says) => {
    const { paths, make } = await owner();
    const all = [await make(), ...memberNames(members - 1).map((name) => memberOf(name))];
    const { quorum, warnings, seats, trust } = found(paths, all, wish());
    expect(quorum).toEqual({ members, needed, mayBeDown, byzantineTolerance });
    expect(warnings).toEqual(says === null ? [] : [expect.stringMatching(says)]);
    expect(seats.filter(({ isOwn }) => isOwn).map(({ member }) => member)).toEqual([all[0]]);
    expect(trust).toBe("domain");
  },
);

test("a founder without a seat is told so, and one whose seat sits elsewhere is refused", async () => {
  const { paths, make } = await owner();
  const others = memberNames(4).map((name) => memberOf(name));
  expect(found(paths, others, wish()).warnings).toEqual([`none of the seats is of ${paths.home}`]);
  const own = await make();
  const { genesis } = found(paths, [own, ...others], wish());
  writeFileSync(paths.genesisFile, encodeGenesis(genesis));
  expect(found(paths, [own, ...others], wish()).genesis).toEqual(genesis);
  expect(() => found(paths, [own, ...others], wish({ name: "another" }))).toThrow(
    expect.objectContaining({ code: "OTHER_NETWORK" }),
  );
  expect(() => found(paths, others, wish({ name: "another" })), "it founds for others").not.toThrow();
});

test("who looks into a file sees what its daemon would take, of a bare genesis that nobody signed", async () => {
  const { paths } = await owner();
  const members = memberNames(4).map((name) => memberOf(name));
  const founded = found(paths, members, wish({ funds: 1n, stake: 2n, allowance: 0n }));
  mkdirSync(paths.home, { recursive: true });
  const file = join(paths.home, "network.json");
  writeFileSync(file, foundingText(founded.genesis, members));
  expect(readSeating(paths, file)).toEqual(founded);
  const { params } = founded.genesis;
  writeFileSync(file, encodeGenesis({ ...founded.genesis, params: { ...params, tradeFeeBp: 51 } }));
  const bare = readSeating(paths, file);
  expect([bare.trust, bare.seats.every(({ member }) => member === null)]).toEqual([null, true]);
  expect(bare.warnings).toContainEqual(expect.stringContaining("bare genesis"));
});

test("a member file is found again while a daemon runs in its folder, and made only where none does", async () => {
  const { paths, make } = await owner();
  const lock = await lockFolder(paths.home);
  await expect(make()).rejects.toMatchObject({ code: "LOCK_HELD" });
  await lock.release();
  const member = await make();
  const again = await lockFolder(paths.home);
  expect(await make()).toEqual(member);
  await expect(make(["/ip4/203.0.113.7/tcp/1"])).rejects.toMatchObject({ code: "LOCK_HELD" });
  await again.release();
  const told = await make(["/ip4/203.0.113.7/tcp/1", "/ip4/127.0.0.1/tcp/1"]);
  expect([isReachedFromHereAlone(member), isReachedFromHereAlone(told)]).toEqual([true, false]);
});
