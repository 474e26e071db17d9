// Renews the gateway's snapshot of prices from a list in LiteLLM's schema, of which facts are taken, and no words:
//   node scripts/prices.mjs FILE --date 2026-09-23 --source "…" --usual openai=… --usual anthropic=… --usual google=…
// Names of a model that cost the same become one; `usual` names the model as which one is priced that the list does not know.
// A list that the gateway would not take, or one without those models, is refused with 1, and the snapshot stays as it is.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { modelKey } from "../dist/node/gateway/prices/model-name.js";
import { readPriceFile } from "../dist/node/gateway/prices/price-file.js";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const place = join(root, "node", "gateway", "prices", "snapshot.ts");

const PROVIDERS = new Set(["openai", "anthropic", "gemini"]);
const MODES = new Set(["chat", "completion", "responses", "embedding", "image_generation"]);
/** Priced by what usage does not tell: sound, and pictures of OpenAI's, which are asked for elsewhere. */
const LEFT_OUT = /audio|realtime|tts|transcribe|whisper|-live|native-audio|moderation|^gpt-image|dall-e|^ft:/;
const PRICED =
  /^(?:(?:input|output)_cost_per_token|output_cost_per_image_token|cache_(?:read|creation)_input_token_cost(?:_above_1hr)?)(?:_above_\d+k_tokens)?$/;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    date: { type: "string" },
    source: { type: "string" },
    usual: { type: "string", multiple: true },
  },
});
const [file] = positionals;
const usual = Object.fromEntries((values.usual ?? []).map((one) => one.split("=", 2)));
const isWhole = Object.keys(usual).sort().join() === "anthropic,google,openai";
const isDay = (text = "") => new Date(`${text}T00:00:00Z`).toJSON()?.slice(0, 10) === text;
if (file === undefined || !isDay(values.date) || !values.source || !isWhole) {
  process.stderr.write(
    "usage: node scripts/prices.mjs FILE --date YYYY-MM-DD --source TEXT --usual DIALECT=MODEL (each dialect)\n",
  );
  process.exit(2);
}

function refuse(why) {
  process.stderr.write(`prices: ${why}\nThe snapshot is as it was.\n`);
  process.exit(1);
}

try {
  readPriceFile(file);
} catch (error) {
  refuse(error.message);
}

/** By what names of one model have in common: its rows, the plainest name first. */
const byKey = new Map();
for (const [name, row] of Object.entries(JSON.parse(readFileSync(file, "utf8")))) {
  const bare = name.replace(/^(?:openai|anthropic|gemini)\//, "");
  if (
    !PROVIDERS.has(row.litellm_provider) ||
    !MODES.has(row.mode) ||
    LEFT_OUT.test(bare) ||
    bare.includes("/")
  )
    continue;
  const prices = Object.entries(row).filter(
    ([field, value]) => PRICED.test(field) && typeof value === "number",
  );
  if (prices.length === 0) continue;
  const kept = Object.fromEntries(prices.sort(([a], [b]) => (a < b ? -1 : 1)));
  if (row.mode === "image_generation") kept.mode = row.mode;
  const rows = byKey.get(modelKey(bare)) ?? [];
  byKey.set(modelKey(bare), [...rows, { name: bare, kept, text: JSON.stringify(kept) }]);
}

const models = {};
for (const rows of byKey.values()) {
  const [plainest, ...others] = rows.sort(
    (a, b) => a.name.length - b.name.length || (a.name < b.name ? -1 : 1),
  );
  models[plainest.name] = plainest.kept;
  for (const { name, kept, text } of others) if (text !== plainest.text) models[name] = kept;
}
for (const model of Object.values(usual))
  if (!Object.hasOwn(models, model)) refuse(`${model} is not in the list`);

const names = Object.keys(models).sort();
const snapshot = {
  date: values.date,
  source: values.source,
  usual,
  models: Object.fromEntries(names.map((name) => [name, models[name]])),
};
const coming = `${place}.coming`;
writeFileSync(
  coming,
  `// Prices of models as they were published up to a day: US dollars a token. Written by scripts/prices.mjs; facts, not advice.

export const SNAPSHOT = ${JSON.stringify(snapshot, null, 2)};
`,
);
renameSync(coming, place);
process.stdout.write(`${names.length} models; now: npx biome check --write ${place}\n`);
