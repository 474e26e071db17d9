// The gateway: a server before an API that is limited, which keeps requests waiting for their turn instead of refusing them.
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { PoolRules } from "../../src/quota/index.js";
import { Accident, codeOf, messageOf } from "../accident.js";
import { Agents } from "./agents.js";
import { HeldBodies } from "./body.js";
import type { Books, BooksEvent } from "./books/books.js";
import { type GatewayClock, gatewayClock } from "./clock.js";
import type { Plan } from "./dialect.js";
import { doorsTo } from "./doors.js";
import { type FallbackRules, Fallbacks, NO_FALLBACK } from "./fallback/chains.js";
import { type KeyEvent, type KeyRefused, KeyWatch } from "./key-watch.js";
import type { LineEvent } from "./line-ask.js";
import type { NamedAgents } from "./named/named-agents.js";
import { Once } from "./once.js";
import { type OutageEvent, OutageWatch } from "./outage-watch.js";
import { pass } from "./passage.js";
import type { Passed } from "./passed.js";
import type { Place } from "./place.js";
import { PlanWatch } from "./plan-watch.js";
import { Pools } from "./pools.js";
import { Prices, type UnlistedModel } from "./prices/prices.js";
import type { Price } from "./prices/rates.js";
import { SignedAgents } from "./signed-agent.js";
import type { Bound } from "./spending/bounds.js";
import { type BudgetsOfLedger, NO_LEDGER, Spending } from "./spending/spending.js";
import { Upstream } from "./upstream.js";
import { type WaitingRequest, waitingWith } from "./waiting-requests.js";

export interface GatewayOptions {
  readonly upstream: URL;
  /** the credential that the upstream is given */
  readonly key: string;
  readonly rules: PoolRules;
  /** the upstream limits all models together; otherwise the rules hold for each class of models */
  readonly sharedLimits?: boolean;
  /** an address of this machine; port 0: any free one */
  readonly listen: { readonly host: string; readonly port: number };
  readonly named: NamedAgents;
  /** who has spent what: closed with the gateway */
  readonly books: Books;
  /** budgets as the ledger has them; absent: there is no ledger beside it. While it cannot be read, what the books' rules say holds */
  readonly budgets?: BudgetsOfLedger;
  /** the owner's list of prices, which goes before the snapshot's */
  readonly prices?: readonly Price[];
  /** which models answer instead of which: none, unless it is said */
  readonly fallback?: FallbackRules;
  /** calls that no dialect knows are refused; otherwise they are passed on, and what changes something counts as a request */
  readonly strictPaths?: boolean;
  /** of all bodies at once; absent: `MOST_HELD_BYTES` */
  readonly mostHeldBytes?: number;
  readonly onEvent: (event: GatewayEvent) => void;
  readonly clock?: GatewayClock;
}

export type GatewayEvent =
  | { readonly kind: "passed"; readonly passed: Passed }
  | (LineEvent & { readonly pool: string })
  /** the upstream does not take the key, and takes it again */
  | KeyEvent
  /** the upstream does not answer, and answers again */
  | OutageEvent
  /** a subscription is behind the key, and more of it is used, or all */
  | { readonly kind: "plan"; readonly plan: Plan }
  /** no list names a model: told once of each */
  | ({ readonly kind: "unlisted" } & UnlistedModel)
  | BooksEvent
  /** little is left of a limit of spending: told once in its window */
  | { readonly kind: "near"; readonly bound: Bound }
  /** the ledger does not take the budget of an agent: its limits hold here all the same */
  | { readonly kind: "unsettled"; readonly agent: string; readonly code: string }
  | { readonly kind: "accident"; readonly error: unknown };

export interface RunningGateway {
  readonly url: string;
  readonly agents: Agents;
  readonly pools: Pools;
  /** the subscription behind the key; null: nothing speaks of one */
  readonly plan: Plan | null;
  /** the upstream refuses the key; null: it does not, as far as anybody knows */
  readonly keyRefused: KeyRefused | null;
  readonly prices: Prices;
  readonly spending: Spending;
  readonly counts: { readonly waiting: number; readonly running: number };
  /** those that wait now and whose ids begin so */
  waiting(prefix: string): readonly WaitingRequest[];
  /** Begins nothing new, sends away who waits, and ends once what runs is over, or after ten seconds. */
  stop(): Promise<void>;
  /** Ends at once: what runs is broken off. */
  close(): Promise<void>;
}

/** For what still runs when the gateway is stopped. */
const GRACE_MS = 10_000;
/** Limits that are not given as flags have at least this window. */
const MINUTE_MS = 60_000;

/** @throws Accident PORT_TAKEN, ADDRESS_UNUSABLE */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const { books, budgets = NO_LEDGER, clock = gatewayClock(), onEvent: tell } = options;
  const poolsRules = { pool: options.rules, isShared: options.sharedLimits ?? false };
  const pools = new Pools(poolsRules, clock, (pool, event) => tell({ ...event, pool }));
  const plan = new PlanWatch((seen) => tell({ kind: "plan", plan: seen }));
  const keyWatch = new KeyWatch(clock, tell);
  const upstream = new Upstream(options.upstream);
  const agents = new Agents();
  const prices = new Prices(options.prices, (model) => tell({ kind: "unlisted", ...model }));
  const stopping = new Once();
  const windows = options.rules.limits.map(({ windowMs }) => windowMs);
  // Of a limit that is full what is used is older than a window (ADR 0082).
  const sinceMs = 2 * Math.max(MINUTE_MS, ...windows);
  pools.recall(await books.recallable(sinceMs, clock.wallMs()), sinceMs);
  books.listen(tell);
  const spending = new Spending(books, budgets, books.rules.fail, (bound) => tell({ kind: "near", bound }));
  const place: Place = {
    upstream,
    pools,
    agents,
    bodies: new HeldBodies(options.mostHeldBytes),
    prices,
    fallbacks: new Fallbacks(options.fallback ?? NO_FALLBACK, prices),
    clock,
    plan,
    key: options.key,
    keyWatch,
    outageWatch: new OutageWatch(clock, tell),
    named: options.named,
    signed: new SignedAgents(),
    stopping,
    books,
    spending,
    atLedger: new Set(),
    isStrict: options.strictPaths ?? false,
    over(passed) {
      agents.count(passed);
      tell({ kind: "passed", passed });
    },
  };
  const passings = new Set<Promise<void>>();
  const server = doorsTo((request, response) => {
    const passing = serve(place, options, request, response).finally(() => passings.delete(passing));
    passings.add(passing);
  });
  const { host, port } = options.listen;
  await listening(server, host, port);
  // A connection that cannot be taken, for want of descriptors, is one that is not served: the others are.
  server.on("error", (error) => tell({ kind: "accident", error }));
  let closed: Promise<void> | null = null;
  const close = (): Promise<void> => {
    closed ??= (async () => {
      pools.close();
      const over = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await over;
      await upstream.close();
      // What breaks off now is still charged what had come of it.
      await Promise.all(passings);
      await books.close();
    })();
    return closed;
  };
  const shown = host.includes(":") ? `[${host}]` : host;
  return {
    url: `http://${shown}:${(server.address() as AddressInfo).port}`,
    agents,
    pools,
    get plan() {
      return plan.plan;
    },
    get keyRefused() {
      return keyWatch.refusal;
    },
    prices,
    spending,
    get counts() {
      return pools.counts;
    },
    waiting(prefix) {
      const lines = [...pools.all()].map(([, line]) => line);
      return waitingWith(prefix, lines, place.atLedger, clock);
    },
    async stop() {
      stopping.happen();
      pools.stop();
      let callOff = (): void => undefined;
      const late = new Promise<void>((resolve) => {
        callOff = clock.later(GRACE_MS, resolve);
      });
      await Promise.race([Promise.all(passings), late]);
      callOff();
      await close();
    },
    close,
  };
}

async function serve(
  place: Place,
  { onEvent }: GatewayOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.on("error", () => undefined);
  try {
    await pass(place, request, response);
  } catch (error) {
    if (!response.destroyed) onEvent({ kind: "accident", error });
    response.destroy();
  }
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      const what = `could not serve the gateway at ${host}:${port}`;
      const fix = "choose another with --listen host:port (port 0 takes any free one)";
      const isTaken = codeOf(error) === "EADDRINUSE";
      const why = isTaken ? `port ${port} is taken` : messageOf(error);
      reject(new Accident(isTaken ? "PORT_TAKEN" : "ADDRESS_UNUSABLE", what, why, fix, error));
    };
    server.once("error", fail).listen(port, host, () => {
      server.off("error", fail);
      resolve();
    });
  });
}
