// What a gateway's flags say of models: what they cost, and which of them answer instead of others.
import { Accident } from "../../accident.js";
import {
  type Chain,
  chainOf,
  type Dearer,
  dearerIn,
  type FallbackRules,
  NO_FALLBACK,
  TROUBLES,
  type Trouble,
  USUAL_TROUBLES,
} from "../../gateway/fallback/chains.js";
import { creditWords } from "../../gateway/prices/credit-words.js";
import { modelKey } from "../../gateway/prices/model-name.js";
import { readPriceFile } from "../../gateway/prices/price-file.js";
import { Prices } from "../../gateway/prices/prices.js";
import type { Price, Rates } from "../../gateway/prices/rates.js";
import { EXIT } from "../commands.js";
import { CliFailure, usageFailure } from "../failure.js";

export interface ModelFlags {
  readonly prices?: string;
  readonly fallback?: readonly string[];
  readonly fallbackOn?: readonly string[];
  readonly fallbackDearer?: true;
}

export interface ModelOptions {
  readonly prices: readonly Price[];
  readonly fallback: FallbackRules;
}

/** @throws CliFailure USAGE, FALLBACK_DEARER, PRICES_UNREADABLE, PRICES_INVALID, ENCODING */
export function modelOptionsOf(flags: ModelFlags): ModelOptions {
  const prices = flags.prices === undefined ? [] : pricesOf(flags.prices);
  return { prices, fallback: fallbackOf(flags, prices) };
}

function pricesOf(path: string): readonly Price[] {
  try {
    return readPriceFile(path);
  } catch (error) {
    if (!(error instanceof Accident)) throw error;
    const { code, what, why, fix } = error;
    throw new CliFailure(code === "PRICES_UNREADABLE" ? EXIT.notFound : EXIT.usage, code, what, why, fix);
  }
}

function fallbackOf(
  { fallback, fallbackOn, fallbackDearer }: ModelFlags,
  own: readonly Price[],
): FallbackRules {
  if (fallback === undefined) {
    if (fallbackOn === undefined && fallbackDearer === undefined) return NO_FALLBACK;
    const fix = "say which: --fallback MODEL=MODEL2";
    throw usageFailure(
      "could not start the gateway",
      "no --fallback names a model that answers instead",
      fix,
    );
  }
  const chains = fallback.map(chainNamed);
  const twice = chains.find(
    ({ model }, at) => chains.findIndex((one) => modelKey(one.model) === modelKey(model)) < at,
  );
  if (twice !== undefined) throw chainFailure(`${twice.model} has two chains`);
  const mayBeDearer = fallbackDearer === true;
  const dearer = mayBeDearer ? null : dearerIn(chains, new Prices(own));
  if (dearer !== null) throw dearerFailure(dearer);
  return { chains, on: troublesOf(fallbackOn), mayBeDearer };
}

function chainNamed(text: string): Chain {
  const chain = chainOf(text);
  if (typeof chain === "string") throw chainFailure(chain);
  return chain;
}

const chainFailure = (why: string): CliFailure =>
  usageFailure(
    "could not take --fallback",
    why,
    "write it like --fallback gpt-5=gpt-5-mini,gpt-5-nano, once for each model",
  );

function troublesOf(words: readonly string[] = USUAL_TROUBLES): readonly Trouble[] {
  const strange = words.find((word) => !TROUBLES.includes(word as Trouble));
  if (strange === undefined && words.length > 0) return words as readonly Trouble[];
  const why = strange === undefined ? "it names no trouble" : `${strange} is none of ${TROUBLES.join(", ")}`;
  throw usageFailure("could not take --fallback-on", why, "write it like --fallback-on limit,outage");
}

function dearerFailure({ model, instead, price, insteadPrice }: Dearer): CliFailure {
  const isKnown = price !== null && insteadPrice !== null;
  return new CliFailure(
    EXIT.usage,
    "FALLBACK_DEARER",
    `could not let ${instead} answer for ${model}`,
    `${isKnown ? "it may cost more" : "it is not sure that it costs no more"}: ${words(instead, insteadPrice)}; ${words(model, price)}`,
    isKnown
      ? "name a cheaper model, or allow it with --fallback-dearer"
      : "give the prices that lack with --prices, or allow it with --fallback-dearer",
  );
}

function words(model: string, price: Price | null): string {
  if (price === null) return `no list has a price for ${model}`;
  const tiers = price.tiers.map(({ above, rates }) => `, above ${above} tokens of input ${rateWords(rates)}`);
  return `${model} costs ${rateWords(price.rates)}${tiers.join("")}`;
}

/** Credits for a million tokens. */
function rateWords({ input, cacheRead, output }: Rates): string {
  const [fresh, read, written] = [input, cacheRead, output].map((rate) =>
    creditWords(rate).replace(/\.?0+$/, ""),
  );
  return `${fresh} credits for a million tokens of input (${read} from a cache) and ${written} of output`;
}
