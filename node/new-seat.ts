// A new seat: the sign guard of a key that has just been made says durably that it has signed nothing yet.
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { sealGuard } from "../src/quorum/index.js";
import { GUARD_FILE, GuardFile } from "./store/guard-file.js";

/**
 * Gives a store folder the guard record of a seat that has never signed: number 0, no message. Without it an empty
 * store means amnesia (spec/persistence#U5), from which nobody can release a seat of n ≤ 2.
 *
 * To be called by whoever has just made the seat's key, and before the seat's first start; nobody else can know. It
 * never replaces a guard: the first message that the seat signs overwrites the record, and from then on its number
 * agrees with no empty database, so that lost rows are a loss again. Unlike a mark in memory it does not spare the
 * question that every start puts to the others (n ≥ 4): a folder copied before its first start is found out.
 * @param store the folder that `openStore` will be given
 * @returns whether the record was written; false: there is a guard file already
 * @throws StoreError
 */
export async function beginSeat(store: string): Promise<boolean> {
  await mkdir(store, { recursive: true, mode: 0o700 });
  const guard = await GuardFile.open(join(store, GUARD_FILE));
  if (guard.read().kind !== "missing") return false;
  await guard.write(sealGuard({ voteSeq: 0, instance: new Uint8Array(randomBytes(16)), marks: [] }));
  await guard.close();
  return true;
}
