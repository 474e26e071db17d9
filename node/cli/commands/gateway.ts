// `gateway`: the daemon of a network of one with a gateway in it, until a signal or `stop` ends it.
import type { Command } from "../../../src/peer/event.js";
import { Accident } from "../../accident.js";
import { DEV_HOME } from "../../config/paths.js";
import type { GatewayPart } from "../../daemon.js";
import { shellWord } from "../../shell-word.js";
import { EXIT } from "../commands.js";
import { CliFailure } from "../failure.js";
import type { Terminal } from "../terminal.js";
import { runDaemonWith } from "./daemon.js";
import { type GatewayFlags, type GivenOptions, optionsOf } from "./gateway-flags.js";
import { GatewayTeller } from "./gateway-lines.js";

export async function gateway(terminal: Terminal, flags: GatewayFlags): Promise<void> {
  const options = optionsOf(flags);
  const teller = new GatewayTeller(terminal, flags.json === true, options);
  const home = flags.home ?? (process.env.MABEAM_HOME || DEV_HOME);
  const part = { lay: await layer(), gateway: await partOf(options, teller) };
  // The gateway listens where --listen says: of a daemon's own flags that one is for peers, of whom there are none.
  const { listen: _, ...own } = flags;
  await runDaemonWith(terminal, { ...own, home }, part).catch((error) => {
    throw heldBy(error, home);
  });
}

async function layer() {
  const { layLoneNetwork } = (await import(
    new URL("../../lone-network.js", import.meta.url).href
  )) as typeof import("../../lone-network.js");
  return layLoneNetwork;
}

async function partOf(options: GivenOptions, teller: GatewayTeller): Promise<GatewayPart> {
  const { Books, HostedGateway, MemoryDisk, NamedAgents } = (await import(
    new URL("../../gateway/hosted-gateway.js", import.meta.url).href
  )) as typeof import("../../gateway/hosted-gateway.js");
  return {
    async start(peer, paths, keyOf) {
      const isKept = peer.around.home !== null;
      const named = NamedAgents.open(isKept ? paths.gatewayAgentsFile : null);
      const disk = isKept ? paths.gatewayBooks : new MemoryDisk();
      const books = await Books.open(disk, Date.now(), { fail: options.fail });
      const ledger = {
        get state() {
          return peer.state;
        },
        command: (command: Command) => peer.node.command(command),
        owner: peer.around.defaultAgent,
        keyOf: async (name: string) => (await keyOf(name)).key,
        nowMs: Date.now,
      };
      return HostedGateway.start({ ...options, named, books }, ledger, (event) => teller.happened(event));
    },
    ready(running, places, waitsFor) {
      teller.ready(running, places, waitsFor);
      running.keepBudgets();
    },
  };
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
