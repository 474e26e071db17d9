// What is said of leases: held for a time, and what was used of them (spec/leases#operations).
import { HOLD, type Hold, hold } from "./hold.js";
import { USAGE, usage } from "./usage.js";

export const LEASE_OPERATIONS = {
  /** the owner of a lease, or a deputy, holds it until a time */
  hold: [17, hold],
  /** who held a lease says what was used of it */
  usage: [18, usage],
} as const;

/** What a holder says in an operation; null: it is another. */
export const holdIn = (body: { readonly kind: string }): Hold | null =>
  body.kind === "hold" ? (body as unknown as Hold) : null;

export const LEASE = { hold: HOLD, usage: USAGE } as const;
