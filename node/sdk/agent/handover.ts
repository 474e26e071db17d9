// The seam through which work and its input change hands: the daemon carries them (spec/handover), and the log reads a hash.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { ApiClient } from "../client.js";
import { ApiFailure } from "../failure.js";
import { isPassing } from "./passing.js";

/** What an agent needs of whoever carries bytes between the parties of a trade. */
export interface Handover {
  /**
   * What the buyer has handed over for the task; null: nothing.
   * @param needs it is waited for also while nothing is offered
   */
  inputOf(trade: string, needs: boolean, signal: AbortSignal): Promise<Uint8Array | null>;
  /** Takes what was made, before anything is said of it. @returns what `deliver` says of it, in hexadecimal */
  take(trade: string, output: Uint8Array): Promise<string>;
  /** The same of what was taken before; null: nothing was. */
  taken(trade: string): Promise<string | null>;
}

/** Bytes of whatever work answers. @throws TypeError where it has none */
export function bytesOf(output: unknown): Uint8Array {
  if (output instanceof Uint8Array) return output;
  const text = typeof output === "string" ? output : JSON.stringify(output);
  if (text === undefined)
    throw new TypeError(`work answers { output }, of which ${String(output)} has no bytes`);
  return new TextEncoder().encode(text);
}

export const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

const LOOK_MS = 250;

/** Keeps outputs in the agent's own folder, `<trade>.out`, and gives them to the daemon, which carries them to their buyers. */
export class ThroughDaemon implements Handover {
  constructor(
    private readonly client: ApiClient,
    private readonly folder: string,
  ) {}

  async inputOf(trade: string, needs: boolean, signal: AbortSignal): Promise<Uint8Array | null> {
    for (; ; await wait(LOOK_MS, undefined, { signal })) {
      try {
        const input = await this.part(trade, "input");
        if (input?.state === "here") return await this.read(trade);
        const isComing = input !== null && input.hash !== null;
        if (!needs && !isComing) return null;
      } catch (error) {
        if (!isPassing(error)) throw error;
      }
    }
  }

  async take(trade: string, output: Uint8Array): Promise<string> {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const file = this.fileOf(trade);
    writeFileSync(`${file}.new`, output, { mode: 0o600, flush: true });
    renameSync(`${file}.new`, file);
    return this.give(trade, output);
  }

  async taken(trade: string): Promise<string | null> {
    const file = this.fileOf(trade);
    return existsSync(file) ? this.give(trade, readFileSync(file)) : null;
  }

  /** Given again before anything is said of it, it takes the place of what was given; after that, it is what was given. */
  private async give(trade: string, output: Uint8Array): Promise<string> {
    try {
      const given = { params: { id: trade } };
      return (await this.client.give("giveOutput", given, once(output), "could not hand it over")).hash;
    } catch (error) {
      const code = error instanceof ApiFailure ? error.code : "";
      if (code === "GOODS_GIVEN" || code === "GOODS_CLOSED")
        return (await this.part(trade, "output"))?.hash ?? hashOf(output);
      // An agent with its own key is not served by this daemon: its author hands over by a way of its own.
      if (code === "NOT_A_PARTY") return hashOf(output);
      throw error;
    }
  }

  private async read(trade: string): Promise<Uint8Array> {
    const { bytes } = await this.client.take("takeInput", trade, "could not read its input");
    const chunks: Uint8Array[] = [];
    for await (const chunk of bytes) chunks.push(chunk);
    return new Uint8Array(Buffer.concat(chunks));
  }

  /** null: no agent of this daemon has to do with it */
  private async part(trade: string, part: "input" | "output") {
    const { parts } = await this.client.ask("handover", { params: { id: trade } }, "could not see the goods");
    return parts.find((one) => one.part === part) ?? null;
  }

  private fileOf(trade: string): string {
    return join(this.folder, `${trade}.out`);
  }
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
