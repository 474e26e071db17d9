// Routes about the process and its connections.
import type { z } from "zod";
import { type Api, answers, backendOf, onlyPeer, peerNumber, type RouteContext } from "../context.js";
import { within } from "../deadline.js";
import { asList, wholePage } from "../paging.js";
import { refusalProblem } from "../refusal.js";
import {
  asDocument,
  connectRequest,
  emptyRequest,
  healthDocument,
  nodeDocument,
  peerDocument,
  peerListDocument,
  peerView,
  readinessDocument,
  stoppingDocument,
} from "../shape/index.js";

export function nodeRoutes(app: Api, context: RouteContext): void {
  app.get("/v1/node", read("This peer: who it is and how it stands", nodeDocument), async (request) => {
    const view = await backendOf(context, request).node();
    const place = { peer: peerNumber(request), peerCount: context.host.peerCount };
    return asDocument("Node", { ...view, ...place });
  });

  app.get("/v1/peers", read("The peers it is connected to", peerListDocument), async (request) => {
    const peers = wholePage(await backendOf(context, request).peers());
    return asList("PeerList", peerView, peers, (one) => one.peerId, context.onUnshown);
  });

  app.post(
    "/v1/peers",
    {
      schema: {
        tags: ["node"],
        summary: "Connect to a peer",
        querystring: onlyPeer,
        body: connectRequest,
        response: answers(200, peerDocument),
      },
    },
    async (request, reply) => {
      const backend = backendOf(context, request);
      const dialled = context.idempotency.once(request, reply, peerNumber(request), () =>
        backend.connect(request.body.address),
      );
      const result = await within(context.commandMs, dialled);
      if (!result.ok) throw refusalProblem(result.refusal);
      return asDocument("Peer", result.peer);
    },
  );

  app.post(
    "/v1/node/stop",
    {
      schema: {
        tags: ["node"],
        summary: "Stop the process in good order",
        querystring: onlyPeer,
        body: emptyRequest,
        response: answers(202, stoppingDocument),
      },
    },
    async (_request, reply) => {
      reply.raw.once("finish", () => context.host.stop());
      reply.code(202);
      return asDocument("Stopping", { pid: process.pid });
    },
  );
}

const read = <S extends z.ZodType>(summary: string, document: S) => ({
  schema: { tags: ["node"], summary, querystring: onlyPeer, response: answers(200, document) },
});

/** Unversioned routes for whoever supervises the process. They never tell more than their names say. */
export function probeRoutes(app: Api, context: RouteContext): void {
  app.get(
    "/healthz",
    {
      schema: {
        tags: ["probes"],
        summary: "Whether the process answers",
        response: answers(200, healthDocument),
      },
    },
    async () => asDocument("Health", { status: "ok" as const }),
  );

  app.get(
    "/readyz",
    {
      schema: {
        tags: ["probes"],
        summary: "Whether peer 0 acts on the present state of the log",
        response: { ...answers(200, readinessDocument), 503: readinessDocument },
      },
    },
    async (_request, reply) => {
      const state = await context.host.peer(0)?.readiness();
      const answer = state ?? { ready: false, missing: ["peer 0"] };
      reply.code(answer.ready ? 200 : 503);
      return asDocument("Readiness", answer);
    },
  );
}
