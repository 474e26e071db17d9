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
import { sharedOf } from "./gateway-shared.js";

export async function gateway(terminal: Terminal, flags: GatewayFlags): Promise<void> {
  const given = optionsOf(flags);
  const shared = sharedOf(flags, given.key);
  // Of a key that is shared it has no part before the log says so.
  const options = shared === null ? given : { ...given, rules: { ...given.rules, parts: 0 } };
  const teller = new GatewayTeller(terminal, flags.json === true, options);
  const home = flags.home ?? (process.env.MABEAM_HOME || (shared === null ? DEV_HOME : undefined));
  // The gateway listens where --listen says, and its daemon for peers where --peer-listen does.
  const { listen: _, peerListen, ...rest } = flags;
  const own = peerListen === undefined ? rest : { ...rest, listen: peerListen };
  const { runGateway } = (await import(
    new URL("../../gateway-daemon.js", import.meta.url).href
  )) as typeof import("../../gateway-daemon.js");
  try {
    const daemon = daemonOptionsOf(terminal, home === undefined ? own : { ...own, home });
    await runGateway(daemon, { options, shared, teller });
  } catch (error) {
    throw heldBy(error, home);
  } finally {
    teller.flush();
  }
}

/** A daemon that holds the folder is all that a gateway needs besides itself. */
function heldBy(error: unknown, home: string | undefined): unknown {
  if (!(error instanceof Accident) || error.code !== "LOCK_HELD") return error;
  const there = home === undefined ? "" : ` --home ${shellWord(home)}`;
  const fix = `stop it with \`mabeam stop${there}\`: a gateway is that daemon, and more; or give it another folder with --home`;
  return new CliFailure(
    EXIT.busy,
    error.code,
    "could not start the gateway",
    `${error.what}: ${error.why}`,
    fix,
  );
}
