// Beginning to listen for peers, and what keeps a host from it, said to whoever chose the addresses.
import { Accident, messageOf } from "../accident.js";
import type { Host } from "./host.js";

/**
 * Starts a host on the addresses it was made with.
 * @throws Accident PORT_TAKEN when another process listens there, ADDRESS_UNUSABLE when this machine cannot
 */
export async function startListening(host: Host, listen: readonly string[]): Promise<void> {
  try {
    await host.start();
  } catch (error) {
    await host.stop();
    throw accidentOf(messageOf(error), listen, error);
  }
}

/** Libp2p joins the system's errors, address by address, into one text. */
function accidentOf(text: string, listen: readonly string[], error: unknown): Accident {
  const what = `could not listen for peers at ${listen.join(", ")}`;
  const taken = /EADDRINUSE.* (\S+)$/m.exec(text);
  if (taken !== null) {
    const fix =
      "choose another address with --listen (tcp/0 takes any free port), or stop what listens there";
    return new Accident("PORT_TAKEN", what, `${taken[1]} is taken`, fix, error);
  }
  const why = text.split("\n").slice(0, 2).join(" ").trim();
  const fix = "name an address of this machine with --listen, such as /ip4/127.0.0.1/tcp/0";
  return new Accident("ADDRESS_UNUSABLE", what, why, fix, error);
}
