// `quorum status` of a seat that does not vote, and the operator's word: never without consent, never where it is refused.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { timeOf } from "../../../node/contract/index.js";
import { START_MS } from "../scripted-host.js";
import { closeAll, world } from "./cli-fixture.js";

afterEach(closeAll);

const waiting = { since: timeOf(START_MS), answered: [1, 4], power: 2, others: 6, needed: 5 };
const alone = { since: timeOf(START_MS), answered: [], power: 0, others: 0, needed: 1 };
const GRANTED = { ok: true, operation: null, auction: null } as const;

async function inAmnesia(amnesia: typeof waiting | typeof alone) {
  const found = await world();
  found.host.first.standing = {
    halted: "amnesia",
    amnesia: { ...amnesia, answered: [...amnesia.answered] },
    halt: null,
  };
  found.host.first.answer = async () => GRANTED;
  return found;
}

describe("quorum status says why a seat does not vote", () => {
  test("in amnesia: since when, and how many others have told of how many", async () => {
    const { run } = await inAmnesia(waiting);
    const { out, err } = await run("quorum status");
    expect(out.join("\n")).toMatch(/Amnesia +since 2026-01-01T00:00:00.000Z: .*signs nothing/);
    expect(out.join("\n")).toMatch(/Told +2 of 5 others .*\(by seat 1, 4\)/);
    expect(err).toBe("warning: it does not vote (amnesia)");
  });

  test("in amnesia without enough others: that only the operator's word ends it", async () => {
    const { run } = await inAmnesia(alone);
    const { out, err } = await run("quorum status");
    expect(out.join("\n")).toContain("too few others exist to tell");
    expect(err).toContain("npx mabeam quorum override-amnesia --help");
  });

  test("stopped: the certificates that conflict, the convictions, or the roots that differ", async () => {
    const { run, host } = await world();
    const entry = (digit: string) => digit.repeat(64);
    const certificates = [
      { type: "commit" as const, term: 7, entry: entry("a") },
      { type: "commit" as const, term: 7, entry: entry("b") },
    ];
    host.first.standing = { halted: "fork", amnesia: null, halt: { kind: "fork", certificates } };
    const fork = (await run("quorum status")).out.join("\n");
    for (const { entry } of certificates) expect(fork).toContain(`commit certificate of term 7 for ${entry}`);
    host.first.standing = {
      halted: "fork",
      amnesia: null,
      halt: { kind: "convictions", seats: 3, tolerated: 2 },
    };
    expect((await run("quorum status")).out.join("\n")).toContain("3 seats are convicted, 2 are tolerated");
    const roots = { own: entry("c"), finalised: entry("d") };
    host.first.standing = {
      halted: "corrupt",
      amnesia: null,
      halt: { kind: "corrupt", height: 9, ...roots },
    };
    const corrupt = (await run("quorum status")).out.join("\n");
    for (const said of ["after height 9", roots.own, roots.finalised]) expect(corrupt).toContain(said);
  });
});

describe("quorum override-amnesia", () => {
  test("tells the risk, and asks; no, or nobody to ask, changes nothing", async () => {
    const { run, host } = await inAmnesia(alone);
    const unasked = await run("quorum override-amnesia");
    expect(unasked).toMatchObject({ exit: 2, out: [] });
    expect(unasked.err).toMatch(/bond is burned[\s\S]*Cause: nobody can be asked here\nFix: add --yes/);
    const questions: string[] = [];
    const answering = (answer: boolean) => ({
      confirm: async (question: string) => {
        questions.push(question);
        return answer;
      },
    });
    expect((await run("quorum override-amnesia", answering(false))).exit).toBe(2);
    expect(host.first.commands).toEqual([]);
    expect(await run("quorum override-amnesia", answering(true))).toMatchObject({
      exit: 0,
      out: ["Seat 2 signs again"],
    });
    expect(questions).toEqual(["Let seat 2 sign again?", "Let seat 2 sign again?"]);
    expect(host.first.commands).toEqual([{ kind: "overrideAmnesia", force: false }]);
  });

  test("--yes asks nobody, and tells the risk all the same; --json prints a receipt", async () => {
    const { run } = await inAmnesia(alone);
    const { exit, out, err } = await run("quorum override-amnesia --yes --json");
    expect([exit, JSON.parse(out[0]!)]).toMatchObject([0, { kind: "Receipt", action: "overrideAmnesia" }]);
    expect(err).toContain("bond is burned");
  });

  test("where others can tell, it is refused without a question, unless it is forced", async () => {
    const { run, host } = await inAmnesia(waiting);
    const refusal = { code: "OTHERS_CAN_RELEASE", detail: { needed: 5, answered: 2, others: 6 } };
    host.first.answer = async () => ({ ok: false, refusal });
    const refused = await run("quorum override-amnesia");
    expect(refused).toMatchObject({ exit: 6, out: [] });
    expect(refused.err).toMatch(
      /^mabeam: .*\nCause: others can release: needed 5, answered 2, others 6\nFix: .*--force/,
    );
    host.first.answer = async () => GRANTED;
    expect((await run("quorum override-amnesia --force --yes")).exit).toBe(0);
    expect(host.first.commands.at(-1)).toEqual({ kind: "overrideAmnesia", force: true });
  });

  test("a seat that votes is not asked about: the refusal has a code and says where to look", async () => {
    const { run, host } = await world();
    host.first.answer = async () => ({
      ok: false,
      refusal: { code: "NOT_IN_AMNESIA", detail: { standing: "voting" } },
    });
    const { exit, err } = await run("quorum override-amnesia --yes");
    expect(exit).toBe(6);
    expect(err).toMatch(/not in amnesia: standing voting[\s\S]*npx mabeam quorum status/);
    expect(err).not.toContain("bond is burned");
  });

  test("over the API nothing happens unless the risk is accepted in so many words", async () => {
    const { api, host, home } = await inAmnesia(alone);
    const token = readFileSync(join(home, "token"), "utf8").trim();
    const post = (body: object) =>
      fetch(`${api.url}/v1/quorum/override-amnesia`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    for (const body of [{}, { acceptRisk: false }, { force: true }, { acceptRisk: "true" }])
      expect((await post(body)).status).toBe(400);
    expect(host.first.commands).toEqual([]);
    expect((await post({ acceptRisk: true })).status).toBe(202);
  });
});
