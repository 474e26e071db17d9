// `mabeam db …`.
import { arg, configOption, flag, type Group, homeOption, jsonOption } from "../leaf.js";
import { path } from "../parse.js";

const load = () => import("../commands/db.js");
const loadBackup = () => import("../commands/db-backup.js");
const loadRebuild = () => import("../commands/db-rebuild.js");
const where = [homeOption(), configOption(), jsonOption()];

export const DB: Group = {
  says: "the store of a daemon that is stopped",
  rows: [
    {
      words: "stats",
      says: "rows and bytes by kind, the log's heights, room on the disk",
      flags: where,
      alone: async () => (await load()).stats,
    },
    {
      words: "verify",
      says: "read every row: seals, the log's links, the state's root, the guard; nothing is changed",
      flags: where,
      alone: async () => (await load()).verify,
    },
    {
      words: "rebuild",
      says: "make history again from the log: prices, slashes, what own agents paid and were paid",
      flags: [
        ...where,
        flag("--let-go", "where the log does not reach back to height 1: let go of rows that cannot be read"),
      ],
      help: "It executes the whole log, and needs all of it: a daemon keeps it with --keep all. Each row is replaced by the\nright one and by nothing else: whatever ends this, no row is lost, and it may be run again.",
      alone: async () => (await loadRebuild()).rebuild,
    },
    {
      words: "compact",
      says: "give the disk back what deleted rows still hold of it",
      flags: where,
      alone: async () => (await load()).compact,
    },
    {
      words: "backup",
      says: "write the store and its genesis to one file, sealed bids and their salts included; keys are not in it",
      args: [arg("<file>", "a new file", path)],
      flags: where,
      help: "A backup is an old memory. A seat that is restored from one signs nothing until the others have told it\nwhat it signed since; with one or two members only `mabeam quorum override-amnesia` ends that.",
      alone: async () => (await loadBackup()).backup,
    },
    {
      words: "restore",
      says: "make the store of a data folder without one from a backup; a seat then begins in amnesia",
      args: [arg("<file>", "what `db backup` wrote", path)],
      flags: [...where, flag("--chain <hash>", "the network it must be of")],
      alone: async () => (await loadBackup()).restore,
    },
  ],
};
