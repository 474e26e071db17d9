// The phase of a client that asks for streams at a rate, whether earlier ones are over or not, and notes when they begin and end.
import { setTimeout as pause } from "node:timers/promises";
import { Agent } from "undici";

export interface StreamLoad {
  /** with path */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly perSecond: number;
  readonly ms: number;
  readonly promptChars: number;
}

/** In the order of asking, ms from then. */
export interface StreamTimes {
  readonly first: readonly number[];
  readonly whole: readonly number[];
  readonly failed: number;
}

export async function open() {
  const agent = new Agent({ connections: 256, keepAliveTimeout: 60_000 });
  return {
    jobs: {
      async ask({ url, headers, perSecond, ms, promptChars }: StreamLoad): Promise<StreamTimes> {
        const place = new URL(url);
        const body = Buffer.from(
          JSON.stringify({
            model: "gpt-upstream",
            stream: true,
            stream_options: { include_usage: true },
            max_completion_tokens: 200,
            messages: [{ role: "user", content: "word ".repeat(promptChars / 5) }],
          }),
        );
        const first: number[] = [];
        const whole: number[] = [];
        let failed = 0;
        const one = async (): Promise<void> => {
          const askedMs = performance.now();
          const { statusCode, body: answer } = await agent.request({
            origin: place.origin,
            path: place.pathname,
            method: "POST",
            headers: { "content-type": "application/json", authorization: "Bearer sk-bench", ...headers },
            body,
          });
          let firstMs: number | null = null;
          for await (const _ of answer) firstMs ??= performance.now() - askedMs;
          if (statusCode !== 200 || firstMs === null) {
            failed += 1;
            return;
          }
          first.push(firstMs);
          whole.push(performance.now() - askedMs);
        };
        const begunMs = performance.now();
        const asked: Promise<void>[] = [];
        const all = Math.round((perSecond * ms) / 1_000);
        while (asked.length < all) {
          const due = Math.min(all, Math.floor(((performance.now() - begunMs) * perSecond) / 1_000) + 1);
          while (asked.length < due)
            asked.push(
              one().catch(() => {
                failed += 1;
              }),
            );
          await pause(1);
        }
        await Promise.all(asked);
        return { first, whole, failed };
      },
    },
    close: () => agent.destroy(),
  };
}
