// Whether a data folder may hold a network of one: asked before anything is written there.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Accident } from "./accident.js";
import type { HomePaths } from "./config/paths.js";

/** Of the key of a seat. Only whether it is there is asked here, without the modules that open it. */
const SEAT_KEY_FILE = "consensus.json";

/** A network of one has its genesis and its seat's key in one folder. @throws Accident OTHER_NETWORK, GENESIS_LOST */
export function refuseOthersNetwork({ home, genesisFile, networkFile, memberFile, keys }: HomePaths): void {
  const isFounded = existsSync(genesisFile);
  const hasSeat = existsSync(join(keys, SEAT_KEY_FILE));
  const isOwn = isFounded ? hasSeat : !existsSync(networkFile) && !existsSync(memberFile);
  if (isOwn) return;
  if (!isFounded && existsSync(memberFile) && !existsSync(networkFile))
    throw new Accident(
      "OTHER_NETWORK",
      "could not start a network of one",
      `${home} has given out its member file, and waits for the network that it is for`,
      "start its daemon with `mabeam daemon --genesis <file>`, or give the network of one another folder with --home",
    );
  if (hasSeat)
    throw new Accident(
      "GENESIS_LOST",
      "could not start the network of one",
      `${home} has its keys and its log, and ${genesisFile} is gone: nothing else says how it began`,
      "put the file back from a backup (of a network of others `mabeam daemon` fetches it), or begin anew in another folder with --home",
    );
  throw new Accident(
    "OTHER_NETWORK",
    "could not start a network of one",
    `${home} belongs to a network of others`,
    "start its daemon with `mabeam daemon`, or give the network of one another folder with --home",
  );
}
