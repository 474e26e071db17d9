import { describe, expect, it } from "vitest";
import { anthropic } from "../../../node/gateway/dialects/anthropic.js";
import { google } from "../../../node/gateway/dialects/google.js";
import { openai } from "../../../node/gateway/dialects/openai.js";
import { leavesCacheOut, promptOf } from "../../../node/gateway/prompt.js";
import { trailOf } from "../../../node/gateway/trail.js";
import { Conversations } from "../../../src/quota/index.js";

const words = (from: number, count: number): string =>
  Array.from({ length: count }, (_, at) => `word ${from + at} `).join("");
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
/** Messages last. */
const last = (said: string, more = "") =>
  bytes(`{"system":"${words(0, 2_000)}","messages":["${said}"]${more}}`);
/** Tools behind the messages. */
const first = (said: string) => bytes(`{"messages":["${said}"],"tools":["${words(9_000, 3_000)}"]}`);
const TALK = words(20_000, 3_000);

const isFoundBy = (
  before: Uint8Array,
  after: Uint8Array,
  session: string | null = null,
  model = "m",
): boolean => {
  const conversations = new Conversations();
  const said = { bytes: before.length, prompt: 1, kept: 1, atMs: 0 };
  conversations.remember(trailOf("m", session, before), said);
  return conversations.before(trailOf(model, session, after), after.length, 0) !== null;
};

describe("the trail of a conversation", () => {
  it("leads from a call to the next, whatever its end was", () => {
    expect(isFoundBy(last(TALK), last(TALK + words(0, 900)))).toBe(true);
    expect(isFoundBy(last(TALK, ',"stream":true'), last(TALK + words(0, 900), ',"stream":true'))).toBe(true);
  });

  it("does not lead to one that begins alike and goes on differently, or that another model is asked", () => {
    expect(isFoundBy(last(TALK), last(words(50_000, 3_000) + TALK))).toBe(false);
    expect(isFoundBy(last(TALK), last(TALK + words(0, 900)), null, "other")).toBe(false);
  });

  it("leads in one session past tools that stand behind, and in no other", () => {
    const next = first(TALK + words(0, 900));
    expect(isFoundBy(first(TALK), next)).toBe(false);
    expect(isFoundBy(first(TALK), next, "session:a")).toBe(true);
    expect(isFoundBy(first(TALK), first(words(0, 900) + TALK), "session:a")).toBe(false);
    const other = trailOf("m", "session:b", next).inSession!.name;
    expect(trailOf("m", "session:a", first(TALK)).inSession!.name).not.toBe(other);
  });

  it("leads to none whose ends are the same and whose middle is another, of whatever size", () => {
    const middle = (text: string) =>
      bytes(`{"a":"${TALK}","b":"${text}","tools":["${words(9_000, 3_000)}"]}`);
    const blank = middle(" ".repeat(300_000));
    expect(isFoundBy(blank, blank, "session:a")).toBe(true);
    expect(isFoundBy(blank, middle("x".repeat(300_000)), "session:a")).toBe(false);
    // Three steps that are others are too many; two, where a conversation goes on, may be.
    const changed = (from: number, count: number) =>
      blank.map((one, at) => (at >= from && at < from + count ? 120 : one));
    expect(isFoundBy(blank, changed(8 * 8_192 + 100, 8_000), "session:a")).toBe(true);
    expect(isFoundBy(blank, changed(8 * 8_192 + 100, 30_000), "session:a")).toBe(false);
  });

  it("is none of a short body, and bounded of a long one", () => {
    expect(trailOf("m", "session:a", bytes("x".repeat(9 * 1_024 - 1))).by).toEqual([]);
    expect(trailOf("m", null, bytes("x".repeat(9 * 1_024))).by).toHaveLength(1);
    const most = 2 * 1_024 * 1_024 + 9 * 1_024 - 1;
    expect(trailOf("m", null, new Uint8Array(most)).by).toHaveLength(256);
    expect(trailOf("m", "session:a", new Uint8Array(most + 1))).toEqual({ as: [], by: [], inSession: null });
  });
});

describe("what a cache keeps of a prompt", () => {
  const usage = { freshInput: 7, cacheRead: 1_000, cacheWrite: 200, cacheWriteHour: 0, output: 5 };

  it("need not be counted again where limits leave reads out, and is counted elsewhere", () => {
    expect([anthropic, openai, google].map(leavesCacheOut)).toEqual([true, false, false]);
    expect(promptOf(anthropic, usage)).toEqual({ prompt: 1_207, kept: 1_200 });
    expect(promptOf(openai, usage)).toEqual({ prompt: 1_207, kept: 0 });
  });
});
