// What an agent keeps in a small file, so that a crash costs nothing: how far it has heard, and what it has begun.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { type Memory, NO_MEMORY } from "../../../src/market/strategies/index.js";
import { messageOf } from "../../accident.js";
import { hex32 } from "../../contract/index.js";

const amounts = z
  .string()
  .regex(/^[0-9]{1,40}$/)
  .transform(BigInt);
const notes = z.strictObject({
  v: z.literal(1),
  chain: hex32,
  agent: hex32,
  /** id of the last event that it has heard */
  since: z.string().nullable(),
  /** of its strategy, by capability */
  memories: z.record(z.string(), z.strictObject({ multiplierPpm: amounts, spent: amounts })),
  /** auctions in which it has bid and whose end it has not learnt from, with their capability */
  bids: z.record(hex32, z.string()),
  /** how often work on a trade was begun; null: it is given up */
  begun: z.record(hex32, z.int().min(1).nullable()),
});
type Notes = z.output<typeof notes>;

/** What an agent has lost sight of is not kept for ever. */
const MOST_KEPT = 4096;
const SAVE_EVERY_MS = 500;

/** The file is written whole, beside itself first: it is never half. Whose daemon forgets nothing needs no more. */
export class Notebook {
  private dirty = false;
  private timer: NodeJS.Timeout | undefined;

  private constructor(
    private readonly file: string,
    private readonly notes: Notes,
  ) {}

  /** That of this agent in this network; another's, or one that cannot be read, is begun anew, and `say` is told. */
  static open(folder: string, chain: string, agent: string, say: (line: string) => void): Notebook {
    const file = join(folder, "notes.json");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const fresh: Notes = { v: 1, chain, agent, since: null, memories: {}, bids: {}, begun: {} };
    if (!existsSync(file)) return new Notebook(file, fresh);
    try {
      const read = notes.parse(JSON.parse(readFileSync(file, "utf8")));
      if (read.chain === chain && read.agent === agent) return new Notebook(file, read);
      say(`${file} is of another network or agent: begun anew`);
    } catch (error) {
      say(`${file} could not be read, and is begun anew: ${messageOf(error)}`);
    }
    return new Notebook(file, fresh);
  }

  get since(): string | null {
    return this.notes.since;
  }

  /** @param id null: nothing is held from so far back */
  heard(id: string | null): void {
    this.notes.since = id;
    this.saveSoon();
  }

  memoryOf(capability: string): Memory {
    return this.notes.memories[capability] ?? NO_MEMORY;
  }

  /** Auctions whose end has still to be learnt from, with their capability. */
  get bids(): readonly (readonly [auction: string, capability: string])[] {
    return Object.entries(this.notes.bids);
  }

  bidIn(auction: string, capability: string): void {
    this.notes.bids[auction] = capability;
    trim(this.notes.bids);
    this.save();
  }

  /** @param memory null: nothing is learnt of it */
  learnt(auction: string, memory: Memory | null): void {
    const capability = this.notes.bids[auction];
    if (capability !== undefined && memory !== null) this.notes.memories[capability] = memory;
    delete this.notes.bids[auction];
    this.save();
  }

  /** Work on this trade begins: how often it now has; null: it was given up. */
  begin(trade: string): number | null {
    const before = this.notes.begun[trade];
    if (before === null) return null;
    const nth = (before ?? 0) + 1;
    this.notes.begun[trade] = nth;
    trim(this.notes.begun);
    this.save();
    return nth;
  }

  giveUp(trade: string): void {
    this.notes.begun[trade] = null;
    this.save();
  }

  over(trade: string): void {
    if (!(trade in this.notes.begun)) return;
    delete this.notes.begun[trade];
    this.saveSoon();
  }

  /** Of other trades nothing is due any more. */
  keepBegun(due: readonly string[]): void {
    const gone = Object.keys(this.notes.begun).filter((trade) => !due.includes(trade));
    for (const trade of gone) this.over(trade);
  }

  /** It did not end by a crash: work that was cut off here does not count as begun. */
  cutOff(trade: string): void {
    const count = this.notes.begun[trade];
    if (count === undefined || count === null) return;
    if (count > 1) this.notes.begun[trade] = count - 1;
    else delete this.notes.begun[trade];
    this.save();
  }

  close(): void {
    if (this.dirty) this.save();
  }

  private saveSoon(): void {
    this.dirty = true;
    this.timer ??= setTimeout(() => this.save(), SAVE_EVERY_MS).unref();
  }

  private save(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.dirty = false;
    const text = JSON.stringify(this.notes, (_, value) =>
      typeof value === "bigint" ? String(value) : value,
    );
    const beside = `${this.file}.new`;
    mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 });
    try {
      writeFileSync(beside, `${text}\n`, { mode: 0o600 });
      renameSync(beside, this.file);
    } catch (error) {
      rmSync(beside, { force: true });
      throw error;
    }
  }
}

/** The oldest go first: keys of an object that are no numbers stand in the order in which they came. */
function trim(record: Record<string, unknown>): void {
  const keys = Object.keys(record);
  for (const key of keys.slice(0, Math.max(0, keys.length - MOST_KEPT))) delete record[key];
}
