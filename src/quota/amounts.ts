// What a request takes of a key's limits, and what it costs its agent.

/** What limits count. `tokens` are input and output together. */
export type Dimension = "requests" | "inputTokens" | "outputTokens" | "tokens";

/** Tokens of one request: estimated before it is sent, or told by the upstream. Integers ≥ 0. */
export interface Use {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export const NO_USE: Use = { inputTokens: 0, outputTokens: 0 };

/** What one request of such a use counts in a dimension: as it is sent, and while it is written. */
export function countIn(dimension: Dimension, { inputTokens, outputTokens }: Use): Count {
  switch (dimension) {
    case "requests":
      return { sent: 1, written: 0 };
    case "inputTokens":
      return { sent: inputTokens, written: 0 };
    case "outputTokens":
      return { sent: 0, written: outputTokens };
    case "tokens":
      return { sent: inputTokens, written: outputTokens };
  }
}

/** What it counts in all. */
export function inAll(dimension: Dimension, use: Use): number {
  const { sent, written } = countIn(dimension, use);
  return sent + written;
}

export interface Count {
  readonly sent: number;
  readonly written: number;
}

/** A limit of a key: so many of a dimension a window, refilled continuously. Whole numbers > 0. */
export interface Limit {
  readonly dimension: Dimension;
  readonly limit: number;
  readonly windowMs: number;
  /** of requests only: how much of a window may be used at once, > 0 ms, and one request always; none: all of it */
  readonly burstMs?: number;
}

/** By which a limit is known again, whatever its figure: of a window and a dimension there is one. */
export const limitName = ({ dimension, windowMs }: Pick<Limit, "dimension" | "windowMs">): string =>
  `${dimension}/${windowMs}`;

/** Of output an upstream counts what it is asked for, with the request, or what it writes, as it writes it. */
export type OutputCount = "asked" | "written";

/** What fairness counts for each request and each token: integers ≥ 0, any unit. */
export interface Weights {
  readonly request: number;
  readonly inputToken: number;
  readonly outputToken: number;
}

/** The cost of one request. */
export const costOf = ({ request, inputToken, outputToken }: Weights, use: Use): number =>
  request + inputToken * use.inputTokens + outputToken * use.outputTokens;

/** A window of any limit is worth this much: small limits weigh as much as great ones. */
const WINDOW_WORTH = 1_000_000_000;

/** Weights by which a window's worth of every limit costs the same; of two limits of a dimension the tighter a minute counts. */
export function weightsOf(limits: readonly Limit[]): Weights {
  const worth = (dimension: Dimension): number =>
    Math.max(
      0,
      ...limits
        .filter((one) => one.dimension === dimension)
        .map(({ limit, windowMs }) => Math.ceil((WINDOW_WORTH * (windowMs / 60_000)) / limit)),
    );
  const either = worth("tokens");
  return {
    request: Math.max(1, worth("requests")),
    inputToken: worth("inputTokens") + either,
    outputToken: worth("outputTokens") + either,
  };
}
