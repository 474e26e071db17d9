// `mabeam trade` and `mabeam slash quote`, for people and for machines, over a real API and a lone peer with trades.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { disputeLine } from "../../../node/cli/commands/jury.js";
import { stakeRows } from "../../../node/cli/commands/stake.js";
import { tradeRows } from "../../../node/cli/commands/trade.js";
import { spanOf } from "../../../node/cli/show.js";
import type { TradeView } from "../../../node/contract/index.js";
import { fromHex, toHex } from "../../../src/base/index.js";
import { idOf } from "../../peer/cluster.js";
import { ME, OTHER } from "../../worlds/lone-peer.js";
import {
  bought,
  CREDIT,
  DELIVER_MS,
  hexOf,
  SETTLE_MS,
  seated,
  sold,
  staked,
  trusting,
} from "../../worlds/trades.js";
import { closeAll, file, world } from "./cli-fixture.js";

afterEach(closeAll);

const HASH = "ab".repeat(32);
const BOB = toHex(idOf("bob"));

/** A trade that timed out, and what that cost. */
const REFUNDED: TradeView = {
  id: HASH,
  auction: HASH,
  performer: ME,
  buyer: OTHER,
  capability: "gpu",
  units: 1,
  price: "4000000",
  lien: "6000000",
  fence: 9,
  state: "refunded",
  deadline: null,
  settleMs: 5000,
  delivered: null,
  dispute: null,
  end: {
    cause: "timedOut",
    height: 12,
    time: "2026-05-01T12:00:00.000Z",
    feeBp: 50,
    shareBp: null,
    received: "0",
    fee: "0",
    returned: "4000000",
    penalty: {
      condition: "timeout",
      base: "6000000",
      penaltyBp: 2500,
      severity: 2,
      grace: 1,
      violations: 2,
      repeat: 2,
      shareBp: 10_000,
      due: "6000000",
      taken: "6000000",
      burned: "3000000",
      insurance: "3000000",
      result: "SLASHED",
      says: "6 slashed",
    },
    says: "nothing was delivered in time; 6 slashed",
  },
};

describe("a sale of one's own", () => {
  test("is listed, quoted, delivered from a file, and shown as paid with every number", async () => {
    const lone = await staked(200n * CREDIT);
    const { run, json, home } = await world(lone);
    const [one] = sold(lone, "me", { bob: 4n * CREDIT });
    const id = hexOf(one!);
    const listed = (await run("trade list --role performer")).out.join("\n");
    expect(listed).toMatch(
      new RegExp(
        `^${id.slice(0, 10)} +due +2 × gpu.a100 +1 +${ME.slice(0, 10)} +${BOB.slice(0, 10)} +${one!.fence} `,
        "m",
      ),
    );
    expect((await run("trade list --state paid")).err).toContain("auction create");
    const auction = (await run(`auction show ${toHex(one!.auction)}`)).out.join("\n");
    expect(auction).toMatch(/^Delivery +within 20 seconds, and 5 seconds to look at it$/m);
    expect(auction).toMatch(new RegExp(`^${id.slice(0, 10)} +due`, "m"));
    const wallet = (await run("wallet balance")).out.join("\n");
    expect(wallet).toContain(`1.5 for the trade ${id.slice(0, 10)}`);
    const quote = (await run(`slash quote ${id.slice(0, 8)}`)).out.join("\n");
    expect(quote).toMatch(/^give it up +0 +a warning: 0 violations before it/m);
    expect(quote).toMatch(/^be proven wrong +1.5 +1.5: 50 % of 1.5 under lien, times 2 for its kind$/m);
    const path = file(home, "delivery", "a render");
    const delivered = await run(["trade", "deliver", id.slice(0, 8), "--file", path]);
    const hash = / delivered, as ([0-9a-f]{64})/.exec(delivered.out[0] ?? "")?.[1];
    expect([delivered.exit, hash]).toEqual([0, expect.any(String)]);
    const out = join(home, "again");
    expect((await json(`trade fetch ${id} --out ${out}`)).document).toEqual({
      trade: id,
      part: "output",
      size: 8,
      file: out,
    });
    expect(readFileSync(out, "utf8")).toBe("a render");
    expect((await run(`trade fetch ${id} --out ${out}`)).err).toContain("is there already");
    expect((await run(["trade", "input", id, "--file", path])).err).toContain(
      "no agent of this daemon gives the input",
    );
    lone.pass(1000);
    const shown = (await run(`trade show ${id}`)).out.join("\n");
    expect(shown).toMatch(/^State +delivered$/m);
    expect(shown).toMatch(/^Accept by +2\d{3}-/m);
    expect(shown).toMatch(new RegExp(`^Delivered +${hash}$`, "m"));
    lone.pass(SETTLE_MS + 2000);
    const paid = (await run(`trade show ${id}`)).out.join("\n");
    expect(paid).toMatch(/^Ended +the buyer had nothing against it in time \(unopposed\), at height \d+/m);
    expect(paid).toMatch(/^Received +0.995 credits: 1 less 0.5 %, rounded down$/m);
    expect(paid).toMatch(/^Fee +0.005 credits, burned$/m);
    expect((await json(`trade show ${id}`)).document).toMatchObject({ kind: "Trade", id, state: "paid" });
    expect((await run(`trade show ${id} --watch`)).exit).toBe(0);
  });

  test("is given up once its owner has heard what that costs", async () => {
    const lone = await staked(200n * CREDIT);
    const { run } = await world(lone);
    const id = hexOf(sold(lone, "me", { bob: 4n * CREDIT })[0]!);
    const asked: string[] = [];
    const confirm = async (question: string) => {
      asked.push(question);
      return asked.length > 1;
    };
    expect((await run(`trade fail ${id}`, { confirm })).exit).toBe(2);
    expect((await run(`trade fail ${id}`, { confirm })).out[0]).toContain("1 credits return");
    expect(asked[0]).toContain("It costs a warning");
    lone.pass(1000);
    const late = await run(`trade fail ${id} --yes`);
    expect([late.exit, late.err]).toEqual([6, expect.stringContaining(`trade show`)]);
  });
});

test("what one has bought is watched until it ends, and accepted", async () => {
  const lone = trusting();
  const { run } = await world(lone);
  const [one] = sold(lone, "sue", { me: 4n * CREDIT });
  const id = hexOf(one!);
  expect((await run("wallet balance")).out.join("\n")).toContain(
    `1 for the price of the trade ${id.slice(0, 10)}`,
  );
  const early = await run(`trade accept ${id}`);
  expect([early.exit, early.err]).toEqual([6, expect.stringContaining("trade show <trade> --watch")]);
  const watching = run(`trade show ${id} --watch --timeout 30s`);
  await new Promise((resolve) => setTimeout(resolve, 300));
  lone.by("sue", { kind: "deliver", from: idOf("sue"), trade: one!.id, hash: fromHex(HASH)! });
  lone.pass(1000);
  expect((await run(`trade accept ${id}`)).out[0]).toContain(`${OTHER.slice(0, 10)} is paid`);
  lone.pass(1000);
  const { exit, out } = await watching;
  expect([exit, out.at(-1)]).toEqual([0, expect.stringMatching(/ paid: the buyer accepted$/)]);
  expect(out.join("\n")).toContain("delivered: delivered; its buyer may accept or dispute it until");
  expect(Date.parse(new Date(lone.nowMs).toISOString())).toBeGreaterThan(DELIVER_MS);
});

describe("a dispute", () => {
  test("is listed for the seats that judge it, voted on, and shown with its votes and each number of its end", async () => {
    const lone = trusting();
    const { run, json, home } = await world(lone);
    const owner = await seated(lone);
    expect((await run("jury list")).err).toContain("Nothing is disputed");
    const id = hexOf(bought(lone, HASH));
    const low = await run(["trade", "dispute", id, "--evidence", HASH, "--bond", "0.000001"]);
    expect([low.exit, low.err]).toEqual([2, expect.stringContaining("raise the bond to `least`")]);
    const path = file(home, "complaint", "it is blurred");
    const hash = createHash("sha256").update("it is blurred").digest("hex");
    const disputed = await run(["trade", "dispute", id.slice(0, 8), "--file", path, "--bond", "3"]);
    expect([disputed.exit, disputed.out[0]]).toEqual([0, expect.stringContaining("the seats judge it")]);
    lone.pass(1000);
    const shown = (await run(`trade show ${id}`)).out.join("\n");
    expect(shown).toMatch(/^Judged by +2\d{3}-/m);
    expect(shown).toMatch(new RegExp(`^Evidence +${hash}$`, "m"));
    expect(shown).toMatch(/^Bond +3 credits of the buyer$/m);
    expect(shown).toMatch(/^Jury +seats 0: 1 of them decide by agreeing$/m);
    expect(shown).toMatch(/^Votes +none yet$/m);
    expect((await run("wallet balance")).out.join("\n")).toContain(
      `3 for the dispute of the trade ${id.slice(0, 10)}`,
    );
    const listed = (await run("jury list")).out.join("\n");
    expect(listed).toMatch(
      new RegExp(`^${id.slice(0, 10)} .*${hash.slice(0, 10)} +3 .* 0 of 1, 1 decide +seat 0 is asked$`, "m"),
    );
    expect((await json("jury list")).document).toMatchObject({ kind: "TradeList", items: [{ id }] });
    const stranger = await run(`jury vote ${id} --reject --agent ${ME}`);
    expect([stranger.exit, stranger.err]).toEqual([6, expect.stringContaining("trade show <trade>")]);
    const voted = await run(`jury vote ${id} --uphold 10000`);
    const said = `${owner.slice(0, 10)} finds that 100 % is wrong`;
    expect([voted.exit, voted.out[0]]).toEqual([0, expect.stringContaining(said)]);
    lone.pass(1000);
    const ended = (await run(`trade show ${id}`)).out.join("\n");
    expect(ended).toMatch(/^State +refunded$/m);
    expect(ended).toMatch(/^Bond +3 credits of the buyer, returned$/m);
    expect(ended).toMatch(/^Votes +seat 0 upholds 100 %$/m);
    expect(ended).toMatch(/^Ended +the seats upheld the dispute; .* \(upheld\), at height \d+/m);
    expect(ended).toMatch(/^Share +100 % of the price goes back$/m);
    expect(ended).toMatch(/^Returned +1 of 1 credits$/m);
    expect(ended).toMatch(/^Penalty +misdelivery: /m);
  });

  test("that is rejected shows whose the bond became", async () => {
    const lone = trusting();
    const { run } = await world(lone);
    const owner = await seated(lone);
    const id = hexOf(bought(lone, HASH));
    await run(["trade", "dispute", id, "--evidence", HASH]);
    lone.pass(1000);
    const voted = await run(`jury vote ${id} --reject --agent ${owner}`);
    expect(voted.out[0]).toContain("finds that nothing is wrong");
    lone.pass(1000);
    const ended = (await run(`trade show ${id}`)).out.join("\n");
    expect(ended).toMatch(/^Bond .*, paid to the performer$/m);
    expect(ended).toMatch(/^Votes +seat 0 rejects$/m);
    expect(ended).toMatch(/^Share +0 % of the price goes back$/m);
  });
});

test.each([
  [["trade", "deliver", HASH], "--hash"],
  [["trade", "dispute", HASH], "--evidence"],
  [["jury", "vote", HASH], "--uphold <bp> or --reject"],
  [["jury", "vote", HASH, "--uphold", "0"], "from 1 to 10000"],
  [["jury", "vote", HASH, "--uphold", "10001"], "from 1 to 10000"],
  [["jury", "vote", HASH, "--uphold", "1", "--reject"], "--reject"],
  [["trade", "deliver", HASH, "--file", "/nowhere/at/all"], "a file that can be read"],
  [["trade", "deliver", HASH, "--hash", "12"], "64 hexadecimal"],
  [["trade", "list", "--state", "lost"], "due"],
  [["trade", "show", "xyz"], "hexadecimal"],
])("%j is a usage error that says what is meant", async (line, says) => {
  const { run } = await world();
  const { exit, out, err } = await run(line);
  expect([exit, out]).toEqual([2, []]);
  expect(err).toContain(says);
});

test("a trade that nobody made exits 5", async () => {
  const { run } = await world();
  for (const line of [`trade show ${HASH}`, `trade accept ${HASH}`, `slash quote ${HASH}`])
    expect((await run(line)).exit, line).toBe(5);
});

test("what a lien is for is said by its trades, or by the auction that promises them", () => {
  const [auction, first, second] = ["aa", "bb", "cc"].map((one) => one.repeat(32)) as [
    string,
    string,
    string,
  ];
  const lienOf = (trades: readonly string[]) => {
    const liens = [{ id: auction, amount: "1500000", kind: "trade" as const, trades: [...trades] }];
    return stakeRows({ stake: "2000000", freeStake: "500000", liens, unbonding: [], slashDebt: "0" })[1]![1];
  };
  expect(lienOf([])).toBe("1.5 for what the auction aaaaaaaaaa promises");
  expect(lienOf([first])).toBe("1.5 for the trade bbbbbbbbbb");
  expect(lienOf([first, second])).toBe("1.5 for 2 trades of the auction aaaaaaaaaa");
});

test("a span is told in the largest unit that says it exactly", () => {
  expect([1, 1500, 60_000, 90_000, 3_600_000, 172_800_000].map(spanOf)).toEqual([
    "0.001 seconds",
    "1.5 seconds",
    "1 minute",
    "90 seconds",
    "1 hour",
    "2 days",
  ]);
});

test("a dispute's line says how each seat of the daemon stands to it, and its votes come in their order", () => {
  const dispute = {
    evidence: HASH,
    bond: "3000000",
    bondTo: null,
    jurors: [0, 1, 3],
    quorum: 2,
    votes: [
      { seat: 3, share: 250 },
      { seat: 0, share: null },
    ],
  };
  const trade: TradeView = { ...REFUNDED, state: "disputed", dispute, end: null };
  expect(disputeLine(trade, [{ seat: 1 }, { seat: 2 }, { seat: 3 }]).slice(-2)).toEqual([
    "2 of 3, 2 decide",
    "seat 1 is asked, seat 2 is a party, seat 3 has voted",
  ]);
  const rows = tradeRows(trade).map(([label, value]) => `${label}: ${value}`);
  expect(rows).toContain("Jury: seats 0, 1, 3: 2 of them decide by agreeing");
  expect(rows.slice(-2)).toEqual(["Votes: seat 3 upholds 2.5 %", ": seat 0 rejects"]);
});

test("a penalty is shown with all that it was computed from", () => {
  const rows = tradeRows(REFUNDED).map(([label, value]) => `${label}: ${value}`);
  expect(rows).toContain("Penalty: timeout: 6 slashed");
  expect(rows).toContain(": base 6, 25 %, severity 2, repeat 2, share 100 %");
  expect(rows).toContain(": 2 violations within 30 periods before it, forgiven with fewer than 1");
  expect(rows).toContain(": due 6, taken 6: 3 burned, 3 to the insurance pool");
});
