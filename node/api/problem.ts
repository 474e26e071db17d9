// A request that ends with a problem: one of the contract's, or what a peer or a disk says.
import type { Accident } from "../accident.js";
import { PROBLEMS, type ProblemCode, type ProblemDocument, type ProblemKind } from "../contract/problem.js";

/** A request that ends here. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly document: ProblemDocument;
  readonly retryAfterSeconds: number | null;

  constructor(code: string, kind: ProblemKind, detail: string, extra: Partial<ProblemDocument> = {}) {
    super(detail);
    this.retryAfterSeconds = kind.retryAfterSeconds ?? null;
    this.document = {
      type: `urn:mabeam:problem:${code}`,
      title: kind.title,
      status: kind.status,
      detail,
      code,
      retryable: kind.retryable ?? false,
      fix: kind.fix,
      ...extra,
    };
  }
}

/** What befell the daemon while it answered: a disk, a file. Its own words say why, and what mends it. */
export const accidentProblem = ({ code, message, fix }: Accident): Problem =>
  new Problem(code, { status: 500, title: "The daemon met an accident", fix }, message);

/** A problem of the table; `detail` says what was found. */
export const problem = (
  code: ProblemCode,
  detail: string = PROBLEMS[code].title,
  extra: Partial<ProblemDocument> = {},
): Problem => new Problem(code, PROBLEMS[code], detail, extra);
