// How a request to the API fails: nobody answered, or something else than the document that was asked for.
import { Accident } from "../accident.js";
import type { ProblemDocument } from "../contract/index.js";
import { creditsOf } from "../contract/scalar.js";

/** busy: it was not read, and nothing was done; strange: the answer is not of this contract. */
type Reason = "unreachable" | "timeout" | "busy" | "strange";

export class ApiFailure extends Accident {
  override readonly name = "ApiFailure";
  constructor(
    /** the status of a problem, else why there is none */
    readonly reason: Reason | number,
    code: string,
    what: string,
    why: string,
    fix: string,
    /** a retry helps after so many ms, as far as the API knows; null: it says nothing of that */
    readonly retryAfterMs: number | null = null,
  ) {
    super(code, what, why, fix);
  }
}

/** What an API answered instead of what was asked. */
export const failureOf = (
  problem: ProblemDocument,
  what: string,
  retryAfterMs: number | null = null,
): ApiFailure =>
  new ApiFailure(problem.status, problem.code, what, reasonOf(problem), problem.fix, retryAfterMs);

/** The evidence of a refusal for people: amounts in credits, moments as times. */
function reasonOf({ code, detail, context }: ProblemDocument): string {
  const facts = Object.entries(context ?? {});
  if (facts.length === 0) return detail;
  const shown = facts.map(([name, value]) => `${wordsOf(name)} ${shownFact(name, value)}`);
  return `${code.toLowerCase().replaceAll("_", " ")}: ${shown.join(", ")}`;
}

function shownFact(name: string, value: string | number | null): string {
  if (typeof value === "string" && /^[0-9]{1,20}$/.test(value)) return `${creditsOf(value)} credits`;
  if (typeof value === "number" && /(Ms|At)$/.test(name) && value > 1e12)
    return new Date(value).toISOString();
  return String(value);
}

/** `closedAtMs` → `closed at` */
const wordsOf = (name: string): string =>
  name
    .replace(/Ms$/, "")
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .trim();
