// `mabeam status`, `id`, `stop`, `peers …`: how the daemon is.
import { arg, flag, type Group, type Row } from "../leaf.js";
import { credits, networkName, path, repeated } from "../parse.js";

const load = () => import("../commands/node.js");

export const NODE: readonly Row[] = [
  { words: "status", says: "how the daemon is", asks: async () => (await load()).status },
  {
    words: "id",
    says: "who this daemon is: its peer, its agents, its addresses; or with --seat who it will be in a network to found",
    flags: [
      flag(
        "--seat",
        "make this folder's keys and its member file, which a founder needs; no daemon is asked",
      ),
      flag("--address <multiaddr>", "with --seat: where others dial this peer; may be repeated", repeated),
      flag("--network <name>", "with --seat: the name of the only network that the file is for", networkName),
      flag("--bond <credits>", "with --seat: what shall answer for the seat (default: the least)", credits),
      flag("--out <file>", "with --seat: write the member file there as well", path),
      flag("--insecure-plain-keys", "with --seat: keep keys unencrypted"),
      flag("--passphrase-file <file>", "with --seat: a file of one line, the passphrase of the keys", path),
    ],
    instead: { flag: "seat", alone: async () => (await import("../commands/network.js")).seat },
    asks: async () => (await load()).identity,
  },
  { words: "stop", says: "end the daemon in good order", asks: async () => (await load()).stop },
];

export const PEERS: Group = {
  says: "the peers it is connected to",
  rows: [
    { words: "list", says: "list them", isDefault: true, asks: async () => (await load()).peers },
    {
      words: "connect",
      says: "dial another peer",
      args: [arg("<multiaddr>", "its address")],
      asks: async () => (await load()).connect,
    },
  ],
};
