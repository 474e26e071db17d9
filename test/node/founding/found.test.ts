// A genesis of members: each sits once, with what its owner begins with, under rules that hold (spec/founding#F3).
import { expect, test } from "vitest";
import { type FoundingWish, foundedGenesis, USUAL_MEANS } from "../../../node/founding/found.js";
import { signedMember } from "../../../node/founding/member-json.js";
import { encodeGenesis, genesisFault, PUBLIC_PARAMS } from "../../../src/ledger/index.js";
import { keysOf, memberNames, memberOf } from "./members.js";

const NOW_MS = Date.UTC(2026, 10, 27, 19, 12, 13, 456);
const wish = (more: Partial<FoundingWish> = {}): FoundingWish => ({
  ...{ name: "render", trust: "domain", nowMs: NOW_MS },
  ...USUAL_MEANS,
  ...more,
});
const members = (count: number) => memberNames(count).map((name) => memberOf(name));
const code = (of: Parameters<typeof foundedGenesis>[0], more: Partial<FoundingWish> = {}): string => {
  try {
    foundedGenesis(of, wish(more));
    return "founded";
  } catch (error) {
    return (error as { code: string }).code;
  }
};

test("each member sits once, with an account, its bond, and the right to grant", () => {
  const [alice, bob] = [memberOf("alice"), memberOf("bob", { bond: 250_000_000n })];
  const genesis = foundedGenesis([alice, bob], wish());
  expect(genesisFault(genesis)).toBeNull();
  for (const { file } of [alice, bob]) {
    const bond = file.bond ?? genesis.params.minSeatBond;
    expect(genesis.seats).toContainEqual({ key: file.key, agent: file.agent, bond });
    expect(genesis.accounts).toContainEqual({
      agent: file.agent,
      free: USUAL_MEANS.funds,
      stake: USUAL_MEANS.stake,
    });
    expect(genesis.granters).toContainEqual({ agent: file.agent, allowance: USUAL_MEANS.allowance });
  }
  expect([genesis.seats.length, genesis.accounts.length, genesis.granters.length]).toEqual([2, 2, 2]);
});

test("in whatever order they are named, and whenever in its first period, it is one network", () => {
  const of = members(5);
  const bytes = encodeGenesis(foundedGenesis(of, wish()));
  expect(encodeGenesis(foundedGenesis([...of].reverse(), wish({ nowMs: NOW_MS + 1000 })))).toEqual(bytes);
  expect(encodeGenesis(foundedGenesis(of, wish({ nowMs: NOW_MS + 86_400_000 })))).not.toEqual(bytes);
  expect(encodeGenesis(foundedGenesis(of, wish({ name: "other" })))).not.toEqual(bytes);
});

test("its time begins with a period: a day among those who trust each other, else an hour", () => {
  expect(foundedGenesis(members(1), wish()).timeMs).toBe(Date.UTC(2026, 10, 27));
  const strangers = foundedGenesis(members(4), wish({ trust: "strangers" }));
  expect(strangers.timeMs).toBe(Date.UTC(2026, 10, 27, 19));
  expect(strangers.params).toEqual(PUBLIC_PARAMS);
});

test("one domain asks for no stake and no fee, and takes one seat; strangers are four at least", () => {
  const { params } = foundedGenesis(members(1), wish());
  expect([params.lienBp, params.minStake, params.minFee, params.requireByzantine]).toEqual([0, 0n, 0n, "no"]);
  expect(code(members(3), { trust: "strangers" })).toBe("FOUNDING_REFUSED");
  expect(code(members(4), { trust: "strangers" })).toBe("founded");
});

test("an agent, a seat's key or a peer in two files is refused, and so is a file twice", () => {
  const alice = memberOf("alice");
  expect(code([alice, alice])).toBe("MEMBER_REPEATED");
  for (const shared of ["agent", "seat", "peer"] as const) {
    const keys = { ...keysOf("bob"), [shared]: keysOf("alice")[shared] };
    const bob = signedMember({ addresses: ["/"], network: null, bond: null }, keys);
    expect([shared, code([alice, bob])]).toEqual([shared, "MEMBER_REPEATED"]);
  }
});

test("a file that is for another network alone is refused, one for this or for any is taken", () => {
  expect(code([memberOf("alice"), memberOf("bob", { network: "other" })])).toBe("MEMBER_OF_OTHER_NETWORK");
  expect(code([memberOf("alice"), memberOf("bob", { network: "render" })])).toBe("founded");
});

test("a bond too small or too great, and more money than an amount can be, are refused with the genesis' reason", () => {
  const least = foundedGenesis(members(1), wish()).params.minSeatBond;
  expect(code([memberOf("alice", { bond: least - 1n })])).toBe("FOUNDING_REFUSED");
  expect(code([memberOf("alice", { bond: least })])).toBe("founded");
  expect(code([memberOf("alice", { bond: least + 1n })])).toBe("founded");
  expect(code([memberOf("alice", { bond: 2n ** 53n - 1n })])).toBe("FOUNDING_REFUSED");
  expect(code(members(2), { funds: 2n ** 52n })).toBe("FOUNDING_REFUSED");
});

test("as many sit as a genesis has room for, and the first sixteen grant; with no allowance nobody does", () => {
  const of = members(129);
  const full = foundedGenesis(of.slice(0, 128), wish());
  expect(genesisFault(full)).toBeNull();
  expect(full.granters.length).toBe(16);
  for (const { file } of of.slice(0, 16))
    expect(full.granters).toContainEqual({ agent: file.agent, allowance: USUAL_MEANS.allowance });
  expect(code(of)).toBe("FOUNDING_REFUSED");
  expect(foundedGenesis(of.slice(0, 2), wish({ allowance: 0n })).granters).toEqual([]);
});
