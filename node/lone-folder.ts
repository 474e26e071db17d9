// Whether a data folder may hold a network of one: asked before anything is written there.
import { existsSync } from "node:fs";
import { Accident } from "./accident.js";
import type { HomePaths } from "./config/paths.js";
import { SEAT_KEY } from "./daemon-keys.js";
import { listKeys } from "./keys/index.js";

/** A network of one has its genesis and its seat's key in one folder. @throws Accident OTHER_NETWORK, KeyError */
export function refuseOthersNetwork({ home, genesisFile, networkFile, keys }: HomePaths): void {
  const isFounded = existsSync(genesisFile);
  const isOwn = isFounded ? listKeys(keys).some(({ name }) => name === SEAT_KEY) : !existsSync(networkFile);
  if (isOwn) return;
  throw new Accident(
    "OTHER_NETWORK",
    "could not start a network of one",
    `${home} belongs to a network of others`,
    "start its daemon with `mabeam daemon`, or give the network of one another folder with --home",
  );
}
