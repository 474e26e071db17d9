// What commands print, for people and for machines, against a real API over a lone peer.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { stakeRows } from "../../../node/cli/commands/stake.js";
import { fromNow } from "../../../node/cli/show.js";
import { FORMAT_NAMES, goesByUnits, standingWeight, tradesAtOwnBid } from "../../../node/contract/auction.js";
import { asDocument, timeOf } from "../../../node/contract/index.js";
import { SignedAgents } from "../../../node/gateway/signed-agent.js";
import { fits, toHex } from "../../../src/base/index.js";
import { auctionTerms, FORMATS } from "../../../src/market/index.js";
import { offer } from "../../market/world.js";
import { idOf, START_MS } from "../../peer/cluster.js";
import { CHAIN, DONE_AUCTION, LONE, LonePeer, ME, OPEN_AUCTION, OTHER } from "../../worlds/lone-peer.js";
import { closeAll, mabeam, newHome, saying, world } from "./cli-fixture.js";

afterEach(closeAll);

/** Awards and price as JSON has them, of a sale to `OTHER`; null: nobody won. */
const soldFor = (price: string | null) => ({
  awards: price === null ? [] : [{ bidder: OTHER, units: 1, pays: price, receives: "0" }],
  clearingPrice: price,
});

/** The same of a purchase from `OTHER`. */
const boughtFor = (price: string) => ({
  awards: [{ bidder: OTHER, units: 1, pays: "0", receives: price }],
  clearingPrice: price,
});

describe("for machines", () => {
  test.each([
    ["status", "Node"],
    ["id", "Identity"],
    ["peers", "PeerList"],
    ["auction list", "AuctionList"],
    [`auction show ${DONE_AUCTION}`, "Auction"],
    ["auction create gpu.a100 --lockup 10", "Receipt"],
    [`bid place ${OPEN_AUCTION.slice(0, 8)} 2`, "Receipt"],
    [`bid list ${DONE_AUCTION.slice(0, 8)}`, "BidList"],
    ["wallet balance", "Wallet"],
    [`wallet balance ${OTHER.slice(0, 6)}`, "Wallet"],
    [`wallet transfer ${OTHER} 1`, "Receipt"],
    [`wallet grant ${OTHER} 1 --agent ${toHex(idOf("faucet"))}`, "Receipt"],
    ["stake list", "Wallet"],
    ["stake add 1", "Receipt"],
    ["quorum status", "Quorum"],
    ["quorum members", "MemberList"],
    ["quorum log", "LogEntryList"],
    ["slash list", "SlashList"],
    ["auction prices", "PriceList"],
    ["trade list", "TradeList"],
    ["trade list --ended", "EndedTradeList"],
    ["jury list", "TradeList"],
    ["testnet faucet", "Receipt"],
    ["config show", "Config"],
    ["config path", "Paths"],
    ["config validate", "ConfigCheck"],
    ["key list", "KeyList"],
  ])("`%s --json` prints one line, a document of kind %s", async (line, kind) => {
    const { run } = await world();
    const { exit, out, err } = await run(`${line} --json`);
    expect([exit, err, out.length]).toEqual([0, "", 1]);
    expect(JSON.parse(out[0]!)).toMatchObject({ apiVersion: "v1", kind });
  });

  test("ids are whole and amounts are micro-credits", async () => {
    const { json } = await world();
    const { document } = await json(`auction show ${DONE_AUCTION}`);
    expect(document).toMatchObject({
      id: DONE_AUCTION,
      outcome: { awards: [{ bidder: ME, pays: "2500000" }], clearingPrice: "2500000" },
    });
  });

  test("the peer of a testnet is chosen by number", async () => {
    const { json, run } = await world();
    expect((await json("status --peer 1")).document.peer).toBe(1);
    expect((await run("status --peer 7")).exit).toBe(5);
  });
});

describe("for people", () => {
  test("status says in which state, on which chain, how safely", async () => {
    const { run } = await world();
    const { out, err } = await run("status");
    const text = out.join("\n");
    for (const said of [
      `ready at height ${LONE.peer.tip.height}`,
      CHAIN,
      "byzantineTolerance 0",
      "in-memory",
      "unencrypted",
    ])
      expect(text).toContain(said);
    expect(err).toContain("the keys lie unencrypted on disk");
  });

  test("an auction shows credits and short ids, and hides what is sealed", async () => {
    const { run } = await world();
    const open = (await run(`auction show ${OPEN_AUCTION}`)).out.join("\n");
    expect(open).toContain("sealed");
    expect(open).toContain("10, 5000 credits");
    const done = (await run(`auction show ${DONE_AUCTION}`)).out.join("\n");
    expect(done).toContain("2.5 credits");
    expect(done).toMatch(new RegExp(`${ME.slice(0, 10)} +won +4 +10`));
  });

  test("a wallet is of the agent that was asked for, or is no answer", async () => {
    const { run, json } = await world();
    const line = `wallet balance ${OTHER.slice(0, 6)}`;
    expect((await run(line)).out[0]).toContain(OTHER);
    const { document } = await json(line);
    const liar = await saying({ wallet: { ...document, agent: ME } as never });
    expect(await liar.run(line)).toMatchObject({ exit: 9, out: [] });
  });

  test("an empty list is no data: stdout stays empty, and stderr says what to do", async () => {
    const { run } = await world();
    const { exit, out, err } = await run("auction list --phase scheduled");
    expect([exit, out]).toEqual([0, []]);
    expect(err).toContain("auction create");
  });

  test("colours appear only where the terminal shows them", async () => {
    const { run } = await world();
    const colour = String.fromCharCode(27);
    expect((await run("status")).out.join("")).not.toContain(colour);
    expect((await run("status", { colors: true })).out.join("")).toContain(colour);
  });

  test("amounts are credits with decimals, exactly", async () => {
    const { run, host } = await world();
    await run(`wallet transfer ${OTHER} 2.5`);
    await run(`wallet transfer ${OTHER} 0.000001`);
    expect(host.commands).toMatchObject([{ amount: 2_500_000n }, { amount: 1n }]);
  });

  test("lockups may come in any order, and are sent ascending and once", async () => {
    const { run, host } = await world();
    await run(
      "auction create gpu.a100 --lockup 20 --lockup 5 --lockup 10 --lockup 5 --commit 30s --reveal 1m --units 3",
    );
    expect(host.commands[0]).toMatchObject({
      lockups: [5_000_000n, 10_000_000n, 20_000_000n],
      commitMs: 30_000,
      revealMs: 60_000,
      lot: { units: 3 },
    });
  });
});

describe("stake", () => {
  test("is added, listed and withdrawn, and a wallet shows the same", async () => {
    const lone = new LonePeer();
    const { run, json } = await world(lone);
    const line = async (words: string) => {
      const { exit, out, err } = await run(words);
      lone.pass(1000);
      return [exit, out.join("\n"), err];
    };
    expect(await line("stake add 3")).toEqual([0, expect.stringContaining("3 credits of"), ""]);
    expect(await line("stake withdraw 0.5")).toEqual([0, expect.stringContaining("begin to unbond"), ""]);
    for (const words of ["stake list", `stake list ${ME.slice(0, 8)}`, "wallet balance"]) {
      const text = (await run(words)).out.join("\n");
      expect(text).toMatch(/^Stake +2.5 credits$/m);
      expect(text).toMatch(/^Free stake +2.5 credits$/m);
      expect(text).toMatch(/^Unbonding +0.5 credits, free .+ \(2\d{3}-.*Z\)$/m);
      expect(text).not.toContain("debt");
    }
    const { document } = await json("stake list");
    expect(document).toMatchObject({
      stake: "2500000",
      freeStake: "2500000",
      liens: [],
      unbonding: [{ amount: "500000", freeAt: expect.any(String) }],
      slashDebt: "0",
    });
    const beyond = await run("stake withdraw 2.500001");
    expect([beyond.exit, beyond.out]).toEqual([7, []]);
    expect(beyond.err).toMatch(
      /free stake 2.5 credits, needed 2.500001 credits, short 0.000001 credits[\s\S]*stake list/,
    );
    expect((await run("stake add 0")).exit).toBe(2);
  });

  test("tells what liens secure and what is owed, in words", () => {
    const [id, freeAt] = ["ab".repeat(32), timeOf(Date.now() + 14.5 * 60_000)];
    const rows = stakeRows({
      stake: "1000000000",
      freeStake: "0",
      liens: [{ id, amount: "1000000000", kind: "seat", trades: [] }],
      unbonding: [{ amount: "5000000", freeAt }],
      slashDebt: "7000000",
    });
    expect(rows).toEqual([
      ["Stake", "1000 credits"],
      ["", "1000 for the seat with key ababababab"],
      ["Free stake", "0 credits"],
      ["Unbonding", `5 credits, free in 15 minutes (${freeAt})`],
      ["Slash debt", "7 credits; the next stake pays it"],
    ]);
  });

  test.each([
    [-1, "with the next entry"],
    [0, "with the next entry"],
    [1, "in 1 second"],
    [1_001, "in 2 seconds"],
    [59_999, "in 60 seconds"],
    [60_000, "in 1 minute"],
    [3_600_001, "in 2 hours"],
    [86_400_000, "in 1 day"],
    [7.5 * 86_400_000, "in 8 days"],
  ])("%d ms from now is %s", (ms, words) => {
    expect(fromNow(timeOf(1_000_000 + ms), 1_000_000)).toBe(words);
  });
});

describe("an auction", () => {
  test("has windows that a person can meet, where none are named", async () => {
    const { run, host } = await world();
    await run("auction create gpu.a100 --lockup 5");
    expect(host.commands[0]).toMatchObject({ commitMs: 60_000, revealMs: 30_000 });
  });

  test("keeps the network's windows where they are longer", async () => {
    const params = { defaultCommitMs: 90_000, defaultRevealMs: 45_000 };
    const { run, host } = await world(new LonePeer(params));
    await run("auction create gpu.a100 --lockup 5");
    expect(host.commands[0]).toMatchObject({ commitMs: 90_000, revealMs: 45_000 });
  });

  test.each([
    ["vickrey", "2", true],
    ["vickrey", "3", false],
    ["uniform", "3", true],
    ["uniform", "11", true],
    ["uniform", "12", false],
  ])(
    "that buys 4 units by %s says if a lockup of %s is below all that may be paid",
    async (format, lockup, says) => {
      const { run } = await world();
      const line = `auction create gpu.a100 --buy --ceiling 3 --units 4 --format ${format} --lockup ${lockup}`;
      const { exit, err } = await run(line, { progress: true });
      expect([exit, err.includes("Every lockup is below the ceiling")]).toEqual([0, says]);
    },
  );

  test("that buys may weigh standing, and says so; one that sells may not", async () => {
    const lone = new LonePeer();
    const { run, host } = await world(lone);
    const created = await run(
      "auction create gpu.a100 --buy --ceiling 3 --lockup 3 --standing-weight 2500 --format first-price",
    );
    expect([created.exit, host.commands.at(-1)]).toMatchObject([0, { standingWeight: 2500 }]);
    const weighed = { direction: "buy", reserve: 2_000_000n, standingWeight: 2500 } as const;
    const id = toHex(lone.auction("sue", { lockups: [10_000_000n], ...weighed }, { bob: 1_000_000n }));
    const shown = (await run(`auction show ${id}`)).out.join("\n");
    expect(shown).toMatch(/^Standing +weighs 2500 bp/m);
    expect(shown).toMatch(/HEIGHT +STANDING\n.* sealed .* 5000$/m);
    const { kind: _, ...terms } = offer({ ...weighed, reserve: 2n, lockups: [9n] });
    for (const one of [0, 1, 10_000, 10_001, 1.5])
      expect(standingWeight.safeParse(one).success).toBe(
        fits(auctionTerms, { ...terms, standingWeight: one }),
      );
    for (const line of ["--standing-weight 1", "--buy --ceiling 3 --format uniform --standing-weight 1"]) {
      const { exit, err } = await run(`auction create gpu.a100 --lockup 3 ${line}`);
      expect([line, exit, err]).toEqual([
        line,
        2,
        expect.stringContaining("a lot as a whole weighs standing"),
      ]);
    }
  });

  test("of a lot in units has its prices by the unit, and hides none", async () => {
    expect(FORMAT_NAMES.filter(goesByUnits)).toEqual(FORMAT_NAMES.filter((one) => FORMATS[one].isDivisible));
    expect(FORMAT_NAMES.filter(tradesAtOwnBid)).toEqual(
      FORMAT_NAMES.filter((one) => FORMATS[one].tradesAtOwnBid),
    );
    const lone = new LonePeer();
    const { run, host } = await world(lone);
    const shown = async (terms: Parameters<LonePeer["auction"]>[1]) =>
      (
        await run(`auction show ${toHex(lone.auction("sue", { lockups: [10_000_000n], ...terms }, {}))}`)
      ).out.join("\n");
    const [uniform, vickrey] = [{ format: { kind: "uniform" } }, { format: { kind: "vickrey" } }] as const;
    const purchase = { direction: "buy", reserve: 2_000_000n } as const;
    expect(await shown({ ...uniform, reserve: 1_000_000n })).toMatch(/^Reserve +1 credits a unit$/m);
    expect(await shown({ ...uniform, ...purchase })).toMatch(/^Ceiling +2 credits a unit$/m);
    expect(await shown({ ...vickrey, ...purchase })).toMatch(/^Ceiling +2 credits$/m);
    const hidden = await run("auction create gpu.a100 --lockup 5 --format uniform --hidden-reserve 2");
    expect([hidden.exit, hidden.err, host.commands]).toEqual([
      2,
      expect.stringContaining("hides no reserve"),
      [],
    ]);
  });

  test("in which one bidder wins one of several units says so", async () => {
    const lone = new LonePeer();
    const { run } = await world(lone);
    const terms = { format: { kind: "uniform" }, reserve: 1_000_000n, lockups: [10_000_000n] } as const;
    const id = toHex(lone.auction("sue", { ...terms, commitMs: 20_000 }, {}));
    await run(`bid place ${id} 4 --units 1 --now`);
    lone.pass(45_000);
    const [shown, listed] = [await run(`auction show ${id}`), await run("auction list")];
    expect(shown.out.join("\n")).toMatch(/Winner +\w+ {2}1 unit, pays 1 credits\nPrice +1 credits a unit/);
    expect(listed.out.join("\n")).toMatch(new RegExp(`^${id.slice(0, 10)} .* 1 a unit `, "m"));
  });
});

describe("a bid", () => {
  test("goes out at a random moment, unless --now or --delay say when", async () => {
    const { run, host } = await world();
    for (const when of ["", " --now", " --delay 5s"]) await run(`bid place ${OPEN_AUCTION} 2${when}`);
    expect(host.commands.map((one) => "delayMs" in one && one.delayMs)).toEqual([
      { uniform: 2 ** 31 },
      0,
      5000,
    ]);
    expect((await run(`bid place ${OPEN_AUCTION} 2 --now --delay 5s`)).exit).toBe(2);
  });

  test("says what others know of it, that it replaces an earlier one, and that it cannot win", async () => {
    const lone = new LonePeer();
    const { run, json } = await world(lone);
    const bids = (await json("bid list --mine")).document.items as { auction: string; commitment: string }[];
    const earlier = bids.find((one) => one.auction === OPEN_AUCTION)!.commitment;
    const waiting = await run(`bid place ${OPEN_AUCTION} 0.999999 --delay 5s`);
    expect(waiting.out[0]).toContain("waiting here, nobody has heard of it yet; published by");
    expect(waiting.out[1]).toBe(`It replaces this agent's earlier bid there, ${earlier.slice(0, 10)}.`);
    expect(waiting.err).toContain("warning: the bid is beyond the public reserve: it cannot win");
    expect(waiting.err).toContain("warning: the lockup is set aside by this peer alone");
    const another = toHex(lone.auction("sue", { lockups: [10_000_000n], commitMs: 600_000 }, {}));
    const published = await run(`bid place ${another} 1 --now`);
    expect(published.out).toEqual([expect.stringContaining("sealed and published")]);
    expect(published.err).not.toContain("warning");
  });

  test("of a lot in units says of how many, before and after", async () => {
    const lone = new LonePeer();
    const { run } = await world(lone);
    const terms = { format: { kind: "uniform" }, reserve: 1_000_000n, lockups: [10_000_000n] } as const;
    const id = toHex(lone.auction("sue", { ...terms, commitMs: 20_000 }, {}));
    for (const [units, why] of [
      ["", /units out of range[\s\S]*--units/],
      [" --units 3", /units out of range[\s\S]*at most the lot's/],
      [" --units 0", /--units/],
    ] as const) {
      const refused = await run(`bid place ${id} 4 --now${units}`);
      expect([refused.exit, refused.err]).toEqual([2, expect.stringMatching(why)]);
    }
    expect((await run(`bid place ${id} 6 --units 2 --now`)).err).toMatch(/lockup/);
    const placed = await run(`bid place ${id} 4 --units 2 --now`);
    expect(placed.out[0]).toMatch(/^Bid of 4 credits for each of 2 units on .*: sealed and published/);
    expect((await run("bid list --mine")).out.join("\n")).toContain("2 × 4 ");
    lone.pass(45_000);
    expect((await run(`bid list ${id}`)).out.join("\n")).toMatch(/ won +2 × 4 +10 /);
    expect((await run(`auction show ${id}`)).out.join("\n")).toMatch(
      new RegExp(`Winner +${ME}  2 units, pays 2 credits\nPrice +1 credits a unit`),
    );
    expect((await run(`bid place ${OPEN_AUCTION} 2 --units 1 --now`)).err).toMatch(
      /of a lot as a whole leave it out/,
    );
  });

  test.each(["bid withdraw", `bid withdraw ${OPEN_AUCTION}`, "bid cancel"])(
    "`%s` is told that a bid is binding, and what can be done",
    async (line) => {
      const { run, host } = await world();
      const { exit, err } = await run(line);
      expect([exit, host.commands]).toEqual([6, []]);
      expect(err).toMatch(/binding.*\nFix: .*bid place/);
    },
  );

  test("lists one's own with their amounts, and asks for an auction where none is meant", async () => {
    const { run } = await world(new LonePeer());
    const mine = await run("bid list --mine");
    expect([mine.exit, mine.out.join(" ")]).toEqual([
      0,
      expect.stringMatching(/gpu\.a100 +sealed +4\.5 +10/),
    ]);
    expect((await run("bid list")).exit).toBe(2);
  });

  test("--wait returns once a new commitment is in the log", async () => {
    const lone = new LonePeer();
    const { run } = await world(lone);
    const time = setInterval(() => lone.pass(200), 20);
    const { exit, out } = await run(`bid place ${OPEN_AUCTION} 2 --now --wait`);
    clearInterval(time);
    expect([exit, out.join("")]).toEqual([0, expect.stringContaining("final")]);
  });

  test("--wait ends with 6 when bidding closes first, and with 8 when nothing happens", async () => {
    const lone = new LonePeer();
    const { run } = await world(lone);
    expect((await run(`bid place ${OPEN_AUCTION} 2 --wait --timeout 100ms`)).exit).toBe(8);
    const { json } = await world(lone);
    const { document: auction } = await json(`auction show ${OPEN_AUCTION}`);
    const { document: placeBid } = await json(`bid place ${OPEN_AUCTION} 3`);
    const bids = asDocument("BidList", { items: [], nextCursor: null, unshown: [] });
    const told = { auction: { ...auction, phase: "reveal" } as never, placeBid: placeBid as never, bids };
    const late = await (await saying(told)).run(`bid place ${OPEN_AUCTION} 3 --wait`);
    expect([late.exit, late.err]).toEqual([6, expect.stringContaining("bidding closed")]);
  });
});

describe("watching an auction", () => {
  const on = { time: timeOf(START_MS), height: 20, auction: OPEN_AUCTION };

  test("tells each of its events on a line, none of another's, and ends with the outcome", async () => {
    const { run, host } = await world();
    const { events } = host;
    const out: string[] = [];
    const stream = (text: string) => {
      out.push(text);
      if (out.length === 1) {
        events.append({ type: "bid.revealed", ...on, bidder: OTHER, amount: "3000000", units: null });
        events.append({
          type: "bid.revealed",
          ...on,
          auction: DONE_AUCTION,
          bidder: OTHER,
          amount: "9",
          units: null,
        });
        events.append({
          type: "auction.settled",
          ...on,
          outcome: "sold",
          ...soldFor("1000000"),
          burned: "0",
        });
      }
    };
    const watching = run(`auction watch ${OPEN_AUCTION} --json`, { out: stream });
    const beat = setInterval(() => {
      if (out.length === 0) events.append({ type: "auction.phase", ...on, phase: "reveal" });
    }, 20);
    const { exit } = await watching;
    clearInterval(beat);
    const types = out.map((line) => JSON.parse(line).type).filter((type) => type !== "auction.phase");
    expect([exit, types]).toEqual([0, ["bid.revealed", "auction.settled"]]);
  });

  test.each([
    ["sold", soldFor("1000000"), new RegExp(`sold to ${OTHER.slice(0, 10)} for 1$`)],
    ["sold", boughtFor("1000000"), new RegExp(`bought from ${OTHER.slice(0, 10)} for 1$`)],
    ["unsold", soldFor(null), /unsold: no bid was valid$/],
    ["void", soldFor(null), /void: there was a valid bid, but the lot's window has lapsed$/],
  ] as const)("tells of an end that is `%s` in its own words", async (outcome, sale, words) => {
    const { run, host } = await world();
    const { events } = host;
    const settled = { type: "auction.settled", ...on, outcome, ...sale, burned: "0" } as const;
    const lines: string[] = [];
    const watching = run(`auction watch ${OPEN_AUCTION}`, {
      out: (text) => {
        if (lines.push(text) === 1) events.append(settled);
      },
    });
    const beat = setInterval(() => {
      if (lines.length === 0) events.append({ type: "auction.phase", ...on, phase: "reveal" });
    }, 20);
    expect((await watching).exit).toBe(0);
    clearInterval(beat);
    expect(lines.at(-1)).toMatch(words);
  });

  test("ends with 8 when its time is over and the auction is not", async () => {
    const { run } = await world();
    const { exit, err } = await run(`auction watch ${OPEN_AUCTION} --timeout 100ms`);
    expect([exit, err]).toEqual([8, expect.stringContaining("within 0.1 s")]);
  });

  test("of an auction that is over ends at once with its outcome", async () => {
    const { run } = await world();
    const { exit, out } = await run(`auction watch ${DONE_AUCTION}`);
    expect([exit, out.join("\n")]).toEqual([
      0,
      expect.stringMatching(new RegExp(`sold to ${ME.slice(0, 10)} for 2.5$`)),
    ]);
  });
});

describe("without a daemon", () => {
  test("config show --origin says where each value comes from", async () => {
    const home = newHome();
    const { out } = await mabeam(home, "config show --origin --json");
    const { settings, origins } = JSON.parse(out[0]!);
    expect([settings.home, origins.home, origins.listen]).toEqual([
      home,
      "environment MABEAM_HOME",
      "default",
    ]);
  });

  test("a key is made, listed, exported and imported, and never unencrypted by accident", async () => {
    const home = newHome();
    const bare = await mabeam(home, "key create mine");
    expect([bare.exit, bare.err]).toEqual([4, expect.stringContaining("MABEAM_PASSPHRASE")]);
    expect((await mabeam(home, "key create mine --insecure-plain-keys")).exit).toBe(0);
    expect((await mabeam(home, "key create mine --insecure-plain-keys")).exit).toBe(6);
    const exported = await mabeam(home, "key export mine --insecure-plain-keys");
    const other = newHome();
    const path = join(other, "moved.json");
    writeFileSync(path, exported.out[0]!, { mode: 0o600 });
    expect((await mabeam(other, ["key", "import", "mine", path, "--insecure-plain-keys"])).exit).toBe(0);
    const keyOf = async (where: string) =>
      JSON.parse((await mabeam(where, "key list --json")).out[0]!).items[0];
    expect((await keyOf(other)).publicKey).toBe((await keyOf(home)).publicKey);
    expect((await mabeam(home, "key export nobody --insecure-plain-keys")).exit).toBe(5);
  });

  test("a key of an agent signs a field for a gateway, and no other key does, nor for longer than 31 days", async () => {
    const home = newHome();
    await mabeam(home, "key create mine --insecure-plain-keys");
    await mabeam(home, "key create seat --kind consensus --insecure-plain-keys");
    const { field, value, agent } = JSON.parse(
      (await mabeam(home, "key header mine --for 1h --json")).out[0]!,
    );
    expect(new SignedAgents().agentIn(value, Date.now())).toBe(agent);
    const { out } = await mabeam(home, "key header mine");
    expect(out).toEqual([expect.stringMatching(new RegExp(`^${field}: ${agent}\\.\\d+\\.[\\w-]{86}$`))]);
    const exits = ["seat", "nobody", "mine --for 31d", "mine --for 745h"].map((words) =>
      mabeam(home, `key header ${words}`).then(({ exit }) => exit),
    );
    expect(await Promise.all(exits)).toEqual([5, 5, 0, 2]);
  });

  test("help is data, and lists every command of the first release", async () => {
    const { exit, out } = await mabeam(newHome(), "--help");
    expect(exit).toBe(0);
    const text = out.join("\n");
    const names =
      "daemon status id stop peers auction bid verify wallet quorum slash testnet simulate bench key config";
    for (const name of names.split(" ")) expect(text).toMatch(new RegExp(`^  ${name}\\b`, "m"));
    expect((await mabeam(newHome(), "--version")).out).toEqual([
      JSON.parse(readFileSync("package.json", "utf8")).version,
    ]);
  });
});
