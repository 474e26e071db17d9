// Slashes, each with its evidence.
import { asDocument, type SLASH_ROUTES, slashView } from "../../contract/index.js";
import { type Answers, slashNamed, slashUnknown } from "../answer.js";
import { asList } from "../paging.js";

export const SLASH_ANSWERS: Answers<typeof SLASH_ROUTES> = {
  async slashes({ peer, query: { cursor = null, limit }, serving }) {
    const page = await peer.slashes({ cursor, limit });
    return asList("SlashList", slashView, page, (one) => one.id, serving.onUnshown);
  },

  async slash({ peer, params: { id } }) {
    const slash = await peer.slash(await slashNamed(peer, id));
    if (slash === null) throw slashUnknown(id);
    return asDocument("Slash", slash);
  },
};
