// Slashes: what was taken from whom, with the numbers it was computed from.
import { type TypeOf, toHex, union } from "../../base/index.js";
import { factsOf, slashIdOf, slashRow } from "../../market/index.js";
import { historyKind } from "./kind.js";

/** By what was broken: `seat`, the log's rules. Each is the row that the ledger makes of it. */
export const keptSlash = union({ seat: [0, slashRow] });
export type KeptSlash = TypeOf<typeof keptSlash>;

export const KEPT_SLASHES = historyKind<KeptSlash>(
  keptSlash,
  ({ outcome }) =>
    outcome.receipts
      .flatMap(factsOf)
      .flatMap((fact) => (fact.kind === "slashed" ? [{ kind: "seat", ...fact.slash }] : [])),
  (one) => [`id/${toHex(slashIdOf(one))}`, `agent/${toHex(one.agent)}`],
);
