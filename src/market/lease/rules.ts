// What is said of leases is refused for, and what it tells when it is not (spec/leases#operations).
import { equalBytes, type Hash } from "../../base/index.js";
import { type AgentId, type Authority, type Ledger, reject } from "../../ledger/index.js";
import { AT_ONCE, type Rule } from "../subject.js";
import type { Lease } from "./lease.js";
import { leaseOf } from "./leases.js";

export type LeaseRefusal =
  | "LEASE_UNKNOWN"
  | "LEASE_OVER"
  | "HOLD_OUT_OF_RANGE"
  | "NOT_A_DEPUTY"
  | "NOT_THE_LEASES_OWNER"
  | "LEASE_HELD"
  | "TOO_MANY_HOLDERS"
  | "USAGE_TOO_EARLY"
  | "NOT_A_HOLDER"
  | "USAGE_GIVEN"
  | "USAGE_ABOVE_WON";

export type LeaseFact =
  | { readonly kind: "leaseHeld"; readonly lease: Lease }
  | { readonly kind: "usageGiven"; readonly lease: Lease; readonly by: AgentId };

/** What an operation on a lease names it by. */
export interface NamedLease {
  readonly auction: Hash;
  readonly owner: AgentId;
}

/** A rule of an operation on a lease. All but the first may take it that the lease exists. */
export type LeaseRule<Body = unknown> = Rule<Body & NamedLease, Authority, LeaseRefusal>;

export const leaseExists: LeaseRule = (ledger, { auction, owner }) =>
  leaseOf(ledger, auction, owner) === null ? reject("LEASE_UNKNOWN") : null;

/** The lease that the first rule has found. */
export const named = (ledger: Ledger, { auction, owner }: NamedLease): Lease =>
  leaseOf(ledger, auction, owner)!;

export const isAgent = (agent: AgentId) => (one: { readonly agent: AgentId }) => equalBytes(one.agent, agent);

/** Of both: they take nothing but their fee, and an auction's transcript ends before them. */
export const OF_LEASES = {
  by: "sender",
  ...AT_ONCE,
  takes: () => 0n,
  about: () => null,
} as const;
