// The seam through which work and its input change hands. The log reads the hash alone.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What an agent needs of whoever carries bytes between the parties of a trade. */
export interface Handover {
  /** What the buyer has handed over for the task; null: nothing. */
  inputOf(trade: string): Promise<Uint8Array | null>;
  /** Takes what was made, before anything is said of it. Asked again it changes nothing. @returns its hash, in hexadecimal */
  take(trade: string, output: Uint8Array): Promise<string>;
  /** The hash of what was taken before; null: nothing was. */
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

/** Keeps outputs in the agent's own folder, `<trade>.out`: its author hands them over by a way of its own. */
export class OwnFolder implements Handover {
  constructor(private readonly folder: string) {}

  async inputOf(): Promise<null> {
    return null;
  }

  async take(trade: string, output: Uint8Array): Promise<string> {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const file = this.fileOf(trade);
    writeFileSync(`${file}.new`, output, { mode: 0o600, flush: true });
    renameSync(`${file}.new`, file);
    return hashOf(output);
  }

  async taken(trade: string): Promise<string | null> {
    const file = this.fileOf(trade);
    return existsSync(file) ? hashOf(readFileSync(file)) : null;
  }

  private fileOf(trade: string): string {
    return join(this.folder, `${trade}.out`);
  }
}
