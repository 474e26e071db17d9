// G41, G42: another model answers where its owner said so, before the first content, and no request is sent more than three times in all.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type FallbackRules,
  Fallbacks,
  TROUBLES,
  type Trouble,
} from "../../../node/gateway/fallback/chains.js";
import { Course } from "../../../node/gateway/fallback/course.js";
import { pricesIn } from "../../../node/gateway/prices/price-rows.js";
import { Prices } from "../../../node/gateway/prices/prices.js";
import type { Price } from "../../../node/gateway/prices/rates.js";
import { type Fault, faultsInOrder } from "../../../testnet/upstream/faults.js";
import { before, errorOf, perMinute, rawUpstream, type StageRules, stage, until } from "./stage.js";

const row = (dollars: number) => ({
  input_cost_per_token: dollars / 1e6,
  output_cost_per_token: dollars / 1e6,
});
const prices = pricesIn({
  ...{ "gpt-upstream": row(3), "gpt-upstream-mini": row(1), third: row(1) },
  ...{ "claude-upstream": row(3), "claude-upstream-small": row(1) },
  ...{ "gemini-upstream": row(3), "gemini-small": row(1) },
}) as readonly Price[];

const CHAINS = [
  { model: "gpt-upstream", instead: ["gpt-upstream-mini"] },
  { model: "claude-upstream", instead: ["claude-upstream-small"] },
  { model: "gemini-upstream", instead: ["gemini-small"] },
];

const falling = (
  on: readonly Trouble[],
  more: Partial<FallbackRules> = {},
): NonNullable<StageRules["gateway"]> => ({
  prices,
  fallback: { chains: CHAINS, on, mayBeDearer: false, ...more },
});

const faulty = (faults: readonly (Fault | null)[], more: StageRules = {}) =>
  stage({ upstream: { faults: faultsInOrder(faults) }, gateway: falling(["outage", "limit"]), ...more });

describe("G42 before the upstream's faults", () => {
  /** Tokens of input of what is asked, by the estimate: what was sent and not answered costs that (G15). */
  const UNHEARD = 27;
  test.each<[string, readonly Fault[], number]>([
    ["an answer that says the upstream is broken", [{ kind: "broken" }], 0],
    [
      "connections that are reset",
      [
        { kind: "cut", afterBytes: 0 },
        { kind: "cut", afterBytes: 0 },
      ],
      2 * UNHEARD * 3,
    ],
  ])("%s: the next model answers, is named, and is charged", async (_, faults, unheard) => {
    const { upstream, ask, passed, expectIdle } = await faulty(faults);
    const answer = await ask("ann");
    expect([answer.status, answer.headers.get("x-mabeam-model")]).toEqual([200, "gpt-upstream-mini"]);
    expect(((await answer.json()) as { readonly model: string }).model).toBe("gpt-upstream-mini");
    await expectIdle();
    const { inputTokens, outputTokens } = passed()[0]!.used!;
    expect(upstream.journal.visits).toHaveLength(faults.length + 1);
    expect(passed()).toMatchObject([
      {
        ...{ end: "answered", model: "gpt-upstream", cost: inputTokens + outputTokens + unheard },
        instead: { model: "gpt-upstream-mini", on: "outage" },
      },
    ]);
  });

  test("an overload is waited for first: the same model twice, then the next", async () => {
    const { upstream, ask, clock } = await faulty([{ kind: "overloaded" }, { kind: "overloaded" }]);
    clock.goOn(1_000);
    expect((await ask("ann")).headers.get("x-mabeam-model")).toBe("gpt-upstream-mini");
    expect(upstream.journal.visits).toHaveLength(3);
  });

  test("a failure inside a stream that has not begun to answer counts, one that has begun is the client's", async () => {
    const rules: StageRules = { dialect: "anthropic" };
    const failures = [1, 1].map((afterFrames): Fault => ({ kind: "failure", afterFrames }));
    const early = await faulty(failures, rules);
    early.clock.goOn(50);
    const answer = await early.ask("ann", { body: { stream: true } });
    expect(answer.headers.get("x-mabeam-model")).toBe("claude-upstream-small");
    expect(await answer.text()).toContain("message_stop");
    expect(early.upstream.journal.visits).toHaveLength(3);
    const late = await faulty([{ kind: "failure", afterFrames: 4 }], rules);
    const broken = await late.ask("ann", { body: { stream: true } });
    expect(broken.headers.get("x-mabeam-model")).toBeNull();
    expect(await broken.text()).toContain("event: error");
    expect(late.upstream.journal.visits).toHaveLength(1);
  });

  test("without a chain, or in another trouble, the failure passes as it is", async () => {
    for (const gateway of [{}, falling(["context", "policy"]), falling(["outage"], { chains: [] })]) {
      const { upstream, ask } = await faulty([{ kind: "broken" }], { gateway });
      const answer = await ask("ann");
      expect([answer.status, answer.headers.get("x-mabeam-model")]).toEqual([500, null]);
      expect(upstream.journal.visits).toHaveLength(1);
    }
  });

  test("a model that has no room for half of its client's patience makes way for the next", async () => {
    const limits = { rpm: 2 };
    const { ask, clock, gateway, passed, upstream } = await stage({
      figures: limits,
      pool: { limits: perMinute(limits), headroomBp: 0 },
      gateway: falling(["limit"]),
    });
    const headers = { "x-stainless-timeout": "25" };
    for (const model of ["gpt-upstream-mini", "gpt-upstream"]) await (await ask("ann", { model })).text();
    await (await ask("ann")).text();
    const asked = ask("ann", { headers });
    await until(() => gateway.counts.waiting === 1);
    clock.pass(9_999);
    expect(gateway.counts.waiting).toBe(1);
    clock.pass(1);
    const answer = await asked;
    expect(answer.headers.get("x-mabeam-model")).toBe("gpt-upstream-mini");
    expect(answer.headers.get("x-mabeam-queued-ms")).toBe("10000");
    await until(() => passed().length === 4);
    expect(passed().at(-1)).toMatchObject({ instead: { on: "limit" }, waitedMs: 10_000 });
    expect(upstream.journal.visits.every(({ over }) => over.length === 0)).toBe(true);
  });
});

/** An upstream whose answers depend on the model that is asked for. */
async function byModel(
  dialect: "openai" | "anthropic" | "google",
  answers: Readonly<Record<string, readonly [status: number, body: object]>>,
  more: StageRules,
) {
  const seen: { readonly path: string; readonly body: string }[] = [];
  const upstream = await rawUpstream((request, response, body) => {
    const path = request.url ?? "";
    seen.push({ path, body });
    const model =
      /models\/([^:]+):/.exec(path)?.[1] ?? String((JSON.parse(body) as { readonly model: string }).model);
    const [status, answer] = answers[model] ?? [404, { error: { message: `no ${model}` } }];
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
  const model = { openai: "gpt-upstream", anthropic: "claude-upstream", google: "gemini-upstream" }[dialect];
  return { seen, ...(await before(upstream, model, { dialect, ...more })) };
}

const OPENAI_OK = [200, { model: "gpt-upstream-mini", choices: [{ message: { content: "ok" } }] }] as const;
const OPENAI_ERROR = (code: string) => ({ error: { message: "no", type: "invalid_request_error", code } });
const GOOGLE_OK = [200, { candidates: [{ content: { parts: [{ text: "ok" }] } }] }] as const;

describe("G42 by class of failure", () => {
  test.each<[Trouble, "openai" | "anthropic" | "google", number, object]>([
    ["context", "openai", 400, OPENAI_ERROR("context_length_exceeded")],
    ["policy", "openai", 400, OPENAI_ERROR("content_filter")],
    ["limit", "openai", 429, OPENAI_ERROR("insufficient_quota")],
    [
      "context",
      "anthropic",
      400,
      { type: "error", error: { type: "invalid_request_error", message: "prompt is too long: 2 > 1" } },
    ],
    [
      "context",
      "google",
      400,
      {
        error: {
          code: 400,
          status: "INVALID_ARGUMENT",
          message: "The input token count (2) exceeds the maximum number of tokens allowed (1).",
        },
      },
    ],
    [
      "policy",
      "google",
      200,
      { promptFeedback: { blockReason: "SAFETY" }, usageMetadata: { promptTokenCount: 9 } },
    ],
  ])("%s, as %s tells it with %i", async (trouble, dialect, status, body) => {
    const others = TROUBLES.filter((one) => one !== trouble);
    for (const [on, isTurned] of [
      [[trouble], true],
      [others, false],
    ] as const) {
      const [first, second] = { openai: CHAINS[0]!, anthropic: CHAINS[1]!, google: CHAINS[2]! }[
        dialect
      ].instead.flatMap((instead) => [
        { openai: "gpt-upstream", anthropic: "claude-upstream", google: "gemini-upstream" }[dialect],
        instead,
      ]);
      const ok = dialect === "google" ? GOOGLE_OK : OPENAI_OK;
      const { ask, seen, passed } = await byModel(
        dialect,
        { [first!]: [status, body], [second!]: ok },
        { gateway: falling(on) },
      );
      const answer = await ask("ann");
      expect([answer.status, answer.headers.get("x-mabeam-model")]).toEqual(
        isTurned ? [200, second] : [status, null],
      );
      if (!isTurned) expect(await answer.json()).toEqual(body);
      await until(() => passed().length === 1);
      expect(passed()[0]!.instead).toEqual(isTurned ? { model: second, on: trouble } : null);
      expect(seen).toHaveLength(isTurned ? 2 : 1);
      if (isTurned && dialect !== "google") {
        expect(seen[1]!.body).toBe(seen[0]!.body.replace(JSON.stringify(first), JSON.stringify(second)));
      }
      if (isTurned && dialect === "google")
        expect(seen[1]).toEqual({ path: seen[0]!.path.replace(first!, second!), body: seen[0]!.body });
    }
  });

  test("the first of a chain that can answers; where none can, the last one's failure passes", async () => {
    const chains = [{ model: "gpt-upstream", instead: ["gpt-upstream-mini", "third"] }];
    const gateway = falling(["context"], { chains });
    const long = [400, OPENAI_ERROR("context_length_exceeded")] as const;
    const third = await byModel(
      "openai",
      { "gpt-upstream": long, "gpt-upstream-mini": long, third: OPENAI_OK },
      { gateway },
    );
    expect((await third.ask("ann")).headers.get("x-mabeam-model")).toBe("third");
    expect(third.seen).toHaveLength(3);
    const none = await byModel(
      "openai",
      { "gpt-upstream": long, "gpt-upstream-mini": long, third: long },
      { gateway },
    );
    const answer = await none.ask("ann");
    expect([answer.status, (await errorOf(answer)).code]).toEqual([400, "context_length_exceeded"]);
  });
});

describe("G41 one budget of attempts", () => {
  test("what the client has repeated counts: its third time is the only one", async () => {
    const { upstream, ask } = await faulty([{ kind: "broken" }, { kind: "broken" }]);
    const answer = await ask("ann", { headers: { "x-stainless-retry-count": "2" } });
    expect([answer.status, answer.headers.get("x-mabeam-model")]).toEqual([500, null]);
    expect(upstream.journal.visits).toHaveLength(1);
  });

  test("whatever fails, a request is sent no more often, and each model of its chain gets one turn in its order", () => {
    const models = ["b", "c", "d"];
    const failures = fc.array(fc.tuple(fc.constantFrom(...TROUBLES, null), fc.boolean()), { maxLength: 12 });
    const some = fc.subarray([...TROUBLES]);
    fc.assert(
      fc.property(failures, some, fc.integer({ min: 1, max: 3 }), fc.nat(3), (all, on, most, length) => {
        const chains = [{ model: "a", instead: models.slice(0, length) }];
        const course = new Course("a", new Fallbacks({ chains, on, mayBeDearer: true }, new Prices()), most);
        const sentTo: string[] = [];
        for (const [trouble, isPassing] of all) {
          course.begin();
          sentTo.push(course.model!);
          const next = course.after(trouble, isPassing);
          if (next === "over") break;
          if (next === "again") expect(isPassing).toBe(true);
          else {
            expect(on).toContain(trouble);
            course.turnTo(trouble!);
          }
        }
        expect(sentTo.length).toBeLessThanOrEqual(most);
        const turns = sentTo.filter((model, at) => model !== sentTo[at - 1]);
        expect(turns).toEqual(["a", ...models].slice(0, turns.length));
      }),
    );
  });
});
