// What a gateway measures, as Prometheus reads it; and that no client's word makes it longer.
import { expect, test } from "vitest";
import { lineOf, ShownGateway } from "../../worlds/shown-gateway.js";

/** The values of the text by name and labels. */
async function valuesOf({ metrics }: ShownGateway): Promise<ReadonlyMap<string, number>> {
  const lines = (await metrics.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]),
  );
}

test("tokens and durations have the names of the conventions, waits, ends and costs are told by agent", async () => {
  const gateway = new ShownGateway();
  gateway.lines.set("gpt-upstream", lineOf({ waiting: 3, running: 4 }));
  gateway.asked("agent:ann", { waitedMs: 700, tookMs: 1_700, cost: 1_500_000 }, null, "ann");
  gateway.asked(
    "agent:ann/session:1",
    { waitedMs: 0, tookMs: 500, end: "failed", cost: 0 },
    "agent:ann",
    "ann",
  );
  gateway.asked("session:2", { used: null, end: "refused", code: "QUEUE_FULL", cost: 0, waitedMs: 3_000 });
  const limit = { dimension: "tokens", limit: 1_000, windowMs: 60_000 } as const;
  for (const [state, amount] of [
    ["begun", 20],
    ["over", 40],
  ] as const)
    gateway.metrics.happened({ kind: "drift", state, limit, amount, forMs: 0, pool: "gpt-upstream" });
  const values = await valuesOf(gateway);
  expect(Object.fromEntries([...values].filter(([name]) => !name.includes("_bucket")))).toEqual({
    'gen_ai_client_token_usage_sum{gen_ai_token_type="input",gen_ai_request_model="gpt-upstream"}': 20,
    'gen_ai_client_token_usage_count{gen_ai_token_type="input",gen_ai_request_model="gpt-upstream"}': 2,
    'gen_ai_client_token_usage_sum{gen_ai_token_type="output",gen_ai_request_model="gpt-upstream"}': 40,
    'gen_ai_client_token_usage_count{gen_ai_token_type="output",gen_ai_request_model="gpt-upstream"}': 2,
    'gen_ai_client_operation_duration_seconds_sum{gen_ai_request_model="gpt-upstream"}': 1,
    'gen_ai_client_operation_duration_seconds_count{gen_ai_request_model="gpt-upstream"}': 1,
    'gen_ai_client_operation_duration_seconds_sum{gen_ai_request_model="gpt-upstream",error_type="failed"}': 0.5,
    'gen_ai_client_operation_duration_seconds_count{gen_ai_request_model="gpt-upstream",error_type="failed"}': 1,
    'mabeam_gateway_queue_wait_seconds_sum{agent="ann"}': 0.7,
    'mabeam_gateway_queue_wait_seconds_count{agent="ann"}': 2,
    'mabeam_gateway_queue_wait_seconds_sum{agent="unknown"}': 3,
    'mabeam_gateway_queue_wait_seconds_count{agent="unknown"}': 1,
    'mabeam_gateway_requests_total{agent="ann",end="answered"}': 1,
    'mabeam_gateway_requests_total{agent="ann",end="failed"}': 1,
    'mabeam_gateway_requests_total{agent="unknown",end="refused"}': 1,
    'mabeam_gateway_cost_credits_total{agent="ann"}': 1.5,
    'mabeam_gateway_cost_credits_total{agent="unknown"}': 0,
    'mabeam_gateway_foreign_use_total{dimension="tokens"}': 40,
    'mabeam_gateway_refused_total{agent="unknown",code="QUEUE_FULL"}': 1,
    mabeam_gateway_key_refused: 0,
    'mabeam_gateway_limit{pool="all",dimension="requests",window_seconds="60"}': 60,
    'mabeam_gateway_limit{pool="gpt-upstream",dimension="requests",window_seconds="60"}': 60,
    'mabeam_gateway_limit_taken{pool="all",dimension="requests",window_seconds="60"}': 20,
    'mabeam_gateway_limit_taken{pool="gpt-upstream",dimension="requests",window_seconds="60"}': 20,
    'mabeam_gateway_waiting{pool="all"}': 2,
    'mabeam_gateway_waiting{pool="gpt-upstream"}': 3,
    'mabeam_gateway_running{pool="all"}': 1,
    'mabeam_gateway_running{pool="gpt-upstream"}': 4,
    'mabeam_gateway_parked{pool="all"}': 0,
    'mabeam_gateway_parked{pool="gpt-upstream"}': 0,
  });
  const waits = (le: string) =>
    values.get(`mabeam_gateway_queue_wait_seconds_bucket{le="${le}",agent="ann"}`);
  expect(["0.001", "0.5", "1"].map(waits)).toEqual([1, 1, 2]);
});

test("sessions and models that clients make up are no labels of their own", async () => {
  const gateway = new ShownGateway();
  gateway.asked("session:0");
  const { size } = await valuesOf(gateway);
  for (let i = 1; i <= 100; i++) gateway.asked(`session:${i}`, { model: `gpt-${"x".repeat(i)}` });
  expect((await valuesOf(gateway)).size).toBe(size);
});

test("a gateway has metrics of its own", async () => {
  const [one, other] = [new ShownGateway(), new ShownGateway()];
  one.asked("session:1");
  expect((await valuesOf(one)).size).toBeGreaterThan((await valuesOf(other)).size);
});

test("a key that the upstream refuses is one figure", async () => {
  const gateway = new ShownGateway();
  gateway.keyRefused = { isKnown: true, model: null, atMs: 0 };
  expect((await valuesOf(gateway)).get("mabeam_gateway_key_refused")).toBe(1);
});
