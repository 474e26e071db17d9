// `mabeam status`, `id`, `stop`, `peers …`: how the daemon is.
import { arg, type Group, type Row } from "../leaf.js";

const load = () => import("../commands/node.js");

export const NODE: readonly Row[] = [
  { words: "status", says: "how the daemon is", asks: async () => (await load()).status },
  {
    words: "id",
    says: "who this daemon is: its peer, its agents, its addresses",
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
