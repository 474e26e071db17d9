// The openings of an agent with its own key: what shows its sealed bids, on disk before anybody hears of them.
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { amount, base64, hex32 } from "../../contract/index.js";

const kept = z.strictObject({
  capability: z.string(),
  amount,
  units: z.int().min(1).nullable(),
  /** the signed commit: handed in again it is the same one */
  commit: base64,
});
export type KeptOpening = z.output<typeof kept>;
const file = z.strictObject({ v: z.literal(1), openings: z.record(hex32, kept) });

export class Openings {
  private constructor(
    private readonly folder: string,
    private readonly openings: Record<string, KeptOpening>,
  ) {}

  /** @throws SyntaxError, ZodError: a file that cannot be read is never begun anew, since lockups hang on it */
  static open(folder: string): Openings {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, "openings.json");
    return new Openings(
      folder,
      existsSync(path) ? file.parse(JSON.parse(readFileSync(path, "utf8"))).openings : {},
    );
  }

  get all(): readonly (readonly [auction: string, opening: KeptOpening])[] {
    return Object.entries(this.openings);
  }

  of(auction: string): KeptOpening | null {
    return this.openings[auction] ?? null;
  }

  /** It is on disk when this returns. */
  keep(auction: string, opening: KeptOpening): void {
    this.openings[auction] = opening;
    this.save();
  }

  drop(auction: string): void {
    if (!(auction in this.openings)) return;
    delete this.openings[auction];
    this.save();
  }

  private save(): void {
    const path = join(this.folder, "openings.json");
    const beside = openSync(`${path}.new`, "w", 0o600);
    try {
      writeSync(beside, `${JSON.stringify({ v: 1, openings: this.openings })}\n`);
      fsyncSync(beside);
    } finally {
      closeSync(beside);
    }
    renameSync(`${path}.new`, path);
  }
}
