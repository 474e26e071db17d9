// A list of prices of the owner's (`--prices`), in LiteLLM's schema.
import { Accident, messageOf } from "../../accident.js";
import { readText } from "../../text-file.js";
import { pricesIn } from "./price-rows.js";
import { isFault } from "./prices.js";
import type { Price } from "./rates.js";

/** @throws Accident PRICES_UNREADABLE, PRICES_INVALID (naming model and field); EncodingError */
export function readPriceFile(path: string): readonly Price[] {
  const what = `could not take the prices in ${path}`;
  const fix =
    "write it as LiteLLM's model_prices_and_context_window.json: an object of models, US dollars a token";
  let value: unknown;
  try {
    value = JSON.parse(readText(path));
  } catch (error) {
    if (error instanceof Accident) throw error;
    const isText = error instanceof SyntaxError;
    const why = isText ? `it is no JSON: ${error.message}` : messageOf(error);
    throw new Accident(isText ? "PRICES_INVALID" : "PRICES_UNREADABLE", what, why, fix, error);
  }
  const prices = pricesIn(value);
  if (!isFault(prices)) return prices;
  const { model, field, why } = prices;
  const where = [model, field].filter((one) => one !== null).map((one) => `\`${one}\``);
  throw new Accident("PRICES_INVALID", what, `${where.join(" ") || "it"} ${why}`, fix);
}
