// What doors know of a request before it is sent, as the gateway knows it.
import { Estimator, type Outline, type OutputCount } from "../../../../src/quota/index.js";
import type { Member } from "../crowd.js";
import type { Knock } from "../door.js";

/** Of a body beside its prompt: names of fields, and what stands around its messages. */
const BODY_BYTES = 300;
const BYTES_A_TOKEN = 4;

export const outlineOf = ({ call }: Knock, output: OutputCount): Outline => ({
  bytes: call.promptTokens * BYTES_A_TOKEN + BODY_BYTES,
  maxOutput: call.maxTokens,
  isMostCounted: output === "asked",
});

/** One for each agent. */
export class Estimators {
  private readonly known = new Map<string, Estimator>();

  of({ name }: Member): Estimator {
    const one = this.known.get(name) ?? new Estimator();
    this.known.set(name, one);
    return one;
  }
}
