// `mabeam key …`.
import { arg, configOption, flag, type Group, homeOption, jsonOption } from "../leaf.js";
import { duration, path } from "../parse.js";

const load = () => import("../commands/key.js");
const where = [homeOption(), configOption(), jsonOption()];
const guard = [
  flag("--passphrase-file <file>", "the passphrase (default: MABEAM_PASSPHRASE)", path),
  flag("--insecure-plain-keys", "keep the key unencrypted"),
];
const kind = flag("--kind <kind>", "what it is for").choices(["agent", "consensus", "peer"]).default("agent");

export const KEY: Group = {
  says: "the keys of the data folder",
  rows: [
    {
      words: "list",
      says: "names and public keys",
      flags: where,
      alone: async () => (await load()).list,
    },
    {
      words: "create",
      says: "make a key",
      args: [arg("<name>")],
      flags: [kind, ...where, ...guard],
      alone: async () => (await load()).create,
    },
    {
      words: "header",
      says: "print the header field by which an agent says to a gateway that requests are its own",
      args: [arg("<name>", "of the agent's key: `agent` is the daemon's own")],
      flags: [
        flag("--for <duration>", "how long it holds, at most 31d", duration).default(86_400_000, "1d"),
        ...where,
        flag("--passphrase-file <file>", "the passphrase (default: MABEAM_PASSPHRASE)", path),
      ],
      alone: async () => (await load()).header,
    },
    {
      words: "import",
      says: "store an exported key",
      args: [arg("<name>"), arg("<file>", "what `key export` printed")],
      flags: [
        ...where,
        ...guard,
        flag("--file-passphrase-file <file>", "the passphrase of the exported key (default: the same)", path),
      ],
      alone: async () => (await load()).importFile,
    },
    {
      words: "export",
      says: "print a key, protected, for another machine",
      args: [arg("<name>")],
      flags: [...where, ...guard],
      alone: async () => (await load()).exportToOut,
    },
  ],
};
