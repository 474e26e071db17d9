// A gateway as the API sees it, of which a test says what has happened: no socket and no upstream.
import type { ReadGateway, ReadShared, ShownLine } from "../../node/api/hosted.js";
import { Agents } from "../../node/gateway/agents.js";
import { AgentsDesk } from "../../node/gateway/agents-desk.js";
import type { Record, Running } from "../../node/gateway/books/record.js";
import type { Caller } from "../../node/gateway/caller.js";
import type { Plan } from "../../node/gateway/dialect.js";
import type { KeyRefused } from "../../node/gateway/key-watch.js";
import { GatewayMetrics } from "../../node/gateway/metrics.js";
import { NamedAgents } from "../../node/gateway/named/named-agents.js";
import type { Passed } from "../../node/gateway/passed.js";
import { RecentRequests } from "../../node/gateway/recent-requests.js";
import { NO_LEDGER, Spending } from "../../node/gateway/spending/spending.js";
import { termsOf } from "../../node/gateway/terms.js";
import { WaitStory } from "../../node/gateway/wait-story.js";
import type { WaitingRequest } from "../../node/gateway/waiting-requests.js";

export const GATEWAY_START_MS = Date.parse("2026-03-06T12:00:00Z");

/** The line before a limit of 60 requests a minute, of which 20 are used. */
export const lineOf = (counts: ShownLine["counts"], parked: ShownLine["parked"] = null): ShownLine => ({
  counts,
  parked,
  taken: [{ limit: { dimension: "requests", limit: 60, windowMs: 60_000 }, taken: 20 }],
  fairness: { gap: 3, bound: 9 },
  foreign: [],
  evidenceOf: (flow) => ({ granted: 100 * flow.length, lent: 20, borrowed: 5 }),
});
const NOTHING_SPENT = { spent: () => 0, setAside: () => 0 };

export class ShownGateway implements ReadGateway {
  readonly url = "http://127.0.0.1:4170";
  readonly upstream = new URL("https://api.example.com/");
  readonly startedAtMs = GATEWAY_START_MS;
  readonly limits = [
    { dimension: "requests", limit: 60, windowMs: 60_000 },
    { dimension: "tokens", limit: 100_000, windowMs: 60_000 },
  ] as const;
  readonly headroomBp = 200;
  readonly pricesDate = "2026-02-01";
  readonly counts = { waiting: 2, running: 1 };
  readonly agents = new Agents();
  readonly recent = new RecentRequests(10_000);

  readonly books: ReadGateway["books"] = {
    find: async (prefix) => this.records.filter(({ id }) => id.startsWith(prefix)),
    recent: async (count) => this.records.filter((one) => "end" in one).slice(0, count),
    spent: (who, window) => (window === "day" ? 1_000 : 2_000) + who.length,
  };
  /** what the books hold besides */
  records: (Running | Record)[] = [];
  readonly named = NamedAgents.open(null);
  plan: Plan | null = null;
  shared: ReadShared | null = null;
  keyRefused: KeyRefused | null = null;
  readonly lines = new Map<string, ShownLine>([["all", lineOf(this.counts)]]);
  readonly pools = { all: () => this.lines };

  readonly metrics = new GatewayMetrics(this);

  /** No books and no ledger are beside it: nothing is spent. */
  readonly desk = new AgentsDesk(
    this.named,
    NOTHING_SPENT,
    new Spending(NOTHING_SPENT, NO_LEDGER, "closed", () => undefined),
    NO_LEDGER,
    async () => ({ isPending: false, refused: new Map() }),
    () => GATEWAY_START_MS,
  );

  /** what waits now */
  waits: WaitingRequest[] = [];

  waiting(prefix: string) {
    return this.waits.filter(({ id }) => id.startsWith(prefix));
  }

  termsOf(caller: Caller) {
    return termsOf(this.named, this.agents, caller);
  }

  /** One more request of a session; without an end it waits or runs still. */
  asked(who: string, end: Partial<Passed> | null = {}, parent: string | null = null, agent?: string): void {
    const told =
      agent === undefined
        ? ({ agent: "unknown", toldBy: "fields" } as const)
        : ({ agent, toldBy: "key" } as const);
    const caller: Caller = { who, parent, session: who, ...told };
    this.agents.meet(caller, 0);
    if (end === null) return;
    const passed: Passed = {
      id: `req_${who}`,
      caller,
      model: "gpt-upstream",
      instead: null,
      waitedMs: 0,
      story: new WaitStory(),
      tookMs: 1_500,
      used: { inputTokens: 10, outputTokens: 20 },
      cost: 250,
      end: "answered",
      code: null,
      status: 200,
      ...end,
    };
    this.agents.count(passed);
    const share = this.termsOf(caller)?.flow ?? who;
    const past = { ...passed, share, endedMs: GATEWAY_START_MS + 10_000 };
    this.recent.add(past);
    this.metrics.happened({ kind: "passed", passed: past });
  }
}
