// What doors know of a request before it is sent, as the gateway knows it.
import { Conversations, Estimator, type Outline, type OutputCount } from "../../../../src/quota/index.js";
import type { Member } from "../crowd.js";
import type { Knock } from "../door.js";

/** Of a body beside its prompt: names of fields, and what stands around its messages. */
const BODY_BYTES = 300;
const BYTES_A_TOKEN = 4;

export function outlineOf({ call, member, lane }: Knock, output: OutputCount): Outline {
  const names = [`${member.name}/${lane}/${call.run}`];
  return {
    bytes: call.promptTokens * BYTES_A_TOKEN + BODY_BYTES,
    maxOutput: call.maxTokens,
    isMostCounted: output === "asked",
    trail: output === "asked" ? null : { as: names, by: names, inSession: null },
  };
}

/** One for each agent. */
export class Estimators {
  private readonly conversations = new Conversations();
  private readonly known = new Map<string, Estimator>();

  of({ name }: Member): Estimator {
    const one = this.known.get(name) ?? new Estimator(this.conversations);
    this.known.set(name, one);
    return one;
  }
}
