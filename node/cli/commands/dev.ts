// `dev`: a network of one, founded in this folder the first time, and resumed later.
import { DEV_HOME } from "../../config/paths.js";
import type { Terminal } from "../terminal.js";
import { type DaemonFlags, runDaemonWith } from "./daemon.js";

export async function dev(terminal: Terminal, flags: DaemonFlags): Promise<void> {
  const { layLoneNetwork } = (await import(
    new URL("../../lone-network.js", import.meta.url).href
  )) as typeof import("../../lone-network.js");
  const home = flags.home ?? (process.env.MABEAM_HOME || DEV_HOME);
  await runDaemonWith(terminal, { ...flags, home }, { lay: layLoneNetwork });
}
