// How an agent comes to spend: an account of its own, which a testnet's faucet makes, or a budget of the daemon's own agent.
import { setTimeout as wait } from "node:timers/promises";
import { Accident } from "../../accident.js";
import { timeOf } from "../../contract/index.js";
import type { ApiClient } from "../client.js";
import { ApiFailure } from "../failure.js";
import type { AgentBudget } from "./definition.js";

/** A faucet's grant is in the log by then, if there is a faucet. Whoever is given a budget first gets no grant any more. */
const FAUCET_MS = 4000;
const LOOK_MS = 100;
const IN_LOG_MS = 15_000;
/** For how long a budget is opened, and how much of it must be left for it to be good for a while. */
const BUDGET_MS = 7 * 24 * 3_600_000;
const ENOUGH_MS = 24 * 3_600_000;

/**
 * @param isOwn its key is its own, so that no daemon asks for it
 * Waits until the agent has an account, and a budget on these terms where one is wished for.
 * @throws Accident NO_ACCOUNT; ApiFailure
 */
export async function provide(
  client: ApiClient,
  agent: string,
  budget: AgentBudget,
  isOwn: boolean,
  signal: AbortSignal,
): Promise<void> {
  if (isOwn) await askFaucet(client, agent);
  const isFunded = await until(() => hasAccount(client, agent), FAUCET_MS, signal);
  if (budget.perPeriod !== undefined) return openBudget(client, agent, budget, budget.perPeriod, signal);
  if (isFunded || signal.aborted || (await until(() => hasAccount(client, agent), IN_LOG_MS, signal))) return;
  throw new Accident(
    "NO_ACCOUNT",
    "could not begin",
    `the agent ${agent} has no account, and no faucet has granted it one`,
    "let it spend of the daemon's own agent: give `budget` a `perPeriod` beside `perAuction`",
  );
}

/** Of a daemon that has a testnet's faucet. */
async function askFaucet(client: ApiClient, to: string): Promise<void> {
  if (await hasAccount(client, to)) return;
  const asking = { body: { to }, onceAs: `faucet-${to}` };
  await client.ask("faucet", asking, "could not ask the faucet").catch((error: unknown) => {
    if (!(error instanceof ApiFailure && error.code === "FAUCET_UNAVAILABLE")) throw error;
  });
}

async function hasAccount(client: ApiClient, agent: string): Promise<boolean> {
  try {
    await client.ask("wallet", { query: { agent } }, "could not see its wallet");
    return true;
  } catch (error) {
    if (error instanceof ApiFailure && error.code === "AGENT_UNKNOWN") return false;
    throw error;
  }
}

async function openBudget(
  client: ApiClient,
  child: string,
  { perAuction, total }: AgentBudget,
  perPeriod: bigint,
  signal: AbortSignal,
): Promise<void> {
  const isThere = async (): Promise<boolean> => {
    const { items } = await client.ask("budgets", { query: { agent: child } }, "could not see its budget");
    const own = items.find((one) => one.child === child);
    return (
      own?.standing === "live" &&
      own.perAuction === String(perAuction) &&
      own.perPeriod.most === String(perPeriod) &&
      (own.total?.most ?? null) === (total === undefined ? null : String(total)) &&
      Date.parse(own.until) > Date.now() + ENOUGH_MS
    );
  };
  if (await isThere()) return;
  const body = {
    child,
    perAuction: String(perAuction),
    perPeriod: String(perPeriod),
    ...(total === undefined ? {} : { total: String(total) }),
    until: timeOf(Date.now() + BUDGET_MS),
  };
  await client.ask("openBudget", { body }, "could not open its budget");
  await until(isThere, IN_LOG_MS, signal);
}

/** Whether `look` has found it within so long. */
async function until(look: () => Promise<boolean>, withinMs: number, signal: AbortSignal): Promise<boolean> {
  for (const endMs = performance.now() + withinMs; ; ) {
    if (await look()) return true;
    if (signal.aborted || performance.now() > endMs) return false;
    await wait(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}
