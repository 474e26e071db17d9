// The stream of events.
import type { EVENT_ROUTES } from "../../contract/index.js";
import type { Answers } from "../answer.js";

export const EVENT_ANSWERS: Answers<typeof EVENT_ROUTES> = {
  async events({ peer, query, request, reply, serving }) {
    await serving.streams.serve(peer.events, request, reply, query);
  },
};
