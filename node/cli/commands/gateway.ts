// `gateway`: the daemon of a network of one with a gateway in it, until a signal or `stop` ends it.
import { Accident } from "../../accident.js";
import { DEV_HOME } from "../../config/paths.js";
import { shellWord } from "../../shell-word.js";
import { EXIT } from "../commands.js";
import { CliFailure } from "../failure.js";
import type { Terminal } from "../terminal.js";
import { daemonOptionsOf } from "./daemon.js";
import { type GatewayFlags, optionsOf } from "./gateway-flags.js";
import { GatewayTeller } from "./gateway-lines.js";

export async function gateway(terminal: Terminal, flags: GatewayFlags): Promise<void> {
  const options = optionsOf(flags);
  const teller = new GatewayTeller(terminal, flags.json === true, options);
  const home = flags.home ?? (process.env.MABEAM_HOME || DEV_HOME);
  // The gateway listens where --listen says: of a daemon's own flags that one is for peers, of whom there are none.
  const { listen: _, ...own } = flags;
  const { runGateway } = (await import(
    new URL("../../gateway-daemon.js", import.meta.url).href
  )) as typeof import("../../gateway-daemon.js");
  try {
    await runGateway(daemonOptionsOf(terminal, { ...own, home }), { options, teller });
  } catch (error) {
    throw heldBy(error, home);
  } finally {
    teller.flush();
  }
}

/** A daemon that holds the folder is all that a gateway needs besides itself. */
function heldBy(error: unknown, home: string): unknown {
  if (!(error instanceof Accident) || error.code !== "LOCK_HELD") return error;
  const fix = `stop it with \`mabeam stop --home ${shellWord(home)}\`: a gateway is that daemon, and more; or give it another folder with --home`;
  return new CliFailure(
    EXIT.busy,
    error.code,
    "could not start the gateway",
    `${error.what}: ${error.why}`,
    fix,
  );
}
