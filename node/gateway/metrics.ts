// What a gateway measures, as Prometheus reads it: by OpenTelemetry's names for generative AI where it has one, else ours.
// Labels are bounded: an agent is a named one or `unknown`, a model is a class that has a pool.
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { HostedEvent } from "./hosted-event.js";
import type { Line } from "./line.js";
import { classOf } from "./model-class.js";
import type { PastRequest } from "./recent-requests.js";

/** Both as the conventions advise: doubling from 10 ms, and by fours from 1. */
const DURATION_SECONDS = Array.from({ length: 14 }, (_, i) => 0.01 * 2 ** i);
const TOKENS = Array.from({ length: 14 }, (_, i) => 4 ** i);
/** Up to as long as a client of the usual patience waits. */
const WAIT_SECONDS = [0.001, 0.01, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600];

/** What is measured when somebody asks. */
export interface Measured {
  readonly pools: { all(): Iterable<readonly [string, Pick<Line, "counts" | "parked" | "taken">]> };
  readonly keyRefused: object | null;
}

export class GatewayMetrics {
  private readonly registry = new Registry();
  private readonly tokens: Histogram;
  private readonly duration: Histogram;
  private readonly waits: Histogram;
  private readonly requests: Counter;
  private readonly refused: Counter;
  private readonly cost: Counter;
  private readonly foreign: Counter;

  constructor(private readonly measured: Measured) {
    const registers = [this.registry];
    this.tokens = new Histogram({
      name: "gen_ai_client_token_usage",
      help: "Tokens of a request, as its upstream counts them",
      labelNames: ["gen_ai_token_type", "gen_ai_request_model"],
      buckets: TOKENS,
      registers,
    });
    this.duration = new Histogram({
      name: "gen_ai_client_operation_duration_seconds",
      help: "From sending a request to the end of its answer, without its wait",
      labelNames: ["gen_ai_request_model", "error_type"],
      buckets: DURATION_SECONDS,
      registers,
    });
    this.waits = new Histogram({
      name: "mabeam_gateway_queue_wait_seconds",
      help: "How long a request waited for its turn",
      labelNames: ["agent"],
      buckets: WAIT_SECONDS,
      registers,
    });
    this.requests = new Counter({
      name: "mabeam_gateway_requests_total",
      help: "Requests that are over: answered, refused by the gateway, failed by the upstream, or left by their client",
      labelNames: ["agent", "end"],
      registers,
    });
    this.refused = new Counter({
      name: "mabeam_gateway_refused_total",
      help: "Requests that the gateway refused, by the code of the refusal",
      labelNames: ["agent", "code"],
      registers,
    });
    this.cost = new Counter({
      name: "mabeam_gateway_cost_credits_total",
      help: "What requests cost, in credits: US dollars of the price list",
      labelNames: ["agent"],
      registers,
    });
    this.foreign = new Counter({
      name: "mabeam_gateway_foreign_use_total",
      help: "Of the key's limits, what did not come through here: counted once somebody else has stopped",
      labelNames: ["dimension"],
      registers,
    });
    this.key(registers);
    this.gauges(registers);
    this.limits(registers);
  }

  /** Counts whatever happens. */
  happened(event: HostedEvent): void {
    if (event.kind === "passed") this.passed(event.passed);
    else if (event.kind === "drift" && event.state === "over")
      this.foreign.inc({ dimension: event.limit.dimension }, event.amount);
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }

  private passed({ caller, model, waitedMs, tookMs, used, cost, end, code }: PastRequest): void {
    const { agent } = caller;
    this.waits.observe({ agent }, waitedMs / 1_000);
    this.requests.inc({ agent, end });
    if (code !== null) this.refused.inc({ agent, code });
    this.cost.inc({ agent }, cost / 1_000_000);
    if (used === null) return;
    const gen_ai_request_model = this.poolOf(model);
    const error = end === "answered" ? {} : { error_type: end };
    this.duration.observe({ gen_ai_request_model, ...error }, (tookMs - waitedMs) / 1_000);
    this.tokens.observe({ gen_ai_token_type: "input", gen_ai_request_model }, used.inputTokens);
    this.tokens.observe({ gen_ai_token_type: "output", gen_ai_request_model }, used.outputTokens);
  }

  /** A name is a client's word: it is shown once its upstream has answered for it. */
  private poolOf(model: string | null): string {
    const names = [...this.measured.pools.all()].map(([name]) => name);
    const own = model === null ? "" : classOf(model);
    return names.includes(own) ? own : names[0]!;
  }

  /** Both in units of the dimension. */
  private limits(registers: Registry[]): void {
    const { pools } = this.measured;
    const figures = [
      ["limit", "A limit of the key, as it holds now", ({ limit }) => limit.limit],
      ["limit_taken", "What is used or reserved of it", ({ taken }) => taken],
    ] as const satisfies readonly (readonly [string, string, (one: Line["taken"][number]) => number])[];
    for (const [name, help, figure] of figures) {
      new Gauge({
        name: `mabeam_gateway_${name}`,
        help,
        labelNames: ["pool", "dimension", "window_seconds"],
        registers,
        collect() {
          this.reset();
          for (const [pool, { taken }] of pools.all())
            for (const one of taken) {
              const { dimension, windowMs } = one.limit;
              this.set({ pool, dimension, window_seconds: windowMs / 1_000 }, figure(one));
            }
        },
      });
    }
  }

  private key(registers: Registry[]): void {
    const { measured } = this;
    new Gauge({
      name: "mabeam_gateway_key_refused",
      help: "1: the upstream refuses the gateway's own key",
      registers,
      collect() {
        this.set(measured.keyRefused === null ? 0 : 1);
      },
    });
  }

  private gauges(registers: Registry[]): void {
    const { pools } = this.measured;
    const figures = [
      ["waiting", "Requests that wait for their turn", ({ counts }) => counts.waiting],
      ["running", "Requests that run", ({ counts }) => counts.running],
      [
        "parked",
        "1: the key is used up for this pool, and who asks is refused",
        ({ parked }) => (parked === null ? 0 : 1),
      ],
    ] as const satisfies readonly (readonly [
      string,
      string,
      (line: Pick<Line, "counts" | "parked">) => number,
    ])[];
    for (const [name, help, figure] of figures) {
      new Gauge({
        name: `mabeam_gateway_${name}`,
        help,
        labelNames: ["pool"],
        registers,
        collect() {
          this.reset();
          for (const [pool, line] of pools.all()) this.set({ pool }, figure(line));
        },
      });
    }
  }
}
