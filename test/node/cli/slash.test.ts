// `mabeam slash`: what people see of a conviction, and how evidence is handed in.
import { afterEach, describe, expect, test } from "vitest";
import { ZERO_HASH } from "../../../src/base/index.js";
import { decodeOperation } from "../../../src/market/index.js";
import { encodeEvidence, type Vote, voteEvidence } from "../../../src/quorum/index.js";
import { SLASH } from "../scripted-host.js";
import { closeAll, file, mabeam, newHome, world } from "./cli-fixture.js";

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

describe("slash show", () => {
  test("shows two messages side by side, and marks what differs", async () => {
    const { run } = await world();
    const { exit, out } = await run("slash show 5a5a5a");
    expect(exit).toBe(0);
    const text = out.join("\n");
    expect(text).toContain("E1, class A: acknowledged two entries in one term");
    expect(text).toContain("100 of 500 credits");
    expect(text).toMatch(/Burned +50 credits\nInsurance +50 credits to the pool\nDebt +400 credits/);
    expect(text).toMatch(/FIELD +FIRST MESSAGE +SECOND MESSAGE/);
    expect(text).toMatch(/≠ +entryId +01{1}01[01]*… +02{1}02[02]*…/);
    expect(text).toMatch(/\n +term +5 +5\n/);
    expect(text.match(/≠/g)).toHaveLength(1);
  });

  test("shows what is wrong with a proposal that is invalid on its face", async () => {
    const { run, host } = await world();
    const flaw = { kind: "op", reason: "BAD_SIGNATURE", shown: ["AAAA"] };
    const evidence = { ...SLASH.evidence!, messages: [SLASH.evidence!.messages[0]!], differ: [], flaw };
    host.first.slashDetails = [{ ...SLASH, offence: "E6", class: "B", due: SLASH.amount, evidence }];
    const text = (await run("slash show 5a5a5a")).out.join("\n");
    expect(text).toContain("E6, class B: proposed an entry that is invalid on its face");
    expect(text).toContain("an operation is invalid by itself: BAD_SIGNATURE");
    expect(text).not.toMatch(/Debt|SECOND/);
  });

  test("says so where the log does not reach back to the evidence", async () => {
    const { run, host } = await world();
    host.first.slashDetails = [{ ...SLASH, entry: null, operation: null, evidence: null }];
    const { exit, out, err } = await run("slash show 5a5a5a");
    expect([exit, out.join("\n").includes("not held here")]).toEqual([0, true]);
    expect(err).toContain("does not reach back");
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
    const { run, host } = await world();
    expect((await run("slash list")).out[1]).toMatch(/^5a5a5a5a5a +7 .* E1 +5 +100$/);
    host.first.slashDetails = [];
    expect(await run("slash list")).toMatchObject({ exit: 0, out: [], err: "Nobody was slashed." });
  });
});

describe("slash report", () => {
  test("hands in evidence as the operation that carries it, from base64 or from `slash show --json`", async () => {
    const { run, host, home } = await world();
    const shown = JSON.stringify({ kind: "Slash", evidence: { bytes: base64 } });
    for (const text of [`${base64}\n`, shown]) {
      const { exit, out } = await run(["slash", "report", file(home, "evidence", text)]);
      expect([exit, out.length]).toEqual([0, 1]);
      const command = host.first.commands.pop();
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
    expect(host.first.commands).toEqual([]);
  });

  test("what was punished already is a conflict, with the way to see it", async () => {
    const { run, host, home } = await world();
    host.first.answer = async () => ({ ok: false, refusal: { code: "EVIDENCE_USED", detail: { term: 3 } } });
    const ran = await run(["slash", "report", file(home, "evidence", base64)]);
    expect(ran.exit).toBe(6);
    expect(ran.err).toContain("slash list");
  });
});
