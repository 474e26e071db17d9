// The file of the named agents: small, written whole, for its owner's eyes only, and believed only if it holds together.
import { dirname } from "node:path";
import { z } from "zod";
import { MAX_AMOUNT } from "../../../src/base/index.js";
import { Accident, codeOf, messageOf } from "../../accident.js";
import { readPrivateText } from "../../keys/private-files.js";
import { syncFolder, writeWhole } from "../../whole-file.js";
import { AGENT_NAME, MAX_WEIGHT, type NamedAgent, UNKNOWN } from "./named-agent.js";
import { type AgentsByName, parentFault } from "./tree.js";

/** Micro-credits as JSON can hold them. */
const microCredits = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,15})$/)
  .transform(BigInt)
  .refine((value) => value <= MAX_AMOUNT);
const bound = microCredits.refine((value) => value > 0n, "a limit is at least one micro-credit").nullable();
const hex = z.string().regex(/^[0-9a-f]{64}$/);

const agent = z.strictObject({
  name: z.string().regex(AGENT_NAME),
  weight: z.int().min(1).max(MAX_WEIGHT),
  band: z.enum(["interactive", "normal", "batch"]),
  parent: z.string().nullable(),
  limits: z.strictObject({
    perDay: bound,
    total: bound,
    untilMs: z.int().min(0).nullable(),
    perWeek: bound,
    perMonth: bound,
    perSession: bound,
  }),
  key: z.strictObject({ hash: hex, begins: z.string().max(16) }).nullable(),
  countedFrom: microCredits,
  ledgerAgent: hex.nullable(),
  hasBudget: z.boolean(),
  isSettled: z.boolean(),
});

/** `unknown` among them. Few, and changed by people: every change writes all of them. */
export const MOST_AGENTS = 1_024;

const file = z.strictObject({
  v: z.literal(1),
  agents: z.array(agent).max(MOST_AGENTS, `there are more than ${MOST_AGENTS} agents`),
  /** agents of the ledger whose names were removed, and whose budgets are still to be closed */
  orphans: z.array(hex),
});

export interface KeptAgents {
  readonly agents: readonly NamedAgent[];
  readonly orphans: readonly string[];
}

/** Null: there is no such file. @throws Accident GATEWAY_AGENTS_UNREADABLE; KeyError TOO_OPEN */
export function readAgents(path: string): KeptAgents | null {
  let kept: KeptAgents;
  try {
    kept = file.parse(JSON.parse(readPrivateText(path)));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    if (error instanceof Accident) throw error;
    throw unreadable(path, error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error), error);
  }
  const why = disorderIn(kept.agents);
  if (why !== null) throw unreadable(path, why);
  return kept;
}

/** Done when it survives a loss of power. */
export async function writeAgents(path: string, { agents, orphans }: KeptAgents): Promise<void> {
  await writeWhole(path, `${JSON.stringify({ v: 1, agents, orphans }, textOfBigint, 2)}\n`);
  await syncFolder(dirname(path));
}

const textOfBigint = (_: string, value: unknown): unknown =>
  typeof value === "bigint" ? value.toString() : value;

/** Why these agents are no tree, each with a name and key of its own; null: they are. */
function disorderIn(agents: readonly NamedAgent[]): string | null {
  const byName: AgentsByName = new Map(agents.map((one) => [one.name, one]));
  if (byName.size < agents.length) return "two agents have the same name";
  const keys = agents.flatMap(({ key }) => (key === null ? [] : [key.hash]));
  if (new Set(keys).size < keys.length) return "two agents have the same key";
  for (const { name, key, parent } of agents) {
    if ((key === null) !== (name === UNKNOWN)) return `${name} ${key === null ? "has no key" : "has a key"}`;
    const fault = parentFault(byName, name, parent);
    if (fault !== null) return `${name} cannot stand below ${parent}: ${fault.code}`;
  }
  return null;
}

const unreadable = (path: string, why: string, cause?: unknown): Accident =>
  new Accident(
    "GATEWAY_AGENTS_UNREADABLE",
    `could not read the gateway's agents in ${path}`,
    why,
    "mend it, or move it away: the gateway then knows no agents, and `mabeam gateway agents add` gives each a new key",
    cause,
  );
