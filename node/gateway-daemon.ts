// A gateway and the daemon that it is one with: it serves first, and the peer starts behind it.
import type { Command } from "../src/peer/event.js";
import type { HostedPeer } from "./api/index.js";
import type { Places } from "./banner.js";
import type { DaemonOptions } from "./cli/commands.js";
import type { DaemonPart, GatewayPart } from "./daemon.js";
import type { DaemonKeys } from "./daemon-keys.js";
import { Books, type BooksRules } from "./gateway/books/books.js";
import { MemoryDisk } from "./gateway/books/memory-disk.js";
import type { LedgerSide } from "./gateway/budgets/settler.js";
import type { HostedEvent } from "./gateway/hosted-event.js";
import { type GatewayTerms, HostedGateway } from "./gateway/hosted-gateway.js";
import { NamedAgents } from "./gateway/named/named-agents.js";
import type { GivenShared } from "./gateway/shared/given.js";
import { type HeldFolder, holdFolder, keySourcesOf } from "./held-folder.js";
import { refuseOthersNetwork } from "./lone-folder.js";

export interface GatewayProgram {
  /** what it serves and how, and what happens while its books cannot be written */
  readonly options: GatewayTerms & Pick<BooksRules, "fail">;
  /** with gateways of which other owners; null: it has the key alone, on a network of one */
  readonly shared: GivenShared | null;
  /** says what happens in it */
  readonly teller: {
    happened(event: HostedEvent): void;
    /** @param answers that still run */
    ending(answers: number): void;
    ready(running: HostedGateway, places: Places, waitsFor: string | null): void;
  };
}

/** Runs a peer in a folder until it is told to end. */
export type RunPeer = (held: HeldFolder, options: DaemonOptions, part: DaemonPart) => Promise<void>;

/**
 * Runs a gateway with its daemon until a signal or its API stops it. Clients are answered before the peer has begun; what
 * keeps the peer from starting ends the gateway.
 * @throws Accident, KeyError, LockError for everything that keeps either from starting
 */
export async function runGateway(
  options: DaemonOptions,
  program: GatewayProgram,
  runPeer: RunPeer = program.shared === null ? runLonePeer : runPeerOfMany,
): Promise<void> {
  const held = await holdFolder(options);
  try {
    if (program.shared === null) refuseOthersNetwork(held.config.paths);
    const running = await serveFrom(held, program);
    // Those that wait are sent away at once, though the peer may not have begun. What goes wrong with it is heard below.
    const stop = () => {
      program.teller.ending(running.counts.running);
      void running.close().catch(() => undefined);
    };
    held.stopping.addEventListener("abort", stop);
    if (held.stopping.aborted) stop();
    try {
      await runPeer(held, options, { gateway: partOf(running, program) });
    } finally {
      await running.close();
    }
  } finally {
    await held.lock.release();
  }
}

async function serveFrom({ config }: HeldFolder, program: GatewayProgram): Promise<HostedGateway> {
  const { paths, settings } = config;
  const named = NamedAgents.open(settings.inMemory ? null : paths.gatewayAgentsFile);
  const disk = settings.inMemory ? new MemoryDisk() : paths.gatewayBooks;
  const books = await Books.open(disk, Date.now(), { fail: program.options.fail });
  try {
    return await HostedGateway.start({ ...program.options, named, books }, Date.now, (event) =>
      program.teller.happened(event),
    );
  } catch (error) {
    await books.close();
    throw error;
  }
}

const partOf = (running: HostedGateway, program: GatewayProgram): GatewayPart => ({
  running,
  async join(peer: HostedPeer, keyOf, node) {
    if (program.shared !== null) {
      const { shareKey } = await import("./shared-gateway.js");
      await shareKey(running, program.shared, node, peer, (event) => program.teller.happened(event));
      return;
    }
    // Of the peer's modules, which are read by now: nothing of them is needed to serve.
    const { LedgerBudgets } = await import("./gateway/budgets/ledger-budgets.js");
    const { BudgetSettler } = await import("./gateway/budgets/settler.js");
    const side: LedgerSide = {
      get state() {
        return peer.state;
      },
      command: (command: Command) => peer.node.command(command),
      owner: peer.around.defaultAgent,
      keyOf: async (name) => (await keyOf(name)).key,
      nowMs: Date.now,
    };
    running.join(new LedgerBudgets(() => peer.state), new BudgetSettler(running.named, side));
  },
  ready(places, waitsFor) {
    program.teller.ready(running, places, waitsFor);
    running.keepBudgets();
  },
});

/** The daemon of a network that its folder belongs to. */
const runPeerOfMany: RunPeer = async (held, options, part) => {
  const { runHeld } = await import("./daemon.js");
  await runHeld(held, options, part);
};

/** The daemon of a network of one. Its keys are opened while its modules are read: that is another thread's work. */
const runLonePeer: RunPeer = async (held, options, part) => {
  const keys = laid(held);
  keys.catch(() => undefined);
  const { runHeld } = await import("./daemon.js");
  await runHeld(held, options, { ...part, lay: () => keys });
};

async function laid(held: HeldFolder): Promise<DaemonKeys> {
  const { layLoneNetwork } = await import("./lone-network.js");
  return layLoneNetwork(held.config.paths, keySourcesOf(held), Date.now());
}
