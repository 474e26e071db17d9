// `quorum status` of a seat that does not vote, and the operator's word: never without consent, never where it is refused.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { refusalProblem } from "../../../node/api/refusal.js";
import { asDocument, type HaltView, type QuorumView, timeOf } from "../../../node/contract/index.js";
import { START_MS } from "../../peer/cluster.js";
import { LonePeer } from "../../worlds/lone-peer.js";
import { closeAll, type Sayings, saying, world } from "./cli-fixture.js";

afterEach(closeAll);

const waiting = { since: timeOf(START_MS), answered: [1, 4], power: 2, others: 6, needed: 5 };

/** A daemon whose seat does not vote. */
const stopped = (standing: Pick<QuorumView, "halted" | "amnesia" | "halt">, more: Sayings = {}) => {
  const [finalId, stateRoot, setHash] = ["f1", "51", "5e"].map((one) => one.repeat(32)) as [
    string,
    string,
    string,
  ];
  const members = {
    epoch: 0,
    setHash,
    members: 7,
    quorum: 5,
    byzantineTolerance: 2,
    term: 14,
    leader: 3,
    seat: 2,
  };
  const tip = { height: 12, finalId, stateRoot, ledgerTime: timeOf(START_MS) };
  return saying({ quorum: asDocument("Quorum", { ...members, ...tip, ...standing }), ...more });
};
const inWait = (more?: Sayings) => stopped({ halted: "amnesia", amnesia: waiting, halt: null }, more);

/** A lone member that has lost what it signed: nobody else can tell. */
async function alone() {
  const lone = new LonePeer();
  lone.forget();
  return world(lone);
}

describe("quorum status says why a seat does not vote", () => {
  test("in amnesia: since when, and how many others have told of how many", async () => {
    const { run } = await inWait();
    const { out, err } = await run("quorum status");
    expect(out.join("\n")).toMatch(/Amnesia +since 2023-11-14T22:13:20.000Z: .*signs nothing/);
    expect(out.join("\n")).toMatch(/Told +2 of 5 others .*\(by seat 1, 4\)/);
    expect(err).toBe("warning: it does not vote (amnesia)");
  });

  test("in amnesia without enough others: that only the operator's word ends it", async () => {
    const { run } = await alone();
    const { out, err } = await run("quorum status");
    expect(out.join("\n")).toContain("too few others exist to tell");
    expect(err).toContain("npx mabeam quorum override-amnesia --help");
  });

  test("stopped: the certificates that conflict, the convictions, or the roots that differ", async () => {
    const entry = (digit: string) => digit.repeat(64);
    const shown = async (halted: "fork" | "corrupt", halt: HaltView) =>
      (await (await stopped({ halted, amnesia: null, halt })).run("quorum status")).out.join("\n");
    const certificates = [
      { type: "commit" as const, term: 7, entry: entry("a") },
      { type: "commit" as const, term: 7, entry: entry("b") },
    ];
    const fork = await shown("fork", { kind: "fork", certificates });
    for (const { entry } of certificates) expect(fork).toContain(`commit certificate of term 7 for ${entry}`);
    const convictions = await shown("fork", { kind: "convictions", seats: 3, tolerated: 2 });
    expect(convictions).toContain("3 seats are convicted, 2 are tolerated");
    const roots = { own: entry("c"), finalised: entry("d") };
    const corrupt = await shown("corrupt", { kind: "corrupt", height: 9, ...roots });
    for (const said of ["after height 9", roots.own, roots.finalised]) expect(corrupt).toContain(said);
  });
});

describe("quorum override-amnesia", () => {
  test("tells the risk, and asks; no, or nobody to ask, changes nothing", async () => {
    const { run, host } = await alone();
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
    expect(host.commands).toEqual([]);
    expect(await run("quorum override-amnesia", answering(true))).toMatchObject({
      exit: 0,
      out: ["Seat 0 signs again"],
    });
    expect(questions).toEqual(["Let seat 0 sign again?", "Let seat 0 sign again?"]);
    expect(host.commands).toEqual([{ kind: "overrideAmnesia", force: false }]);
  });

  test("--yes asks nobody, and tells the risk all the same; --json prints a receipt", async () => {
    const { run } = await alone();
    const { exit, out, err } = await run("quorum override-amnesia --yes --json");
    expect([exit, JSON.parse(out[0]!)]).toMatchObject([0, { kind: "Receipt", action: "overrideAmnesia" }]);
    expect(err).toContain("bond is burned");
  });

  test("where others can tell, it is refused without a question, unless it is forced", async () => {
    const context = { needed: 5, answered: 2, others: 6 };
    const refusal = refusalProblem({ code: "OTHERS_CAN_RELEASE", detail: context }).document;
    const stub = await inWait({ overrideAmnesia: refusal });
    const refused = await stub.run("quorum override-amnesia");
    expect(refused).toMatchObject({ exit: 6, out: [] });
    expect(refused.err).toMatch(
      /^mabeam: .*\nCause: others can release: needed 5, answered 2, others 6\nFix: .*--force/,
    );
    await stub.run("quorum override-amnesia --force --yes");
    const wishes = [false, true].map((force) => ({
      name: "overrideAmnesia",
      body: { acceptRisk: true, force },
    }));
    expect(stub.wishes).toEqual(wishes);
  });

  test("a seat that votes is not asked about: the refusal has a code and says where to look", async () => {
    const { run } = await world();
    const { exit, err } = await run("quorum override-amnesia --yes");
    expect(exit).toBe(6);
    expect(err).toMatch(/not in amnesia: [\s\S]*npx mabeam quorum status/);
    expect(err).not.toContain("bond is burned");
  });

  test("over the API nothing happens unless the risk is accepted in so many words", async () => {
    const { api, host, home } = await alone();
    const token = readFileSync(join(home, "token"), "utf8").trim();
    const post = (body: object) =>
      fetch(`${api.url}/v1/quorum/override-amnesia`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    for (const body of [{}, { acceptRisk: false }, { force: true }, { acceptRisk: "true" }])
      expect((await post(body)).status).toBe(400);
    expect(host.commands).toEqual([]);
    expect((await post({ acceptRisk: true })).status).toBe(202);
  });
});
