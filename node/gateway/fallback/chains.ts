// Which model answers instead of which, by its owner's word alone, and never a dearer one unless the owner says so too (spec/gateway#G42).
import { modelKey } from "../prices/model-name.js";
import type { Prices } from "../prices/prices.js";
import { isNoDearer, type Price } from "../prices/rates.js";

/** Why another model answers: a key's limit, a prompt that is too long, one that will not be answered, an upstream that fails. */
export const TROUBLES = ["limit", "context", "policy", "outage"] as const;
export type Trouble = (typeof TROUBLES)[number];

/** Of a chain that does not say when. */
export const USUAL_TROUBLES: readonly Trouble[] = ["outage", "limit"];

/** One model, and those that answer instead of it, the first that can. */
export interface Chain {
  readonly model: string;
  readonly instead: readonly string[];
}

export interface FallbackRules {
  readonly chains: readonly Chain[];
  readonly on: readonly Trouble[];
  /** a model may be dearer than the one that it answers for */
  readonly mayBeDearer: boolean;
}

export const NO_FALLBACK: FallbackRules = { chains: [], on: [], mayBeDearer: false };

/** Models that answer instead of one. */
const MOST_INSTEAD = 8;
const NAME = /^[\w./:@-]{1,256}$/;

/** Reads `MODEL=MODEL2[,MODEL3…]`. @returns a string: why it is no chain */
export function chainOf(text: string): Chain | string {
  const [model = "", list, ...more] = text.split("=");
  if (list === undefined || more.length > 0) return `${text} is not MODEL=MODEL2[,MODEL3…]`;
  const instead = list.split(",");
  const strange = [model, ...instead].find((name) => !NAME.test(name));
  if (strange !== undefined) return `${JSON.stringify(strange)} is no name of a model`;
  if (instead.length > MOST_INSTEAD) return `${instead.length} models are more than ${MOST_INSTEAD}`;
  const keys = new Set([model, ...instead].map(modelKey));
  return keys.size === instead.length + 1 ? { model, instead } : `${text} names a model twice`;
}

/** A model that answers for another one at a higher price; a price is null where no list has it. */
export interface Dearer {
  readonly model: string;
  readonly instead: string;
  readonly price: Price | null;
  readonly insteadPrice: Price | null;
}

/** The first pair of which it is not sure that no answer becomes dearer; null: there is none. */
export function dearerIn(chains: readonly Chain[], prices: Prices): Dearer | null {
  for (const { model, instead } of chains) {
    const price = prices.listed(model);
    for (const other of instead) {
      const insteadPrice = prices.listed(other);
      const isSure = price !== null && insteadPrice !== null && isNoDearer(insteadPrice, price);
      if (!isSure) return { model, instead: other, price, insteadPrice };
    }
  }
  return null;
}

/** The chains of a gateway, by whatever name a request gives its model. */
export class Fallbacks {
  private readonly byKey: ReadonlyMap<string, Chain>;
  private readonly on: ReadonlySet<Trouble>;

  constructor(
    private readonly rules: FallbackRules,
    private readonly prices: Prices,
  ) {
    this.byKey = new Map(rules.chains.map((chain) => [modelKey(chain.model), chain]));
    this.on = new Set(rules.on);
  }

  /** Models that may answer instead, in their order: none that is dearer than the one that was asked for by this very name. */
  insteadOf(model: string | null): readonly string[] {
    const chain = model === null || this.byKey.size === 0 ? undefined : this.byKey.get(modelKey(model));
    if (chain === undefined || this.rules.mayBeDearer) return chain?.instead ?? [];
    return chain.instead.filter(
      (other) => dearerIn([{ model: model!, instead: [other] }], this.prices) === null,
    );
  }

  /** Whether another model answers in such a trouble. */
  isFor(trouble: Trouble): boolean {
    return this.on.has(trouble);
  }
}
