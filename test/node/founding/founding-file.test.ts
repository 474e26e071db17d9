// The founding file: what everybody's daemon begins with, checked against itself to the last byte (spec/founding#F4).
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { foundedGenesis, USUAL_MEANS } from "../../../node/founding/found.js";
import { addressesIn, foundingText, readFounding } from "../../../node/founding/founding-file.js";
import type { Member } from "../../../node/founding/member-json.js";
import { chainOf, encodeGenesis, type Genesis } from "../../../src/ledger/index.js";
import { testFolder } from "../folder.js";
import { memberOf } from "./members.js";

const MEMBERS = [memberOf("alice"), memberOf("bob", { port: 4002 })];
const genesisOf = (members: readonly Member[], name = "render"): Genesis =>
  foundedGenesis(members, { name, trust: "domain", nowMs: Date.UTC(2026, 10, 27), ...USUAL_MEANS });
const GENESIS = genesisOf(MEMBERS);
const TEXT = foundingText(GENESIS, MEMBERS);

const FOLDER = mkdtempSync(join(tmpdir(), "mabeam-founding-"));
afterAll(() => rmSync(FOLDER, { recursive: true }));
let files = 0;
function write(content: string | Uint8Array): string {
  const path = join(FOLDER, String(files++));
  writeFileSync(path, content);
  return path;
}
const codeOf = (content: string | Uint8Array): string => {
  try {
    readFounding(write(content));
    return "taken";
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
};
const changed = (more: object): string => JSON.stringify({ ...JSON.parse(TEXT), ...more });

test("it tells genesis, chain and where its members are", () => {
  const found = readFounding(write(TEXT));
  expect(found).toMatchObject({ genesis: GENESIS, chain: chainOf(GENESIS), members: MEMBERS });
  expect(found.bytes).toEqual(encodeGenesis(GENESIS));
  expect(addressesIn(found)).toEqual(MEMBERS.flatMap(({ file }) => file.addresses));
});

test("a bare genesis, as a daemon's folder has it, is taken too, and tells no address", () => {
  const found = readFounding(write(encodeGenesis(GENESIS)));
  expect(found).toMatchObject({ genesis: GENESIS, members: [] });
  expect(addressesIn(found)).toEqual([]);
});

test("a genesis that differs by a byte, wherever, is no genesis or not that of the chain", () => {
  const bytes = encodeGenesis(GENESIS);
  for (let at = 0; at < bytes.length; at++) {
    const other = Uint8Array.from(bytes);
    other[at]! ^= 1;
    const code = codeOf(changed({ genesis: Buffer.from(other).toString("base64") }));
    expect(["GENESIS_UNREADABLE", "CHAIN_MISMATCH"]).toContain(code);
  }
  for (const cut of [bytes.subarray(1), bytes.subarray(0, -1), Uint8Array.of(...bytes, 0), new Uint8Array()])
    expect(codeOf(changed({ genesis: Buffer.from(cut).toString("base64") }))).toBe("GENESIS_UNREADABLE");
});

test("a seat that nobody signed for, a member without a seat, and one twice are refused", () => {
  const carol = memberOf("carol");
  const files = (members: readonly Member[]) => members.map(({ json }) => json);
  const three = genesisOf([...MEMBERS, carol]);
  expect(codeOf(foundingText(three, MEMBERS))).toBe("SEATS_DIFFER");
  expect(codeOf(foundingText(GENESIS, [...MEMBERS, carol]))).toBe("SEATS_DIFFER");
  expect(codeOf(foundingText(GENESIS, [MEMBERS[0]!, carol]))).toBe("SEATS_DIFFER");
  expect(codeOf(foundingText(GENESIS, []))).toBe("SEATS_DIFFER");
  expect(codeOf(changed({ members: files([MEMBERS[0]!, MEMBERS[0]!]) }))).toBe("MEMBER_REPEATED");
  const [alice, bob] = files(MEMBERS);
  expect(codeOf(changed({ members: [alice, { ...bob!, proofs: alice!.proofs }] }))).toBe("MEMBER_FORGED");
  // The seat of Bob's key, as if Alice's agent owned it: he never signed that.
  const seats = GENESIS.seats.map(({ key, bond }, i) => ({ key, bond, agent: GENESIS.seats[1 - i]!.agent }));
  expect(codeOf(foundingText({ ...GENESIS, seats }, MEMBERS))).toBe("SEATS_DIFFER");
});

test("what is no founding file is refused in words", async () => {
  expect(codeOf("{")).toBe("FOUNDING_UNREADABLE");
  expect(codeOf("{}")).toBe("FOUNDING_UNREADABLE");
  expect(codeOf(changed({ v: 2 }))).toBe("FOUNDING_UNREADABLE");
  expect(codeOf(changed({ genesis: "?" }))).toBe("FOUNDING_UNREADABLE");
  expect(codeOf(changed({ more: 1 }))).toBe("FOUNDING_UNREADABLE");
  expect(codeOf(`{${" ".repeat(2 * 1024 * 1024)}}`)).toBe("FOUNDING_UNREADABLE");
  expect(codeOf("genesis")).toBe("GENESIS_UNREADABLE");
  expect(codeOf("")).toBe("GENESIS_UNREADABLE");
  const folder = await testFolder();
  expect(() => readFounding(folder)).toThrow("no file");
  expect(() => readFounding(join(folder, "none"))).toThrow("there is no such file");
});
