// Who may not judge, through the API and the command line: a party's seat, a seat that has voted, and where no seat is left.
import { afterEach, expect, test } from "vitest";
import { fromHex, toHex } from "../../../src/base/index.js";
import { auctionOf, type Trade, tradesOf } from "../../../src/market/index.js";
import { idOf } from "../../peer/cluster.js";
import { LonePeer, ME } from "../../worlds/lone-peer.js";
import { bought, CREDIT, hexOf, seated, TERMS } from "../../worlds/trades.js";
import { closeAll, world } from "../cli/cli-fixture.js";
import { fixture } from "./api-fixture.js";

afterEach(closeAll);

const HASH = "ab".repeat(32);
const EVIDENCE = "ee".repeat(32);
type Call = Awaited<ReturnType<typeof fixture>>["call"];

const votesOn = (call: Call, id: string, agent: string) => (share: number | null) =>
  call("POST", `/v1/trades/${id}/verdicts`, { payload: { agent, share } });

/** What the seat's owner has bought of sue, through the API, delivered. */
async function boughtByTheSeat(lone: LonePeer, call: Call, owner: string): Promise<Trade> {
  const funds = { from: fromHex(ME)!, to: fromHex(owner)!, amount: 50n * CREDIT };
  await lone.command({ kind: "transfer", ...funds });
  lone.pass(1000);
  const auction = lone.auction("sue", { ...TERMS, commitMs: 4000 }, {});
  const payload = { agent: owner, auction: toHex(auction), amount: "4000000", delayMs: 0 };
  expect((await call("POST", "/v1/bids", { payload })).statusCode).toBe(202);
  for (let s = 0; s < 40 && auctionOf(lone.peer.ledger, auction)?.phase.kind !== "done"; s++) lone.pass(500);
  const [trade] = tradesOf(lone.peer.ledger, auction);
  lone.by("sue", { kind: "deliver", from: idOf("sue"), trade: trade!.id, hash: fromHex(HASH)! });
  lone.pass(1000);
  return trade!;
}

test("a seat votes once, whichever way: its first vote stands", async () => {
  const lone = new LonePeer({ lienBp: 0 }, 2);
  const { call } = await fixture({}, lone);
  const owner = await seated(lone);
  const id = hexOf(bought(lone, HASH));
  await call("POST", `/v1/trades/${id}/disputes`, { payload: { evidence: EVIDENCE } });
  lone.pass(1000);
  const vote = votesOn(call, id, owner);
  expect((await vote(2500)).statusCode).toBe(202);
  lone.pass(1000);
  for (const share of [2500, null]) {
    const again = await vote(share);
    expect(again.headers["content-type"]).toBe("application/problem+json");
    expect([again.statusCode, again.json()]).toMatchObject([
      409,
      {
        code: "VERDICT_REPEATED",
        type: "urn:mabeam:problem:VERDICT_REPEATED",
        retryable: false,
        context: { seat: 0 },
      },
    ]);
    expect(again.json().fix).toContain("`mabeam trade show <trade>`");
  }
  const shown = (await call("GET", `/v1/trades/${id}`)).json();
  expect(shown).toMatchObject({
    state: "disputed",
    dispute: { quorum: 2, votes: [{ seat: 0, share: 2500 }] },
  });
  const { run } = await world(lone);
  const typed = await run(`jury vote ${id} --reject --agent ${owner}`);
  expect([typed.exit, typed.out, typed.err]).toEqual([
    6,
    [],
    expect.stringMatching(/Fix: .*`npx mabeam trade show/),
  ]);
});

test("a party's seat judges nothing of its own, and is not of the jury", async () => {
  const lone = new LonePeer({ lienBp: 0 }, 2);
  const { call } = await fixture({}, lone);
  const owner = await seated(lone);
  const id = hexOf(await boughtByTheSeat(lone, call, owner));
  const wish = { payload: { agent: owner, evidence: EVIDENCE } };
  expect((await call("POST", `/v1/trades/${id}/disputes`, wish)).statusCode).toBe(202);
  lone.pass(1000);
  expect((await call("GET", `/v1/trades/${id}`)).json().dispute).toMatchObject({
    jurors: [1],
    quorum: 1,
    votes: [],
  });
  const refused = await votesOn(call, id, owner)(10_000);
  expect([refused.statusCode, refused.json()]).toMatchObject([
    409,
    { code: "JUROR_IS_PARTY", retryable: false },
  ]);
  expect(refused.json().fix).toContain("the other seats do");
  const { run } = await world(lone);
  const typed = await run(`jury vote ${id} --uphold 10000 --agent ${owner}`);
  expect([typed.exit, typed.out, typed.err]).toEqual([6, [], expect.stringContaining("the other seats do")]);
});

test("where the only seat is a party's nobody is left to judge: the dispute is refused, and nothing is locked for it", async () => {
  const lone = new LonePeer({ lienBp: 0 });
  const { call } = await fixture({}, lone);
  const owner = await seated(lone);
  const id = hexOf(await boughtByTheSeat(lone, call, owner));
  const walletOf = async () => (await call("GET", `/v1/wallet?agent=${owner}`)).json();
  const before = await walletOf();
  const refused = await call("POST", `/v1/trades/${id}/disputes`, {
    payload: { agent: owner, evidence: EVIDENCE },
  });
  expect([refused.statusCode, refused.json()]).toMatchObject([409, { code: "NO_JURY", retryable: false }]);
  expect(refused.json().fix).toContain("no seat is left to judge");
  lone.pass(1000);
  const { height: _, ...after } = await walletOf();
  expect(before).toMatchObject(after);
  const { run } = await world(lone);
  const typed = await run(`trade dispute ${id} --evidence ${EVIDENCE} --agent ${owner}`);
  expect([typed.exit, typed.out, typed.err]).toEqual([
    6,
    [],
    expect.stringContaining("no seat is left to judge"),
  ]);
});
