// `mabeam config …`.
import { configOption, flag, type Group, homeOption, jsonOption } from "../leaf.js";

const load = () => import("../commands/config.js");
const where = [homeOption(), configOption(), jsonOption()];

export const CONFIG: Group = {
  says: "the settings and where they come from",
  rows: [
    {
      words: "show",
      says: "every setting",
      flags: [flag("--origin", "and where its value came from"), ...where],
      alone: async () => (await load()).show,
    },
    {
      words: "path",
      says: "the files and folders in use",
      flags: where,
      alone: async () => (await load()).path,
    },
    {
      words: "validate",
      says: "whether the configuration can be taken",
      flags: where,
      alone: async () => (await load()).validate,
    },
  ],
};
