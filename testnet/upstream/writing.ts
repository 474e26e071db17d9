// An answer on its way: at the model's pace, as one body or as a stream, with the faults that happen while it is written.
import { Random } from "../lab/simulate/world/random.js";
import type { Headers, Moment, Shape } from "./dialect.js";
import type { Answer, Wish } from "./exchange.js";
import type { Fault } from "./faults.js";
import type { Outgoing } from "./outgoing.js";
import type { UpstreamRules } from "./rules.js";

interface Delivery {
  readonly shape: Shape;
  readonly wish: Wish;
  readonly moment: Moment;
  readonly fault: Fault | null;
  readonly out: Outgoing;
  readonly name: string;
}

/** @param wrote is told how many tokens are written so far */
export async function deliver(
  delivery: Delivery,
  answer: Answer,
  rules: UpstreamRules,
  headers: Headers,
  wrote: (tokens: number) => void,
): Promise<void> {
  const { shape, wish, out, fault } = delivery;
  const { clock, pace } = rules;
  const begunMs = clock.nowMs() + pace.firstByteMs + (fault?.kind === "slow" ? fault.ms : 0);
  const msFor = (tokens: number): number =>
    pace.tokensPerSecond === null ? 0 : (tokens * 1_000) / pace.tokensPerSecond;
  const untilWritten = (tokens: number): Promise<void> =>
    clock.sleep(begunMs + msFor(tokens) - clock.nowMs(), out.gone);
  const type = { "content-type": shape.contentType(wish) };

  if (!wish.isStreamed) {
    await untilWritten(answer.usage.output);
    if (out.gone.aborted) return;
    wrote(answer.usage.output);
    const body = JSON.stringify(shape.whole(answer));
    out.head(200, { ...headers, ...type, "content-length": `${Buffer.byteLength(body)}` });
    await out.send(body);
    return out.finish();
  }

  await untilWritten(0);
  if (out.gone.aborted) return;
  out.head(200, { ...headers, ...type, "cache-control": "no-cache" });
  let sent = 0;
  for (const { bytes, written } of shape.frames(answer, wish)) {
    if (isMiddle(fault) && sent === fault.afterFrames) return breakOff(delivery, fault.kind, sent);
    await untilWritten(written);
    if (out.gone.aborted) return;
    wrote(written);
    await out.send(bytes);
    sent += 1;
  }
  if (isMiddle(fault)) return breakOff(delivery, fault.kind, sent);
  await out.finish();
}

type Middle = Extract<Fault, { readonly afterFrames: number }>;

const isMiddle = (fault: Fault | null): fault is Middle =>
  fault?.kind === "failure" || fault?.kind === "stall";

async function breakOff(delivery: Delivery, kind: Middle["kind"], sent: number): Promise<void> {
  const { shape, moment, out } = delivery;
  if (kind === "stall")
    return new Promise((resolve) => {
      if (out.gone.aborted) resolve();
      out.gone.addEventListener("abort", () => resolve(), { once: true });
    });
  await out.send(shape.failure(moment, sent));
  await out.finish();
}

/** Bytes of the right kind by name, which mean nothing. */
export async function garble(delivery: Delivery, seed: number, headers: Headers): Promise<void> {
  const { shape, wish, out, name } = delivery;
  const random = new Random(seed, `garbage/${name}`);
  const bytes = Buffer.from(random.bytes(random.between(1, 3_000)));
  out.head(200, { ...headers, "content-type": shape.contentType(wish), "content-length": `${bytes.length}` });
  await out.send(bytes);
  await out.finish();
}
