// Leases over the API: who has and holds parts of a window, what was used of them, and each refusal with what mends it.
import { beforeEach, describe, expect, test } from "vitest";
import { refusalProblem } from "../../../node/api/refusal.js";
import { fromHex, toHex } from "../../../src/base/index.js";
import { idOf } from "../../peer/cluster.js";
import { LonePeer, ME, OTHER } from "../../worlds/lone-peer.js";
import { leased, WINDOW_MS } from "../../worlds/windows.js";
import { fixture } from "./api-fixture.js";

const BOB = toHex(idOf("bob"));
const SUE = OTHER;
/** A second from when a test runs. */
const SOON = "soon";

let lone: LonePeer;
let auction: string;
let call: Awaited<ReturnType<typeof fixture>>["call"];

beforeEach(async () => {
  lone = new LonePeer();
  auction = toHex(leased(lone, { me: 300, bob: 200 }));
  ({ call } = await fixture({}, lone));
});

const later = (ms: number) => new Date(lone.nowMs + ms).toISOString();
const hold = (more: object) => call("POST", "/v1/leases/holds", { payload: { auction, ...more } });
const say = (more: object) => call("POST", "/v1/leases/usage", { payload: { auction, ...more } });
const list = async (query = "") => (await call("GET", `/v1/leases?${query}`)).json();

describe("leases", () => {
  test("are listed by window, agent and capability, the seller's part last", async () => {
    const all = await list();
    expect(all.kind).toBe("LeaseList");
    const parts = all.items.map((one: { owner: string; units: number }) => [one.owner, one.units]);
    expect(parts.at(-1)).toEqual([SUE, 500]);
    expect(new Map(parts)).toEqual(
      new Map([
        [ME, 300],
        [BOB, 200],
        [SUE, 500],
      ]),
    );
    const mine = (await list(`agent=${ME}`)).items;
    expect(mine).toMatchObject([
      { id: `${auction}/${ME}`, auction, seller: SUE, holder: ME, capability: "key.team", deputies: [] },
    ]);
    expect(mine[0].until).toBe(mine[0].to);
    expect(Date.parse(mine[0].to) - Date.parse(mine[0].from)).toBe(WINDOW_MS);
    expect((await list(`auction=${auction.slice(0, 8)}&capability=KEY.team`)).items).toHaveLength(3);
    expect((await list("capability=gpu")).items).toEqual([]);
    const first = await list("limit=1");
    const rest = await list(`cursor=${encodeURIComponent(first.nextCursor)}`);
    expect([...first.items, ...rest.items]).toEqual(all.items);
    expect((await list(`cursor=${ME}/${ME}`)).code).toBe("CURSOR_GONE");
    expect((await list("cursor=abc")).code).toBe("REQUEST_INVALID");
  });

  test("are held for a time, taken over by a deputy, and told of", async () => {
    const { app, host, call: asks } = await fixture({}, lone);
    const until = later(2000);
    const held = await asks("POST", "/v1/leases/holds", { payload: { auction, until, deputies: [BOB] } });
    expect([held.statusCode, held.json()]).toMatchObject([202, { action: "holdLease", agent: ME, auction }]);
    lone.pass(1000);
    expect((await list(`agent=${ME}`)).items).toMatchObject([{ until, deputies: [BOB], holder: ME }]);
    const takes = () =>
      lone.by("bob", {
        kind: "hold",
        from: idOf("bob"),
        auction: fromHex(auction)!,
        owner: idOf("me"),
        untilMs: lone.nowMs + 5000,
        deputies: null,
      });
    expect(takes()).toMatchObject({ ok: false, refusal: { code: "LEASE_HELD" } });
    lone.pass(2000);
    expect(takes().ok).toBe(true);
    lone.pass(1000);
    const [lease] = (await list(`auction=${auction}&agent=${ME}`)).items;
    expect(lease.holder).toBe(BOB);
    expect(lease.holders.map(({ agent }: { agent: string }) => agent)).toEqual([ME, BOB]);
    expect(lease.holders[1].fence).toBeGreaterThan(lease.holders[0].fence);
    const told = (await host.events.read(-1, 1000)).events.filter(({ type }) => type === "lease.held");
    expect(told).toMatchObject([
      { holder: ME, until },
      { holder: BOB, owner: ME, fence: lease.holders[1].fence },
    ]);
    await app.close();
  });

  test("leave what was used of them in history, and no more than was won", async () => {
    expect((await say({ used: 1, lent: 0 })).json().code).toBe("USAGE_TOO_EARLY");
    lone.pass(10_000 + WINDOW_MS);
    const won = 300 * WINDOW_MS;
    const above = (await say({ used: won, lent: 1 })).json();
    expect(above).toMatchObject({
      code: "USAGE_ABOVE_WON",
      context: { claimed: `${won + 1}`, won: `${won}` },
    });
    expect((await say({ used: won - 7, lent: 7 })).statusCode).toBe(202);
    lone.pass(1000);
    expect((await say({ used: 1, lent: 0 })).json().code).toBe("USAGE_GIVEN");
    const usage = { used: won - 7, lent: 7 };
    expect((await list(`agent=${ME}`)).items[0].holders).toMatchObject([{ agent: ME, usage }]);
    const wanted = { auction, owner: ME, by: ME, units: 300, won, ...usage };
    for (const query of ["", `agent=${ME}`, "capability=key.team"]) {
      const page = (await call("GET", `/v1/history/usage?${query}`)).json();
      expect(page, query).toMatchObject({ kind: "UsageList", from: 1, items: [wanted] });
    }
    expect((await call("GET", `/v1/history/usage?agent=${BOB}`)).json().items).toEqual([]);
    const both = await call("GET", `/v1/history/usage?agent=${BOB}&capability=key.team`);
    expect([both.statusCode, both.json().code]).toEqual([400, "REQUEST_INVALID"]);
  });

  test.each([
    ["without a time", {}, 400, "REQUEST_INVALID"],
    [
      "with five deputies",
      { until: "2100-01-01T00:00:00.000Z", deputies: Array(5).fill(BOB) },
      400,
      "REQUEST_INVALID",
    ],
    ["with one deputy twice", { until: SOON, deputies: [BOB, BOB] }, 422, "WISH_MALFORMED"],
    ["beyond the window", { until: "2100-01-01T00:00:00.000Z" }, 422, "HOLD_OUT_OF_RANGE"],
    ["of another", { until: SOON, owner: BOB }, 409, "NOT_A_DEPUTY"],
    ["of an auction that is none", { until: SOON, auction: ME }, 404, "LEASE_UNKNOWN"],
    ["by an agent whose key is elsewhere", { until: SOON, agent: BOB }, 404, "KEY_NOT_HELD"],
  ] as const)("are not held %s", async (_, given, status, code) => {
    const body = "until" in given && given.until === SOON ? { ...given, until: later(1000) } : given;
    const answer = await hold(body);
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
  });

  test("each refusal names what mends it", () => {
    const codes = [
      ...["LEASE_UNKNOWN", "LEASE_OVER", "HOLD_OUT_OF_RANGE", "NOT_A_DEPUTY", "NOT_THE_LEASES_OWNER"],
      ...[
        "LEASE_HELD",
        "TOO_MANY_HOLDERS",
        "USAGE_TOO_EARLY",
        "NOT_A_HOLDER",
        "USAGE_GIVEN",
        "USAGE_ABOVE_WON",
      ],
    ];
    const fixes = codes.map((code) => refusalProblem({ code, detail: {} }).document.fix);
    expect(new Set(fixes).size).toBe(codes.length);
  });
});
