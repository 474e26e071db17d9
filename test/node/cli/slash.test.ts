// `mabeam slash`: what people see of a conviction, and how evidence is handed in.
import { afterEach, describe, expect, test } from "vitest";
import { asDocument, type SlashDetail, type SlashView } from "../../../node/contract/index.js";
import { ZERO_HASH } from "../../../src/base/index.js";
import { decodeOperation } from "../../../src/market/index.js";
import { encodeEvidence, type Vote, voteEvidence } from "../../../src/quorum/index.js";
import { closeAll, file, mabeam, newHome, saying, world } from "./cli-fixture.js";

afterEach(closeAll);

const vote = (type: Vote["type"], entryId: Uint8Array): Vote => ({
  type,
  epoch: 0,
  setHash: new Uint8Array(32),
  term: 3,
  entryId,
  signer: 1,
  sig: new Uint8Array(64),
});
const bytes = encodeEvidence(
  voteEvidence(vote("skip", ZERO_HASH), vote("commit", new Uint8Array(32).fill(7)))!,
);
const base64 = Buffer.from(bytes).toString("base64");

const ack = (entryId: string) => ({
  message: "ack" as const,
  fields: { message: "ack", epoch: 0, setHash: "5e".repeat(32), term: 5, entryId, signer: 1 },
  signature: "77".repeat(64),
});

const EVIDENCE = {
  bytes: "AAAA",
  messages: [ack("01".repeat(32)), ack("02".repeat(32))],
  differ: ["entryId"],
  flaw: null,
};

const LISTED: SlashView = {
  id: "5a".repeat(32),
  height: 7,
  time: "2026-01-01T00:00:00.000Z",
  agent: "bb".repeat(32),
  offence: "E1",
  result: "SLASHED",
  due: "500000000",
  amount: "100000000",
  says: "100 slashed: 100 % of 100 under lien, times 5 for its kind; 400 more is slash debt",
  conviction: { epoch: 0, term: 5, key: "6b".repeat(32), seat: 1, class: "A" },
  trade: null,
};

const NUMBERS = {
  base: "100000000",
  penaltyBp: 10_000,
  severity: 5,
  grace: 0,
  violations: 0,
  repeat: 1,
  shareBp: 10_000,
};

/** A daemon that knows of one slash. */
const told = (more: Partial<SlashDetail> = {}) => {
  const from = { lien: "100000000", freeStake: "0", unbonding: "0" };
  const rest = { reckoning: NUMBERS, from, debt: "400000000", burned: "50000000", insurance: "50000000" };
  const proof = { entry: "e7".repeat(32), operation: "0e".repeat(32), evidence: EVIDENCE };
  return saying({ slash: asDocument("Slash", { ...LISTED, ...rest, ...proof, ...more }) });
};

describe("slash show", () => {
  test("shows two messages side by side, and marks what differs", async () => {
    const { run } = await told();
    const { exit, out } = await run("slash show 5a5a5a");
    expect(exit).toBe(0);
    const text = out.join("\n");
    expect(text).toContain("E1, class A: acknowledged two entries in one term");
    expect(text).toMatch(/^Due +500 credits = ⌊100 % of 100⌋ · severity 5 · repeat 1$/m);
    expect(text).toContain("100 of 500 credits");
    expect(text).toMatch(/^From +100 of the lien$/m);
    expect(text).not.toMatch(/^Trade|Before/m);
    expect(text).toMatch(/Burned +50 credits\nInsurance +50 credits to the pool\nDebt +400 credits/);
    expect(text).toMatch(/FIELD +FIRST MESSAGE +SECOND MESSAGE/);
    expect(text).toMatch(/≠ +entryId +01{1}01[01]*… +02{1}02[02]*…/);
    expect(text).toMatch(/\n +term +5 +5\n/);
    expect(text.match(/≠/g)).toHaveLength(1);
  });

  test("shows what is wrong with a proposal that is invalid on its face", async () => {
    const flaw = { kind: "op", reason: "BAD_SIGNATURE", shown: ["AAAA"] };
    const evidence = { ...EVIDENCE, messages: EVIDENCE.messages.slice(0, 1), differ: [], flaw };
    const { run } = await told({
      offence: "E6",
      conviction: { ...LISTED.conviction!, class: "B" },
      due: LISTED.amount,
      debt: "0",
      evidence,
    });
    const text = (await run("slash show 5a5a5a")).out.join("\n");
    expect(text).toContain("E6, class B: proposed an entry that is invalid on its face");
    expect(text).toContain("an operation is invalid by itself: BAD_SIGNATURE");
    expect(text).not.toMatch(/Debt|SECOND/);
  });

  test("says so where the log does not reach back to the evidence", async () => {
    const { run } = await told({ entry: null, operation: null, evidence: null });
    const { exit, out, err } = await run("slash show 5a5a5a");
    expect([exit, out.join("\n").includes("not held here")]).toEqual([0, true]);
    expect(err).toContain("does not reach back");
  });

  test("says so where neither numbers nor places of a conviction are known here", async () => {
    const { run } = await told({ reckoning: null, from: null });
    const text = (await run("slash show 5a5a5a")).out.join("\n");
    expect(text).toMatch(/^Due +500 credits; how it was reckoned is not held here$/m);
    expect(text).not.toMatch(/^From/m);
  });

  test("an unknown id: 5, and how to see the known ones; no id: 2; no daemon: 3", async () => {
    const { run } = await world();
    const unknown = await run("slash show ffffff");
    expect([unknown.exit, unknown.out]).toEqual([5, []]);
    expect(unknown.err).toMatch(/Fix: .*`npx mabeam slash list`/);
    expect((await run("slash show 12")).exit).toBe(2);
    expect((await mabeam(newHome(), "slash show 5a5a5a")).exit).toBe(3);
  });
});

describe("slash list", () => {
  test("names each slash so that it can be shown; nobody slashed is no data", async () => {
    const slashes = asDocument("SlashList", { items: [LISTED], nextCursor: null, unshown: [], from: 1 });
    const { run: ask } = await saying({ slashes });
    expect((await ask("slash list")).out[1]).toMatch(
      /^5a5a5a5a5a +7 .* E1 in term 5, seat 1 +500 +100 +slashed$/,
    );
    const { run } = await world();
    expect(await run("slash list")).toMatchObject({
      exit: 0,
      out: [],
      err: "Nobody was slashed, and nobody warned.",
    });
  });
});

describe("slash report", () => {
  test("hands in evidence as the operation that carries it, from base64 or from `slash show --json`", async () => {
    const { run, host, home } = await world();
    const granted = { ok: true, operation: new Uint8Array(32), auction: null } as const;
    host.lone.answer = async () => granted;
    const shown = JSON.stringify({ kind: "Slash", evidence: { bytes: base64 } });
    for (const text of [`${base64}\n`, shown]) {
      const { exit, out } = await run(["slash", "report", file(home, "evidence", text)]);
      expect([exit, out.length]).toEqual([0, 1]);
      const command = host.lone.commands.pop();
      if (command?.kind !== "submit") throw new Error("nothing was submitted");
      const operation = decodeOperation(command.bytes);
      expect(operation).toMatchObject({
        ok: true,
        value: { authority: null, body: { kind: "evidence", evidence: bytes } },
      });
    }
  });

  test("what is no evidence is a usage error and asks the daemon nothing", async () => {
    const { run, host, home } = await world();
    for (const text of ["", "hello", "{}", '{"evidence":null}', `${base64.slice(0, 80)}`]) {
      const ran = await run(["slash", "report", file(home, "evidence", text)]);
      expect([ran.exit, ran.out]).toEqual([2, []]);
      expect(ran.err).toMatch(/this is no evidence[\s\S]*slash show <id> --json/);
    }
    expect((await run("slash report /no/such/file")).exit).toBe(2);
    expect(host.commands).toEqual([]);
  });

  test("what was punished already is a conflict, with the way to see it", async () => {
    const { run, host, home } = await world();
    host.lone.answer = async () => ({ ok: false, refusal: { code: "EVIDENCE_USED", detail: { term: 3 } } });
    const ran = await run(["slash", "report", file(home, "evidence", base64)]);
    expect(ran.exit).toBe(6);
    expect(ran.err).toContain("slash list");
  });
});
