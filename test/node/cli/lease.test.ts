// `mabeam lease`, for people and for machines.
import { afterEach, expect, test } from "vitest";
import { toHex } from "../../../src/base/index.js";
import { idOf } from "../../peer/cluster.js";
import { LonePeer, ME } from "../../worlds/lone-peer.js";
import { leased, WINDOW_MS } from "../../worlds/windows.js";
import { closeAll, world } from "./cli-fixture.js";

afterEach(closeAll);

const BOB = toHex(idOf("bob"));

test("a window is listed, held, and what was used of it is said and listed", async () => {
  const lone = new LonePeer();
  const { run, json, host } = await world(lone);
  expect(await run("lease list")).toMatchObject({
    ...{ exit: 0, out: [], err: "No window that is leased is in the ledger." },
  });
  expect((await run("lease used")).err).toBe("Nobody has said what was used of a lease.");
  const auction = toHex(leased(lone, { me: 300, bob: 200 }));
  const { out } = await run("lease list");
  expect(out).toHaveLength(4);
  expect(out.at(-1)).toMatch(/ key\.team +500 +[0-9a-f]{10} \(seller\) /);
  const own = (await run(`lease list --agent ${ME}`)).out;
  expect(own[1]).toMatch(
    new RegExp(`^${auction.slice(0, 10)} .* 300 +${ME.slice(0, 10)} +${ME.slice(0, 10)} .* –$`),
  );
  const until = new Date(lone.nowMs + 2000).toISOString();
  const held = await run(`lease hold ${auction} --until ${until} --deputy ${BOB}`);
  expect([held.exit, held.out[0]]).toEqual([0, expect.stringContaining(`holds it until ${until}`)]);
  lone.pass(1000);
  expect((await json(`lease list --agent ${ME}`)).document).toMatchObject({
    items: [{ until, deputies: [BOB] }],
  });
  expect((await run(`lease hold ${auction}`)).exit).toBe(0);
  expect(host.commands.at(-1)).toMatchObject({ kind: "hold", deputies: null });
  const early = await run(`lease usage ${auction} --used 5`);
  expect(early.err).toContain("say it once the window is over");
  lone.pass(10_000 + WINDOW_MS);
  const said = await run(
    `lease usage ${auction} --used ${300 * WINDOW_MS * 0.75} --lent ${300 * WINDOW_MS * 0.1}`,
  );
  expect([said.exit, said.err]).toEqual([0, ""]);
  lone.pass(1000);
  expect((await run(`lease list --agent ${ME}`)).out[1]).toMatch(/ 85\.0 %$/);
  expect((await run("lease used")).out[1]).toMatch(
    / 300 +[0-9a-f]{10} +[0-9a-f]{10} +\d+ +75\.0 % +10\.0 %$/,
  );
});

test.each([
  ["lease hold abcdef", "A whole id is 64 hexadecimal digits"],
  [`lease hold ${ME} --for 2s --until 2026-05-01T12:00:00Z`, "cannot be used with"],
  [`lease hold ${ME} --deputy bob`, "A whole id is 64 hexadecimal digits"],
  [`lease usage ${ME}`, "required option '--used <n>'"],
  [`lease usage ${ME} --used -1`, "A whole number from 0"],
])("%s is a mistake of whoever types it", async (line, says) => {
  const { run } = await world(new LonePeer());
  const { exit, err } = await run(line);
  expect(exit).toBe(2);
  expect(err).toContain(says);
});

test("a window that is none is said not to be there", async () => {
  const { run } = await world(new LonePeer());
  const { exit, err } = await run(`lease hold ${ME}`);
  expect([exit, err]).toEqual([
    5,
    expect.stringContaining("see those that are with `npx mabeam lease list`"),
  ]);
});
