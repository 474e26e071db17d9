// Member files: signed by three keys, taken only as they were signed, and by nobody for another (spec/founding#F1).
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { memberIn, memberText, signedMember } from "../../../node/founding/member-json.js";
import { readMember } from "../../../node/founding/own-member.js";
import { fromHex, toHex } from "../../../src/base/index.js";
import { testFolder } from "../folder.js";
import { keysOf, memberOf } from "./members.js";

const ALICE = memberOf("alice");
const BOB = memberOf("bob", { network: "render", bond: 200_000_000n, port: 4002 });
const TEXT = memberText(BOB);
const json = (): Record<string, unknown> => JSON.parse(TEXT);
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return "taken";
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
};
const taken = (value: unknown): string => codeOf(() => memberIn(value, "bob.json"));

test("a member file says what its keys signed, and is the same each time they sign it", () => {
  expect(memberText(memberOf("bob", { network: "render", bond: 200_000_000n, port: 4002 }))).toBe(TEXT);
  expect(memberIn(json(), "bob.json")).toEqual(BOB);
  expect(memberIn(JSON.parse(memberText(ALICE)), "alice.json")).toEqual(ALICE);
  expect(JSON.parse(memberText(ALICE))).not.toHaveProperty("network");
});

test("with any character changed it is refused, or says the same", () => {
  const change = fc.tuple(fc.nat({ max: TEXT.length - 1 }), fc.integer({ min: 0x20, max: 0x7e }));
  fc.assert(
    fc.property(change, ([at, character]) => {
      const changed = TEXT.slice(0, at) + String.fromCharCode(character) + TEXT.slice(at + 1);
      let value: unknown;
      try {
        value = JSON.parse(changed);
      } catch {
        return; // no JSON, which the reader refuses
      }
      let found: unknown = BOB;
      try {
        found = memberIn(value, "changed");
      } catch (error) {
        expect(error).toMatchObject({ name: "FoundingError" });
      }
      expect(found).toEqual(BOB);
    }),
    { numRuns: 400 },
  );
});

test("each of its keys must have signed: nobody enters another's", () => {
  const mallory = keysOf("mallory");
  const own = keysOf("bob");
  for (const name of ["agent", "seat", "peer"] as const) {
    // Mallory's file names one key of Bob's, for which it has no signature.
    const forged = signedMember(
      {
        addresses: name === "peer" ? BOB.file.addresses : memberOf("mallory").file.addresses,
        network: null,
        bond: null,
      },
      { ...mallory, [name]: { publicKey: own[name].publicKey, sign: mallory[name].sign } },
    );
    expect([name, taken(forged.json)]).toEqual([name, "MEMBER_FORGED"]);
  }
  for (const name of ["agent", "seatKey", "peer"] as const) {
    const proofs = { ...BOB.json.proofs, [name]: ALICE.json.proofs[name] };
    expect([name, taken({ ...json(), proofs })]).toEqual([name, "MEMBER_FORGED"]);
  }
  expect(taken({ ...json(), network: undefined })).toBe("MEMBER_FORGED");
  expect(taken({ ...json(), bond: "200000001" })).toBe("MEMBER_FORGED");
});

test("a signature whose S is too great is refused, though the sum would hold", () => {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const bytes = fromHex(BOB.json.proofs.agent)!;
  let s = 0n;
  for (let i = 63; i >= 32; i--) s = s * 256n + BigInt(bytes[i]!);
  s += order;
  for (let i = 32; i < 64; i++, s /= 256n) bytes[i] = Number(s % 256n);
  expect(taken({ ...json(), proofs: { ...BOB.json.proofs, agent: toHex(bytes) } })).toBe("MEMBER_FORGED");
});

test("a key of small order, and one key for two purposes, sign for nobody", () => {
  const weak = { ...keysOf("bob").agent, publicKey: fromHex(`01${"00".repeat(31)}`)! };
  const keys = keysOf("bob");
  expect(taken(signedMember(BOB.file, { ...keys, agent: weak }).json)).toBe("MEMBER_KEY_UNSOUND");
  expect(taken(signedMember(BOB.file, { ...keys, seat: weak }).json)).toBe("MEMBER_KEY_UNSOUND");
  expect(taken(signedMember(BOB.file, { ...keys, seat: keys.agent }).json)).toBe("MEMBER_KEY_UNSOUND");
  expect(taken(signedMember(BOB.file, { ...keys, seat: keys.peer }).json)).toBe("MEMBER_KEY_UNSOUND");
});

test.each([
  ["nothing", null],
  ["a list", []],
  ["another version", { ...json(), v: 2 }],
  ["a field that nobody knows", { ...json(), power: 7 }],
  ["a key that is too short", { ...json(), agent: "00" }],
  ["capital digits", { ...json(), agent: BOB.json.agent.toUpperCase().replace(/^\d*$/, "A") }],
  ["a peer that is none", { ...json(), peer: "12D3KooW" }],
  ["another's address", { ...json(), addresses: ALICE.json.addresses }],
  ["an address without its peer", { ...json(), addresses: ["/ip4/127.0.0.1/tcp/4002"] }],
  ["a port that nobody dials", { ...json(), addresses: [`/ip4/127.0.0.1/tcp/0/p2p/${BOB.peer}`] }],
  ["a host that nobody dials", { ...json(), addresses: [`/ip4/0.0.0.0/tcp/4002/p2p/${BOB.peer}`] }],
  ["an address behind another peer", { ...json(), addresses: [`${BOB.json.addresses[0]}/p2p-circuit`] }],
  [
    "an address of no transport that there is",
    { ...json(), addresses: [`/ip4/127.0.0.1/udp/1/p2p/${BOB.peer}`] },
  ],
  ["no address", { ...json(), addresses: [] }],
  ["an address twice", { ...json(), addresses: [...BOB.json.addresses, ...BOB.json.addresses] }],
  ["a bond that is no amount", { ...json(), bond: "-1" }],
  ["a name with a blank", { ...json(), network: "a b" }],
  ["no proofs", { ...json(), proofs: {} }],
])("%s is no member file", (_, value) => {
  expect(taken(value)).toBe("MEMBER_UNREADABLE");
});

test("what is no file of this kind is refused in words, whatever it is", async () => {
  const folder = await testFolder();
  const at = (name: string) => join(folder, name);
  mkdirSync(at("folder"));
  writeFileSync(at("empty"), "");
  writeFileSync(at("text"), "member");
  writeFileSync(at("cut"), TEXT.slice(0, -20));
  writeFileSync(at("utf16"), Buffer.from(`\ufeff${TEXT}`, "utf16le"));
  writeFileSync(at("long"), `${" ".repeat(70_000)}${TEXT}`);
  symlinkSync("/dev/zero", at("endless"));
  for (const name of ["folder", "empty", "text", "cut", "utf16", "long", "endless", "none"])
    expect([name, codeOf(() => readMember(at(name)))]).toEqual([name, "MEMBER_UNREADABLE"]);
  writeFileSync(at("good"), TEXT);
  expect(readMember(at("good"))).toEqual(BOB);
});
