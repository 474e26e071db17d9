// scripts/prices.mjs: what of a published list becomes the snapshot, and what is refused, with the snapshot as it was.
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { pricesIn } from "../../../node/gateway/prices/price-rows.js";
import type { SNAPSHOT } from "../../../node/gateway/prices/snapshot.js";
import { testFolder } from "../folder.js";

const BEFORE = "// the snapshot of before\n";
const FLAGS = [
  ...["--date", "2026-09-23", "--source", "a small list"],
  ...["--usual", "openai=gpt-9", "--usual", "anthropic=claude-9", "--usual", "google=gemini-9"],
];

const chat = (provider: string, input: number, more: object = {}) => ({
  litellm_provider: provider,
  mode: "chat",
  input_cost_per_token: input,
  output_cost_per_token: 5 * input,
  ...more,
});

/** As it is published: rows of other kinds and of other vendors, and several names of one model. */
const LIST = {
  sample_spec: { input_cost_per_token: "a number", mode: "one of: chat, embedding" },
  "gpt-9": chat("openai", 2e-6, { max_tokens: 4_096, supports_vision: true }),
  "openai/gpt-9": chat("openai", 2e-6),
  "gpt-9-2026-01-01": chat("openai", 2e-6),
  "gpt-9-2026-05-01": chat("openai", 3e-6),
  "gpt-9-audio-preview": chat("openai", 9e-6),
  "ft:gpt-9": chat("openai", 9e-6),
  "azure/gpt-9": chat("azure", 9e-6),
  "claude-9": chat("anthropic", 3e-6, {
    cache_read_input_token_cost: 3e-7,
    cache_creation_input_token_cost: 3.75e-6,
    input_cost_per_token_above_200k_tokens: 6e-6,
    search_context_cost_per_query: { search_context_size_low: 0.01 },
  }),
  "gemini/gemini-9": chat("gemini", 1e-6),
  "gemini/gemini-9-picture": {
    ...chat("gemini", 1e-6),
    mode: "image_generation",
    output_cost_per_image_token: 6e-5,
  },
  "gemini/gemini-9-free": { litellm_provider: "gemini", mode: "chat", max_tokens: 8_192 },
  "whisper-9": { litellm_provider: "openai", mode: "audio_transcription", input_cost_per_second: 1e-4 },
};

/** Runs the script where it writes beside nothing of this project's. @param list written as it is, or as JSON */
async function renewed(list: unknown, flags: readonly string[] = FLAGS) {
  const root = await testFolder();
  const prices = join(root, "node", "gateway", "prices");
  mkdirSync(prices, { recursive: true });
  const snapshot = join(prices, "snapshot.ts");
  writeFileSync(snapshot, BEFORE);
  mkdirSync(join(root, "scripts"));
  cpSync("scripts/prices.mjs", join(root, "scripts", "prices.mjs"));
  for (const name of ["dist", "node_modules", "package.json"]) symlinkSync(resolve(name), join(root, name));
  const file = join(root, "list.json");
  if (list !== null) writeFileSync(file, typeof list === "string" ? list : JSON.stringify(list));
  const argv = [join(root, "scripts", "prices.mjs"), file, ...flags];
  const [exit, said] = await new Promise<[unknown, string]>((resolve) => {
    execFile(process.execPath, argv, (error, _, stderr) => resolve([error?.code ?? 0, stderr]));
  });
  const text = readFileSync(snapshot, "utf8");
  return { exit, said, text, left: readdirSync(prices) };
}

test("G35 of a published list the models and their prices by token become the snapshot, and nothing else of it", async () => {
  const { exit, said, text, left } = await renewed(LIST);
  expect([exit, said, left]).toEqual([0, "", ["snapshot.ts"]]);
  const [, json] = /export const SNAPSHOT = (\{[\s\S]*\});\n$/.exec(text)!;
  const row = (input: number) => ({ input_cost_per_token: input, output_cost_per_token: 5 * input });
  const snapshot: typeof SNAPSHOT = JSON.parse(json!);
  expect(snapshot).toEqual({
    date: "2026-09-23",
    source: "a small list",
    usual: { openai: "gpt-9", anthropic: "claude-9", google: "gemini-9" },
    models: {
      "gpt-9": row(2e-6),
      "gpt-9-2026-05-01": row(3e-6),
      "claude-9": {
        ...row(3e-6),
        cache_read_input_token_cost: 3e-7,
        cache_creation_input_token_cost: 3.75e-6,
        input_cost_per_token_above_200k_tokens: 6e-6,
      },
      "gemini-9": row(1e-6),
      "gemini-9-picture": { ...row(1e-6), mode: "image_generation", output_cost_per_image_token: 6e-5 },
    },
  });
  expect(pricesIn(snapshot.models)).toHaveLength(5);
});

test("a list that the gateway would not take is refused, and the snapshot stays as it was", async () => {
  const lists: readonly (readonly [unknown, string])[] = [
    [null, "could not take the prices in"],
    [JSON.stringify(LIST).slice(0, -40), "it is no JSON"],
    [{ ...LIST, "gpt-9": chat("openai", -1e-6) }, "`gpt-9` `input_cost_per_token` is below 0"],
    [{ ...LIST, "claude-9": undefined }, "claude-9 is not in the list"],
  ];
  const ends = await Promise.all(lists.map(([list]) => renewed(list)));
  for (const [at, { exit, said, text, left }] of ends.entries()) {
    const [, why] = lists[at]!;
    expect([exit, text, left]).toEqual([1, BEFORE, ["snapshot.ts"]]);
    expect(said).toMatch(/^prices: .*\nThe snapshot is as it was\.\n$/);
    expect(said).toContain(why);
  }
});

test("without a day that there is, a source, or a model for each dialect and no other: 2, and the snapshot stays as it was", async () => {
  const wrong: readonly (readonly string[])[] = [
    FLAGS.slice(2),
    ["--date", "2026-02-30", ...FLAGS.slice(2)],
    [...FLAGS.slice(0, 2), ...FLAGS.slice(4)],
    FLAGS.slice(0, -2),
    [...FLAGS, "--usual", "other=gpt-9"],
  ];
  for (const { exit, said, text } of await Promise.all(wrong.map((flags) => renewed(LIST, flags))))
    expect([exit, text, said]).toEqual([2, BEFORE, expect.stringMatching(/^usage: /)]);
});
