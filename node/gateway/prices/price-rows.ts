// Prices as LiteLLM's list writes them (`model_prices_and_context_window.json`): US dollars a token, by name of model.
import { z } from "zod";
import { MOST_RATE, type Price, RATES, type Rates, type Tier } from "./rates.js";

/** Rows of a list that are no prices of a model by token. */
const NO_MODEL = "sample_spec";

const dollars = z
  .number({ error: "is no number" })
  .min(0, { error: "is below 0" })
  .max(1, { error: "is more than a dollar a token" });

const FIELDS = {
  input: "input_cost_per_token",
  cacheRead: "cache_read_input_token_cost",
  cacheWrite: "cache_creation_input_token_cost",
  cacheWriteHour: "cache_creation_input_token_cost_above_1hr",
  output: "output_cost_per_token",
} as const satisfies Record<keyof Rates, string>;
/** What a picture's tokens cost: usage does not tell them from a text's. */
const PICTURE = "output_cost_per_image_token";
const ABOVE = /^(.+)_above_(\d{1,7})k_tokens$/;
const THOUSAND = 1_000;

const KNOWN: ReadonlySet<string> = new Set([...Object.values(FIELDS), PICTURE]);

const row = z.record(z.string(), z.unknown(), { error: "is no object" });
const list = z.record(z.string(), row, { error: "is no object of models" });

/** Why a list is none: which model, and which of its fields. */
export interface RowFault {
  readonly model: string | null;
  readonly field: string | null;
  readonly why: string;
}

/** Models and their prices by token; rows without any are left out, and fields that are not known. */
export function pricesIn(value: unknown): readonly Price[] | RowFault {
  const read = list.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    const model = issue?.path[0];
    return { model: model === undefined ? null : String(model), field: null, why: issue!.message };
  }
  const prices: Price[] = [];
  for (const [model, fields] of Object.entries(read.data)) {
    if (model === NO_MODEL) continue;
    const price = priceIn(model, fields);
    if (price !== null && "why" in price) return price;
    if (price !== null) prices.push(price);
  }
  return prices;
}

/** US dollars a token, of what a row tells. */
type Told = { -readonly [Rate in keyof Rates]?: number };

function priceIn(model: string, fields: Readonly<Record<string, unknown>>): Price | RowFault | null {
  const byTier = new Map<number, Record<string, number>>([[0, {}]]);
  for (const [field, value] of Object.entries(fields)) {
    const [, base = field, thousands = "0"] = ABOVE.exec(field) ?? [];
    if (!KNOWN.has(base) || value === null || value === undefined) continue;
    const read = dollars.safeParse(value);
    if (!read.success) return { model, field, why: read.error.issues[0]!.message };
    const above = Number(thousands) * THOUSAND;
    byTier.set(above, { ...byTier.get(above), [base]: read.data });
  }
  const isPicture = fields.mode === "image_generation";
  let told: Told = {};
  const tiers: Tier[] = [];
  for (const [above, amounts] of [...byTier].sort(([a], [b]) => a - b)) {
    told = { ...told, ...toldIn(amounts, isPicture) };
    if (told.input === undefined && told.output === undefined) return null;
    tiers.push({ above, rates: noLess(ratesOf(told), tiers.at(-1)?.rates) });
  }
  return { model, isListed: true, rates: tiers[0]!.rates, tiers: tiers.slice(1) };
}

function toldIn(amounts: Readonly<Record<string, number>>, isPicture: boolean): Told {
  const told: Told = {};
  for (const rate of RATES) {
    const amount = amounts[FIELDS[rate]];
    if (amount !== undefined) told[rate] = amount;
  }
  const picture = amounts[PICTURE];
  if (isPicture && picture !== undefined) told.output = Math.max(picture, told.output ?? 0);
  return told;
}

/** What a row does not tell apart costs what it is a part of. */
function ratesOf(told: Told): Rates {
  const of = (amount: number | undefined) => (amount === undefined ? null : microsAMillion(amount));
  const input = of(told.input) ?? 0;
  const cacheWrite = of(told.cacheWrite) ?? input;
  return {
    input,
    cacheRead: of(told.cacheRead) ?? input,
    cacheWrite,
    cacheWriteHour: of(told.cacheWriteHour) ?? cacheWrite,
    output: of(told.output) ?? 0,
  };
}

/** More input never costs less: of a tier that would be cheaper than the one before it, that one's rates count. */
function noLess(rates: Rates, before: Rates | undefined): Rates {
  if (before === undefined) return rates;
  return {
    input: Math.max(rates.input, before.input),
    cacheRead: Math.max(rates.cacheRead, before.cacheRead),
    cacheWrite: Math.max(rates.cacheWrite, before.cacheWrite),
    cacheWriteHour: Math.max(rates.cacheWriteHour, before.cacheWriteHour),
    output: Math.max(rates.output, before.output),
  };
}

/** Significant digits of a price: what a sum of fractions has beyond them is noise. */
const DIGITS = 15;
const EXPONENT = 12;

/** US dollars a token as micro-credits a million tokens, rounded up. @param amount from 0 to 1 */
export function microsAMillion(amount: number): number {
  const [mantissa, exponent] = amount.toExponential(DIGITS - 1).split("e") as [string, string];
  const digits = BigInt(mantissa.replace(".", ""));
  const shift = Number(exponent) - (DIGITS - 1) + EXPONENT;
  const unit = 10n ** BigInt(-shift);
  return Math.min(MOST_RATE, Number((digits + unit - 1n) / unit));
}
