// `status`, `id`, `peers`, `peers connect`, `stop`.
import { setTimeout as wait } from "node:timers/promises";
import type { NodeView } from "../../contract/index.js";
import { EXIT } from "../commands.js";
import { exitOf, usageFailure } from "../failure.js";
import type { Session } from "../session.js";
import { clock, labelled, painter, table } from "../show.js";

const KEYS: Readonly<Record<NodeView["keys"], string>> = {
  encrypted: "encrypted",
  "passphrase-beside": "encrypted, their passphrase beside them",
  plain: "unencrypted",
  public: "test keys, publicly known",
};

const STOP_POLL_MS = 100;

export async function status(session: Session): Promise<void> {
  const node = await session.client.ask("node", {}, "could not ask for the status");
  session.show(node, () => {
    labelled(session.terminal, statusRows(node, session.client.address.url));
    const paint = painter(session.terminal);
    for (const warning of node.warnings) session.terminal.err(paint.yellow(`warning: ${warning}`));
  });
}

function statusRows(node: NodeView, url: string): (readonly [string, string | null])[] {
  const place = node.peerCount > 1 ? ` (peer ${node.peer} of ${node.peerCount})` : "";
  const behind = node.networkHeight === null ? "" : `, network at ${node.networkHeight}`;
  const { members, byzantineTolerance } = node.quorum;
  return [
    ["Peer", node.peerId + place],
    ["Agent", node.agent ?? "none: this daemon holds no agent key"],
    ["Chain", node.chain],
    ["State", `${node.mode} at height ${node.height}${behind}, ledger time ${node.ledgerTime}`],
    ["Seat", node.seat === null ? "none" : String(node.seat)],
    ["Quorum", `${members} members, byzantineTolerance ${byzantineTolerance}`],
    ["Peers", `${node.connections} connected`],
    ["API", url],
    ["Storage", node.home === null ? node.storage : `${node.storage} in ${node.home}`],
    ["Keys", KEYS[node.keys]],
    ["Process", `${node.pid}, since ${node.startedAt}, version ${node.version}`],
  ];
}

/** Flags of `id` that say something of a seat which is to be founded. */
const OF_SEAT = ["address", "network", "bond", "out", "insecurePlainKeys", "passphraseFile"] as const;

export async function identity(
  session: Session,
  options: Readonly<Partial<Record<(typeof OF_SEAT)[number], unknown>>>,
): Promise<void> {
  const stray = OF_SEAT.find((name) => options[name] !== undefined);
  if (stray !== undefined)
    throw usageFailure(
      "could not tell who the daemon is",
      `--${stray.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} says something of a seat to be founded`,
      "add --seat, or leave it out",
    );
  const { peerId, agent, agents, seat, addresses, chain } = await session.client.ask(
    "node",
    {},
    "could not ask who the daemon is",
  );
  const document = { apiVersion: "v1", kind: "Identity", peerId, agent, agents, seat, addresses, chain };
  session.show(document, () =>
    labelled(session.terminal, [
      ["Agent", agent ?? "none"],
      ...agents.filter((one) => one !== agent).map((one) => ["", one] as const),
      ["Peer", peerId],
      ["Seat", seat === null ? "none" : String(seat)],
      ...addresses.map((address, i) => [i === 0 ? "Addresses" : "", address] as const),
      ["Chain", chain],
    ]),
  );
}

export async function peers(session: Session): Promise<void> {
  const list = await session.client.ask("peers", {}, "could not ask for the peers");
  session.show(list, () =>
    table(
      session.terminal,
      ["PEER", "SEAT", "DIRECTION", "HEIGHT", "SINCE", "ADDRESS"],
      list.items.map((one) => [
        one.peerId.slice(-12),
        one.seat === null ? "–" : String(one.seat),
        one.direction,
        one.height === null ? "–" : String(one.height),
        clock(one.connectedAt),
        one.address,
      ]),
      "No peer is connected.",
    ),
  );
}

export async function connect(session: Session, _options: object, address: string): Promise<void> {
  const what = `could not connect to ${address}`;
  const peer = await session.client.ask("connect", { body: { address } }, what);
  session.show(peer, () => session.terminal.out(`Connected to ${peer.peerId} at ${peer.address}`));
}

/** Returns once the process no longer answers. */
export async function stop(session: Session): Promise<number> {
  const { client, terminal } = session;
  const stopping = await client.ask("stop", { body: {} }, "could not stop the daemon");
  const untilMs = performance.now() + client.timeoutMs;
  while (await answers(session)) {
    if (performance.now() > untilMs) {
      terminal.err(`The process ${stopping.pid} has begun to stop and has not ended yet.`);
      return EXIT.timeout;
    }
    await wait(STOP_POLL_MS);
  }
  session.show(stopping, () => terminal.out(`Stopped the process ${stopping.pid}`));
  return EXIT.ok;
}

async function answers({ client }: Session): Promise<boolean> {
  try {
    await client.ask("node", {}, "");
    return true;
  } catch (error) {
    return exitOf(error) !== EXIT.unreachable;
  }
}
