// Routes about money, and about the quorum that orders its movements.
import { Buffer } from "node:buffer";
import { z } from "zod";
import { toHex } from "../../../src/base/index.js";
import {
  type Api,
  actingAgent,
  agentNamed,
  answers,
  backendOf,
  bytesOf,
  feeOf,
  grant,
  onlyPeer,
  pagedByHeight,
  pagedById,
  pagedByPlace,
  peerQuery,
  type RouteContext,
  slashNamed,
  slashUnknown,
  wishFor,
} from "../context.js";
import { asList, wholePage } from "../paging.js";
import { problem } from "../problem.js";
import {
  asDocument,
  envelopeRequest,
  faucetRequest,
  hex32,
  hexPrefix,
  logEntryListDocument,
  logEntryView,
  memberListDocument,
  memberView,
  movementListDocument,
  movementView,
  overrideAmnesiaRequest,
  quorumDocument,
  raiseRequest,
  receiptDocument,
  slashDocument,
  slashListDocument,
  slashView,
  transferRequest,
  walletDocument,
} from "../shape/index.js";

const byId = z.strictObject({ ...peerQuery, ...pagedById });
const byHeight = z.strictObject({ ...peerQuery, ...pagedByHeight });

export function walletRoutes(app: Api, context: RouteContext): void {
  app.get(
    "/v1/wallet",
    {
      schema: {
        tags: ["wallet"],
        summary: "What an agent owns, free and locked",
        querystring: z.strictObject({ ...peerQuery, agent: hexPrefix.optional() }),
        response: answers(200, walletDocument),
      },
    },
    async (request) => {
      const backend = backendOf(context, request);
      const { agent } = request.query;
      const id = await (agent === undefined ? actingAgent(backend, undefined) : agentNamed(backend, agent));
      const wallet = await backend.wallet(id);
      if (wallet === null) throw problem("AGENT_UNKNOWN", `the agent ${toHex(id)} has no account yet`);
      return asDocument("Wallet", wallet);
    },
  );

  app.get(
    "/v1/wallet/history",
    {
      schema: {
        tags: ["wallet"],
        summary: "What an agent of this daemon paid and was paid, newest first",
        querystring: z.strictObject({ ...peerQuery, ...pagedByPlace, agent: hex32.optional() }),
        response: answers(200, movementListDocument),
      },
    },
    async (request) => {
      const { cursor = null, limit, agent } = request.query;
      const backend = backendOf(context, request);
      const page = await backend.movements(await actingAgent(backend, agent), { cursor, limit });
      return asList("MovementList", movementView, page, (one) => one.id, context.onUnshown);
    },
  );

  app.post("/v1/wallet/transfers", writeOf("wallet", "Send credits", transferRequest), (request, reply) =>
    grant(context, request, reply, async (backend) => {
      const from = await actingAgent(backend, request.body.agent);
      const wish = { action: "transfer", agent: toHex(from) } as const;
      const { to, amount, fee } = request.body;
      const payment = { to: bytesOf(to), amount: BigInt(amount), ...feeOf(fee) };
      return wishFor(backend, wish, { kind: "transfer", from, ...payment });
    }),
  );

  app.post(
    "/v1/wallet/raises",
    writeOf("wallet", "Raise the fee of an operation that waits", raiseRequest),
    (request, reply) =>
      grant(context, request, reply, async (backend) => {
        const { operation, fee } = request.body;
        const command = { kind: "raiseFee", operation: bytesOf(operation), ...feeOf(fee) } as const;
        return wishFor(backend, { action: "raiseFee" }, command);
      }),
  );

  app.post(
    "/v1/envelopes",
    writeOf("wallet", "Hand in an operation that was signed elsewhere", envelopeRequest),
    (request, reply) =>
      grant(context, request, reply, async (backend) => {
        const bytes = Uint8Array.from(Buffer.from(request.body.operation, "base64"));
        return wishFor(backend, { action: "submit" }, { kind: "submit", bytes });
      }),
  );

  app.post(
    "/v1/testnet/faucet",
    writeOf("testnet", "Have the testnet's faucet grant credits", faucetRequest),
    (request, reply) =>
      grant(context, request, reply, async (backend) => {
        const to = await actingAgent(backend, request.body.to);
        const amount = request.body.amount === undefined ? null : BigInt(request.body.amount);
        const wish = { action: "faucet", agent: toHex(to) } as const;
        return { wish, run: () => backend.faucet(to, amount) };
      }),
  );
}

export function quorumRoutes(app: Api, context: RouteContext): void {
  app.get(
    "/v1/quorum",
    read("The quorum, and how this peer stands in it", onlyPeer, quorumDocument),
    async (request) => asDocument("Quorum", await backendOf(context, request).quorum()),
  );

  app.post(
    "/v1/quorum/override-amnesia",
    writeOf("quorum", "Let a seat in amnesia sign again", overrideAmnesiaRequest),
    (request, reply) =>
      grant(context, request, reply, async (backend) => {
        const { force = false } = request.body;
        return wishFor(backend, { action: "overrideAmnesia" }, { kind: "overrideAmnesia", force });
      }),
  );

  app.get(
    "/v1/quorum/members",
    read("The seats and who holds them", onlyPeer, memberListDocument),
    async (request) => {
      const members = wholePage(await backendOf(context, request).members());
      return asList("MemberList", memberView, members, (one) => String(one.seat), context.onUnshown);
    },
  );

  app.get(
    "/v1/quorum/log",
    read("Final entries of the log, newest first", byHeight, logEntryListDocument),
    async (request) => {
      const { cursor = null, limit } = request.query;
      const page = await backendOf(context, request).log({ cursor, limit });
      return asList("LogEntryList", logEntryView, page, (one) => one.id, context.onUnshown);
    },
  );

  app.get("/v1/slashes", read("Who was slashed, newest first", byId, slashListDocument), async (request) => {
    const { cursor = null, limit } = request.query;
    const page = await backendOf(context, request).slashes({ cursor, limit });
    return asList("SlashList", slashView, page, (one) => one.id, context.onUnshown);
  });

  app.get(
    "/v1/slashes/:id",
    {
      schema: {
        tags: ["quorum"],
        summary: "One slash with its evidence",
        params: z.strictObject({ id: hexPrefix }),
        querystring: onlyPeer,
        response: answers(200, slashDocument),
      },
    },
    async (request) => {
      const backend = backendOf(context, request);
      const { id } = request.params;
      const slash = await backend.slash(await slashNamed(backend, id));
      if (slash === null) throw slashUnknown(id);
      return asDocument("Slash", slash);
    },
  );
}

const read = <Q extends z.ZodType, S extends z.ZodType>(summary: string, querystring: Q, document: S) => ({
  schema: { tags: ["quorum"], summary, querystring, response: answers(200, document) },
});

const writeOf = <B extends z.ZodType>(tag: string, summary: string, body: B) => ({
  schema: { tags: [tag], summary, querystring: onlyPeer, body, response: answers(202, receiptDocument) },
});
