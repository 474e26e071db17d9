// What goes wrong with a request: at rates by the seed, or in an order that a test chooses.
import { invariant } from "../../src/base/index.js";
import { Random } from "../lab/simulate/world/random.js";

export type Fault =
  /** refused before anything is counted */
  | { readonly kind: "overloaded" | "broken" | "bare" | "redirect" }
  /** counted, and then: an error within a success, or bytes that mean nothing */
  | { readonly kind: "inside" | "garbage" }
  /** counted; the first byte comes so much later */
  | { readonly kind: "slow"; readonly ms: number }
  /** counted; the connection is reset after so many bytes of the body, with 0 before the head */
  | { readonly kind: "cut"; readonly afterBytes: number }
  /** counted; after so many frames of the stream the model fails, or nothing comes any more */
  | { readonly kind: "failure" | "stall"; readonly afterFrames: number };

/** `reset` cuts before the first byte; the others are named as they are told. */
export const FAULTS = [
  "overloaded",
  "broken",
  "bare",
  "redirect",
  "inside",
  "garbage",
  "slow",
  "reset",
  "cut",
  "failure",
  "stall",
] as const;
export type FaultName = (typeof FAULTS)[number];

/** How often each happens: 0..1, together no more than 1. */
export type FaultRates = Partial<Readonly<Record<FaultName, number>>>;

/** What happens to a request: `name` is what it asks for and how often that was asked before. */
export type FaultPlan = (name: string) => Fault | null;

/** Milliseconds, bytes and frames that faults draw from: both ends included. */
const SLOW_MS = [1_000, 30_000] as const;
const CUT_BYTES = [1, 2_000] as const;
const FRAMES = [1, 12] as const;

/** A retry draws anew, and who came before does not matter. */
export function faultsByRate(seed: number, rates: FaultRates): FaultPlan {
  const sum = FAULTS.reduce((all, name) => all + (rates[name] ?? 0), 0);
  invariant(sum <= 1, "no request meets more than one fault");
  return (name) => {
    if (sum === 0) return null;
    const random = new Random(seed, `fault/${name}`);
    let left = random.unit();
    for (const fault of FAULTS) {
      left -= rates[fault] ?? 0;
      if (left < 0) return drawn(fault, random);
    }
    return null;
  };
}

/** The faults one after another, as requests arrive; then none. */
export function faultsInOrder(faults: readonly (Fault | null)[]): FaultPlan {
  let next = 0;
  return () => faults[next++] ?? null;
}

function drawn(name: FaultName, random: Random): Fault {
  switch (name) {
    case "slow":
      return { kind: "slow", ms: random.between(...SLOW_MS) };
    case "reset":
      return { kind: "cut", afterBytes: 0 };
    case "cut":
      return { kind: "cut", afterBytes: random.between(...CUT_BYTES) };
    case "failure":
    case "stall":
      return { kind: name, afterFrames: random.between(...FRAMES) };
    default:
      return { kind: name };
  }
}

export const faultName = (fault: Fault): FaultName =>
  fault.kind === "cut" && fault.afterBytes === 0 ? "reset" : fault.kind;
