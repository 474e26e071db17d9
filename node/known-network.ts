// Which network the keys of a folder act in: kept beside them, so that who restores the keys alone finds it again.
import { z } from "zod";
import { readText } from "./text-file.js";
import { writeWhole } from "./whole-file.js";

const MAX_KEPT = 32;

const shape = z.strictObject({
  /** the genesis hash, hexadecimal */
  chain: z.string().regex(/^[0-9a-f]{64}$/),
  /** multiaddrs of peers that were there */
  join: z.array(z.string().min(1).max(512)).max(MAX_KEPT),
});
export type KnownNetwork = z.infer<typeof shape>;

/** Null where there is no such file, or it is not what a daemon wrote: flags can say the same. */
export function readNetwork(path: string): KnownNetwork | null {
  try {
    return shape.parse(JSON.parse(readText(path)));
  } catch {
    return null;
  }
}

/** Keeps the first `MAX_KEPT` addresses, each once; writes nothing where that is known already. */
export async function writeNetwork(path: string, chain: string, join: readonly string[]): Promise<void> {
  const text = (network: KnownNetwork) => `${JSON.stringify(network, null, 2)}\n`;
  const next = text({ chain, join: [...new Set(join)].slice(0, MAX_KEPT) });
  const known = readNetwork(path);
  if (known === null || text(known) !== next) await writeWhole(path, next);
}
