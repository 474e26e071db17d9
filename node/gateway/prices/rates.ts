// What tokens cost: exact, in whole micro-credits, rounded up once a request. One credit is one US dollar.
import type { Use } from "../../../src/quota/index.js";
import type { Usage } from "../dialect.js";

/** Micro-credits for a million tokens: whole numbers from 0 to `MOST_RATE`. */
export interface Rates {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  /** of what is kept for an hour */
  readonly cacheWriteHour: number;
  /** reasoning included */
  readonly output: number;
}

export interface Price {
  /** the model, as the list names it */
  readonly model: string;
  /** false: the list does not name the model that was asked for, and it is priced like this one */
  readonly isListed: boolean;
  readonly rates: Rates;
  /** of requests with more input than `above`, in rising order; no rate is below that of a tier before it */
  readonly tiers: readonly Tier[];
}

export interface Tier {
  /** tokens of input, cached or not */
  readonly above: number;
  readonly rates: Rates;
}

/** One credit a token. */
export const MOST_RATE = 1_000_000_000_000;
const MILLION = 1_000_000n;

/** What an answer cost: its whole request at the tier of its input. @returns micro-credits, at most the greatest safe integer */
export function costOf(usage: Usage, price: Price): number {
  const { freshInput, cacheRead, cacheWrite, cacheWriteHour, output } = usage;
  const rates = ratesAt(price, freshInput + cacheRead + cacheWrite);
  const hour = Math.min(cacheWriteHour, cacheWrite);
  return micros([
    [freshInput, rates.input],
    [cacheRead, rates.cacheRead],
    [cacheWrite - hour, rates.cacheWrite],
    [hour, rates.cacheWriteHour],
    [output, rates.output],
  ]);
}

/** The most that any answer of such a use costs: before it is there nobody knows what caches do, so that all input counts at its dearest. */
export function estimateCost({ inputTokens, outputTokens }: Use, price: Price): number {
  const { input, cacheRead, cacheWrite, cacheWriteHour, output } = ratesAt(price, inputTokens);
  return micros([
    [inputTokens, Math.max(input, cacheRead, cacheWrite, cacheWriteHour)],
    [outputTokens, output],
  ]);
}

/** The least that an answer of such a use costs: its input, none of it cached, and nothing written. */
export function inputAlone(
  { inputTokens }: Use,
  price: Price,
): { readonly used: Use; readonly cost: number } {
  const usage = { freshInput: inputTokens, cacheRead: 0, cacheWrite: 0, cacheWriteHour: 0, output: 0 };
  return { used: { inputTokens, outputTokens: 0 }, cost: costOf(usage, price) };
}

/** Whether no answer costs more by the one than by the other. */
export function isNoDearer(one: Price, other: Price): boolean {
  const starts = [
    0,
    ...one.tiers.map(({ above }) => above + 1),
    ...other.tiers.map(({ above }) => above + 1),
  ];
  return starts.every((input) => {
    const mine = ratesAt(one, input);
    const theirs = ratesAt(other, input);
    return RATES.every((rate) => mine[rate] <= theirs[rate]);
  });
}

export const RATES = ["input", "cacheRead", "cacheWrite", "cacheWriteHour", "output"] as const;

function ratesAt({ rates, tiers }: Price, input: number): Rates {
  let at = rates;
  for (const tier of tiers) if (input > tier.above) at = tier.rates;
  return at;
}

function micros(parts: readonly (readonly [tokens: number, rate: number])[]): number {
  let sum = 0n;
  for (const [tokens, rate] of parts) sum += BigInt(tokens) * BigInt(rate);
  const whole = (sum + MILLION - 1n) / MILLION;
  return whole > Number.MAX_SAFE_INTEGER ? Number.MAX_SAFE_INTEGER : Number(whole);
}
