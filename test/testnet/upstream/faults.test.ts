// What goes wrong, as a client sees it and as the journal tells it; how often, by the seed.
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { describe, expect, test } from "vitest";
import {
  FAULTS,
  type Fault,
  type FaultName,
  faultName,
  faultsByRate,
  faultsInOrder,
} from "../../../testnet/upstream/faults.js";
import { USUAL_KEY } from "../../../testnet/upstream/rules.js";
import { promptOf, worldOf } from "./world.js";

const CHAT = "/chat/completions";
const ask = (more: object = {}) => ({
  model: "gpt-upstream",
  messages: [{ role: "user", content: "[write 90 tokens]" }],
  ...more,
});
const withFaults = (...faults: Fault[]) => worldOf("openai", { rpm: 60 }, { faults: faultsInOrder(faults) });

/** What a stream brings to a client that keeps all that arrived before an error. */
async function arrivedAt(url: string): Promise<{ text: string; error: string | null }> {
  const headers = { authorization: `Bearer ${USUAL_KEY}` };
  const asking = request(`${url}${CHAT}`, { method: "POST", headers }).end(
    JSON.stringify(ask({ stream: true })),
  );
  let text = "";
  try {
    const [response] = (await once(asking, "response")) as [IncomingMessage];
    for await (const part of response) text += part;
    return { text, error: null };
  } catch (error) {
    return { text, error: (error as NodeJS.ErrnoException).code ?? String(error) };
  }
}

describe("rates", () => {
  const rates = Object.fromEntries(FAULTS.map((name, at) => [name, 0.01 * (at + 1)]));
  const counts = (seed: number): Map<FaultName | null, number> => {
    const plan = faultsByRate(seed, rates);
    const found = new Map<FaultName | null, number>();
    for (let i = 0; i < 10_000; i++) {
      const fault = plan(`${i}/1`);
      const name = fault && faultName(fault);
      found.set(name, (found.get(name) ?? 0) + 1);
    }
    return found;
  };

  test("each fault happens as often as it should", () => {
    const found = counts(3);
    for (const [at, name] of FAULTS.entries()) {
      const expected = 100 * (at + 1);
      // Four standard deviations.
      expect(Math.abs(found.get(name)! - expected)).toBeLessThan(4 * Math.sqrt(expected));
    }
  });

  test("the seed says which; a retry draws anew", () => {
    const plan = faultsByRate(3, { overloaded: 0.5 });
    const drawn = (from: number): boolean[] =>
      Array.from({ length: 64 }, (_, i) => plan(`body/${from + i}`) !== null);
    expect(drawn(0)).toEqual(drawn(0));
    expect(new Set(drawn(0)).size).toBe(2);
    expect(counts(3)).toEqual(counts(3));
    expect(counts(4)).not.toEqual(counts(3));
  });
});

describe("a connection", () => {
  test("is reset before the first byte, and the request was counted", async () => {
    const { post, journal } = await withFaults({ kind: "cut", afterBytes: 0 });
    await expect(post(CHAT, ask())).rejects.toThrow();
    expect(journal.visits).toMatchObject([{ fault: "reset", status: null, sent: 0, end: "cut" }]);
    expect(journal.counted).toHaveLength(1);
  });

  test.each([1, 137, 1_500])("is reset after %i bytes of a stream, which arrive", async (afterBytes) => {
    const { url, journal } = await withFaults({ kind: "cut", afterBytes });
    const cut = await arrivedAt(url);
    const whole = await arrivedAt((await withFaults()).url);
    expect([cut.error, whole.error]).toEqual(["ECONNRESET", null]);
    expect(cut.text).toHaveLength(afterBytes);
    expect(cut.text).toBe(whole.text.slice(0, afterBytes));
    expect(journal.visits[0]).toMatchObject({ fault: "cut", status: 200, sent: afterBytes, end: "cut" });
  });

  test("is reset before the end of what is too short to be cut", async () => {
    const { url, journal } = await withFaults({ kind: "cut", afterBytes: 1_000_000 });
    const { text, error } = await arrivedAt(url);
    expect([text.endsWith("data: [DONE]\n\n"), error]).toEqual([true, "ECONNRESET"]);
    expect(journal.visits[0]).toMatchObject({ fault: "cut", end: "cut" });
  });

  test("that stalls says nothing more until the client leaves", async () => {
    const { url, journal } = await withFaults({ kind: "stall", afterFrames: 2 });
    const leaving = new AbortController();
    const response = await fetch(`${url}${CHAT}`, {
      method: "POST",
      headers: { authorization: `Bearer ${USUAL_KEY}` },
      body: JSON.stringify(ask({ stream: true })),
      signal: leaving.signal,
    });
    const reader = response.body!.getReader();
    const { value } = await reader.read();
    expect(Buffer.from(value!).toString()).toMatch(/^data: /);
    expect(journal.visits[0]).toMatchObject({ fault: "stall", end: "open" });
    leaving.abort();
    await expect(reader.read()).rejects.toThrow();
    await expect.poll(() => journal.visits[0]!.end).toBe("left");
    expect(journal.visits[0]!.written).toBeLessThan(90);
  });
});

describe("an answer", () => {
  test("of a success may hold an error", async () => {
    const { post } = await withFaults({ kind: "inside" });
    const response = await post(CHAT, ask());
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ error: { type: "service_unavailable_error" } });
  });

  test("may be garbage, the same by the same seed", async () => {
    const texts = new Set<string>();
    for (let i = 0; i < 2; i++) {
      const { post } = await withFaults({ kind: "garbage" });
      const response = await post(CHAT, ask());
      expect(response.headers.get("content-type")).toBe("application/json");
      const text = await response.text();
      expect(() => JSON.parse(text)).toThrow();
      texts.add(text);
    }
    expect(texts.size).toBe(1);
  });

  test("may be slow, or point elsewhere, or be a failure that counts against no limit", async () => {
    const { post, clock, journal } = await withFaults(
      { kind: "slow", ms: 5_000 },
      { kind: "redirect" },
      { kind: "broken" },
      { kind: "overloaded" },
    );
    const begunMs = clock.nowMs();
    await (await post(CHAT, ask())).text();
    expect(clock.nowMs() - begunMs).toBe(5_000);
    const redirect = await post(CHAT, ask());
    expect([redirect.status, redirect.headers.get("location")]).toEqual([307, "/elsewhere"]);
    expect((await post(CHAT, ask())).status).toBe(500);
    expect((await post(CHAT, ask())).status).toBe(503);
    expect(journal.counted).toHaveLength(1);
    expect(journal.visits.map(({ fault }) => fault)).toEqual(["slow", "redirect", "broken", "overloaded"]);
  });
});

describe("the journal", () => {
  test("tells the bytes that came, the key, what was asked, and how much was written", async () => {
    const { post, journal } = await worldOf("openai", { tpm: 1_000 });
    await (await post(CHAT, ask({ max_tokens: 100 }), { "x-agent": "a" })).text();
    expect(journal.visits).toMatchObject([
      {
        nth: 1,
        method: "POST",
        target: "/v1/chat/completions",
        headers: { "x-agent": "a" },
        key: USUAL_KEY,
        model: "gpt-upstream",
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
        asked: { requests: 1, tokens: 105 },
        usage: { prompt: 5, output: 90 },
        written: 90,
        status: 200,
        end: "whole",
      },
    ]);
    const { bytes } = journal.visits[0]!;
    expect(bytes).toBe(JSON.stringify(ask({ max_tokens: 100 })).length);
  });

  test("tells who left before the body was whole, and the upstream serves on", async () => {
    const { url, post, journal } = await worldOf("openai");
    const headers = { authorization: `Bearer ${USUAL_KEY}`, "content-length": "1000" };
    const asking = request(`${url}${CHAT}`, { method: "POST", headers });
    asking.on("error", () => undefined);
    asking.write("{");
    await expect.poll(() => journal.visits.length).toBe(1);
    asking.destroy();
    await expect.poll(() => journal.visits[0]!.end).toBe("left");
    const nested = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
    const deep = `{"model":"m","messages":[${nested}]}`;
    expect((await post(CHAT, deep)).status).toBe(200);
    expect((await post("//", {})).status).toBe(404);
  });

  test("a body that is too large is refused in the dialect", async () => {
    const { post, journal } = await worldOf("openai", {}, { maxBodyBytes: 1_000 });
    const response = await post(CHAT, promptOf(251));
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ error: { code: "request_too_large" } });
    expect(journal.visits[0]).toMatchObject({ hash: "", end: "whole" });
  });
});

describe("the model's pace", () => {
  test("an answer takes its first byte's time, and each token its own", async () => {
    const pace = { firstByteMs: 400, tokensPerSecond: 50 };
    const { post, clock } = await worldOf("openai", {}, { pace });
    for (const stream of [false, true]) {
      const begunMs = clock.nowMs();
      await (await post(CHAT, ask({ stream }))).text();
      expect(Math.abs(clock.nowMs() - begunMs - (400 + 90 * 20))).toBeLessThanOrEqual(20);
    }
  });
});
