// A named agent: one that the gateway's owner has given a name, a key, a share of the limits, and perhaps bounds to what it spends.
import type { Band } from "../../../src/quota/index.js";

/** Callers that show no agent's key have the standing of this one, each for itself, and spend by its limits all together. */
export const UNKNOWN = "unknown";

/** The key of its ledger agent is called `gateway-` and this, which is no longer than a key's name may be. */
export const AGENT_NAME = /^[a-z0-9][a-z0-9-]{0,55}$/;

export const MAX_WEIGHT = 10_000;

/** What an agent and all below it may spend, in micro-credits ≥ 1; null: so much as there is. */
export interface SpendingLimits {
  /** these three are terms of its budget in the ledger */
  readonly perDay: bigint | null;
  readonly total: bigint | null;
  /** since 1970: its last moment */
  readonly untilMs: number | null;
  /** these are the gateway's own */
  readonly perWeek: bigint | null;
  readonly perMonth: bigint | null;
  /** each session, with its subagents */
  readonly perSession: bigint | null;
}

export const NO_SPENDING_LIMITS: SpendingLimits = {
  ...{ perDay: null, total: null, untilMs: null },
  ...{ perWeek: null, perMonth: null, perSession: null },
};

/** What an owner says of an agent. */
export interface AgentFigures {
  /** of the share of the limits, from 1 to `MAX_WEIGHT`; of the agent at the top of a tree it is that of all below it */
  readonly weight: number;
  readonly band: Band;
  /** whose limits hold for it besides its own; null: nobody's */
  readonly parent: string | null;
  readonly limits: SpendingLimits;
}

export interface NamedAgent extends AgentFigures {
  readonly name: string;
  /** null: it is the one called `unknown` */
  readonly key: KeptKey | null;
  /** what an earlier agent of this name had been charged, which counts for nothing in `total`, in micro-credits */
  readonly countedFrom: bigint;
  /** its agent in the ledger, in hexadecimal; null: it never had a budget there */
  readonly ledgerAgent: string | null;
  /** the ledger was told of a budget for it, and of no end of it */
  readonly hasBudget: boolean;
  /** nothing of its limits is still to be told to the ledger */
  readonly isSettled: boolean;
}

/** What is kept of a key that was shown once. */
export interface KeptKey {
  /** SHA-256, in hexadecimal */
  readonly hash: string;
  /** how it begins, for people to know it by */
  readonly begins: string;
}

/** Whether limits are such as a budget of the ledger has. */
export const isOfLedger = ({ perDay, total, untilMs }: SpendingLimits): boolean =>
  perDay !== null || total !== null || untilMs !== null;

/** As callers and books know it: no session and no client is called so (caller.ts). */
export const whoOf = (name: string): string => `agent:${name}`;

/** The one that no name is needed for, as long as its owner says nothing of it. */
export const USUAL_UNKNOWN: NamedAgent = {
  name: UNKNOWN,
  weight: 1,
  band: "normal",
  parent: null,
  limits: NO_SPENDING_LIMITS,
  key: null,
  countedFrom: 0n,
  ledgerAgent: null,
  hasBudget: false,
  isSettled: true,
};
