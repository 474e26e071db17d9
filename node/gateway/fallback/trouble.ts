// In which trouble an attempt has ended, or a wait.
import type { Failure } from "../dialect.js";
import type { Trouble } from "./chains.js";

/**
 * @param status of the answer that failed: what an upstream accepts and then fails at is its own fault, what it refuses is
 * the request's. @returns null: no other model would do better
 */
export function troubleOf(failure: Failure, status: number): Trouble | null {
  switch (failure.kind) {
    case "limit":
    case "exhausted":
      return "limit";
    case "overloaded":
      return "outage";
    case "context":
    case "policy":
      return failure.kind;
    case "key":
      return null;
    case "other":
      return status < 300 || status >= 500 ? "outage" : null;
  }
}
