// The routes of the contract, each with its handler, put before a server.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { FastifyBaseLogger, FastifyInstance, FastifySchema, RawServerDefault } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { problemDocument, ROUTES, type Route, type RouteName, type Routes } from "../contract/index.js";
import { type Answers, type Ask, askOf, type Serving } from "./answer.js";
import { AGENT_ANSWERS } from "./answers/agent.js";
import { AUCTION_ANSWERS } from "./answers/auction.js";
import { BID_ANSWERS } from "./answers/bid.js";
import { BUDGET_ANSWERS } from "./answers/budget.js";
import { EVENT_ANSWERS } from "./answers/event.js";
import { GATEWAY_ANSWERS } from "./answers/gateway.js";
import { GATEWAY_AGENT_ANSWERS } from "./answers/gateway-agents.js";
import { HANDOVER_ANSWERS } from "./answers/handover.js";
import { HISTORY_ANSWERS } from "./answers/history.js";
import { LEASE_ANSWERS } from "./answers/lease.js";
import { NODE_ANSWERS } from "./answers/node.js";
import { QUORUM_ANSWERS } from "./answers/quorum.js";
import { SLASH_ANSWERS } from "./answers/slash.js";
import { TRADE_ANSWERS } from "./answers/trade.js";
import { WALLET_ANSWERS } from "./answers/wallet.js";

/** Fastify that takes the types of requests and answers from their zod schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

const ANSWERS: Answers<Routes> = {
  ...NODE_ANSWERS,
  ...AGENT_ANSWERS,
  ...AUCTION_ANSWERS,
  ...BID_ANSWERS,
  ...TRADE_ANSWERS,
  ...LEASE_ANSWERS,
  ...HANDOVER_ANSWERS,
  ...WALLET_ANSWERS,
  ...BUDGET_ANSWERS,
  ...QUORUM_ANSWERS,
  ...SLASH_ANSWERS,
  ...HISTORY_ANSWERS,
  ...EVENT_ANSWERS,
  ...GATEWAY_ANSWERS,
  ...GATEWAY_AGENT_ANSWERS,
};

/** Serves every route of the contract. */
export function serveRoutes(app: Api, serving: Serving): void {
  for (const name of Object.keys(ROUTES) as RouteName[]) {
    const route: Route = ROUTES[name];
    const answer = ANSWERS[name] as (ask: Ask<Route>) => Promise<unknown>;
    app.route({
      method: route.method,
      url: route.path,
      schema: schemaOf(route),
      config: { takesBytes: route.takesBytes === true },
      handler: (request, reply) => answer(askOf(serving, request, reply)),
    });
  }
}

/** What the server keeps beside a route. */
declare module "fastify" {
  interface FastifyContextConfig {
    takesBytes?: boolean;
  }
}

const schemaOf = ({ tag, summary, description, params, query, body, ...route }: Route): FastifySchema => ({
  tags: [tag],
  summary,
  ...(description === undefined ? {} : { description }),
  ...(params === undefined ? {} : { params }),
  ...(query === undefined ? {} : { querystring: query }),
  ...(body === undefined ? {} : { body }),
  response: responsesOf(route),
});

function responsesOf({
  answer,
  status,
  orStatus,
  media,
}: Pick<Route, "answer" | "status" | "orStatus" | "media">) {
  const [description, type] = media === undefined ? ["events", "text/event-stream"] : ["a text", media];
  const stream = { description, content: { [type]: { schema: z.string() } } };
  return {
    [status]: answer ?? stream,
    default: problemDocument,
    ...(orStatus === undefined ? {} : { [orStatus]: answer }),
  };
}
