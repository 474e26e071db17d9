// Broken rules of what failing costs: of trades that are given up, for their end is an operation (spec/standing#penalties).
import { type Hash, type Hex, toHex } from "../../../src/base/index.js";
import { ACCOUNTS, type AgentId, type Ledger } from "../../../src/ledger/index.js";
import {
  OPERATION_RULES,
  type OperationBody,
  type OperationRules,
  tradeOf,
} from "../../../src/market/index.js";
import { PENALTIES } from "../../../src/market/justice/penalties.js";
import { STANDINGS } from "../../../src/market/standing/standing.js";
import type { Conduct } from "../../../src/peer/conduct.js";
import { acts, type Mutant } from "./mutant.js";

type GivenUp = { readonly performer: AgentId; readonly auction: Hash };

const GIVING_UP: OperationBody["kind"] = "fail";

/** A trade is given up in another way. */
const givesUp = (
  way: (
    ledger: Ledger,
    trade: GivenUp,
    apply: () => ReturnType<OperationRules["apply"]>,
  ) => ReturnType<OperationRules["apply"]>,
): Partial<Conduct> => ({
  operations: {
    ...OPERATION_RULES,
    apply(ledger, op, at) {
      const apply = () => OPERATION_RULES.apply(ledger, op, at);
      const { kind, trade } = { trade: null, ...op.body };
      return trade !== null && kind === GIVING_UP ? way(ledger, tradeOf(ledger, trade)!, apply) : apply();
    },
  },
});

type Rate = (typeof PENALTIES)["failure"];

/** By another row of the table, for as long as it takes. */
const atRate = (rate: Partial<Rate>): Partial<Conduct> =>
  givesUp((_ledger, _trade, apply) => {
    const table = PENALTIES as { failure: Rate };
    const { failure } = table;
    table.failure = { ...failure, ...rate };
    try {
      return apply();
    } finally {
      table.failure = failure;
    }
  });

export const LADDER_MUTANTS = {
  "fourth-failure-forgiven": acts(
    "one failure more is a warning (spec/standing#L2)",
    "trade-money",
    atRate({ grace: PENALTIES.failure.grace + 1 }),
  ),
  "failure-costs-as-silence": acts(
    "giving up is as severe as saying nothing (spec/standing#penalties)",
    "trade-money",
    atRate({ severity: PENALTIES.timeout.severity }),
  ),
  "repetition-costs-no-more": acts(
    "slashes before this one make it no dearer (spec/standing#L4)",
    "trade-money",
    givesUp((ledger, { performer }, apply) => {
      if (ledger.get(STANDINGS, performer) !== null)
        ledger.change(STANDINGS, performer, (row) => {
          row.recent = row.recent.map((deeds) => ({ ...deeds, slashes: 0 }));
        });
      return apply();
    }),
  ),
  "penalty-touches-another-lien": acts(
    "what a failure costs lowers what answers for another trade (spec/standing#T1)",
    "liens",
    givesUp((ledger, trade, apply) => {
      const before = ledger.accountOf(trade.performer)!.stake;
      const outcome = apply();
      if (ledger.accountOf(trade.performer)!.stake < before) lowerAnother(ledger, trade);
      return outcome;
    }),
  ),
} as const satisfies Record<string, Mutant>;

function lowerAnother(ledger: Ledger, { performer, auction }: GivenUp): void {
  ledger.change(ACCOUNTS, performer, ({ liens }) => {
    const isOther = ([id, { kind }]: readonly [Hex | string, { readonly kind: string }]): boolean =>
      kind === "trade" && id !== toHex(auction);
    const [id, lien] = [...liens].find(isOther) ?? [];
    if (id !== undefined && lien !== undefined) liens.set(id, { ...lien, amount: lien.amount - 1n });
  });
}
