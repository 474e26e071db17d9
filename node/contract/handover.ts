// Handover: the goods of a trade, given to the daemon and read from it as bytes, and how far they have come.
import { z } from "zod";
import { document } from "./document.js";
import { peerQuery, type Route, readOne } from "./route.js";
import { count, hex32, hexPrefix } from "./scalar.js";

/** What the buyer gives to work on, and what the performer delivers. */
export const goodsPart = z.enum(["input", "output"]);
export type GoodsPart = z.output<typeof goodsPart>;

export const GOODS_MEDIA = "application/octet-stream";

export const goodsProgress = {
  part: goodsPart,
  /** whether an agent of this daemon's gives it, takes it, or both */
  side: z.enum(["giver", "taker", "both"]),
  /** `waiting`: nothing is offered; `here`: all of it is on this daemon's disk */
  state: z.enum(["waiting", "moving", "stalled", "here"]),
  /** bytes that are here */
  received: count,
  /** bytes in all; null: nothing is offered */
  total: count.nullable(),
  /** of a giver: bytes that have left since the daemon's start */
  sent: count,
  /** what it met last, as a code; it tries again. null: nothing */
  trouble: z.string().nullable(),
};

const partView = z.strictObject({
  ...goodsProgress,
  /** the manifest's, which `deliver` says; null: nothing is offered */
  hash: hex32.nullable(),
  /** what kind of bytes they are, as their giver says */
  media: z.string().nullable(),
});

const handoverDocument = document("Handover", z.strictObject({ trade: hex32, parts: z.array(partView) }));

const goodsDocument = document(
  "Goods",
  z.strictObject({ trade: hex32, part: goodsPart, hash: hex32, size: count, media: z.string() }),
);

const onTrade = { params: z.strictObject({ id: hexPrefix }) };

const give = (part: GoodsPart, summary: string) =>
  ({
    method: "POST",
    path: `/v1/trades/:id/${part}`,
    tag: "trades",
    summary,
    ...onTrade,
    query: z.strictObject({
      ...peerQuery,
      media: z
        .string()
        .regex(/^[\x21-\x7e]{1,100}$/, "up to 100 printable characters")
        .default(GOODS_MEDIA)
        .describe("what kind of bytes they are"),
    }),
    takesBytes: true,
    status: 200,
    answer: goodsDocument,
  }) as const;

const take = (part: GoodsPart, summary: string) =>
  ({
    method: "GET",
    path: `/v1/trades/:id/${part}`,
    tag: "trades",
    summary,
    ...onTrade,
    query: z.strictObject(peerQuery),
    status: 200,
    media: GOODS_MEDIA,
    streamed: true,
    answer: null,
  }) as const;

export const HANDOVER_ROUTES = {
  giveInput: give("input", "Give what the performer is to work on, as the bytes of the body"),
  giveOutput: give("output", "Give what is delivered, before `deliver` says its hash"),
  takeInput: take("input", "What the buyer gave to work on"),
  takeOutput: take("output", "What was delivered, each byte of it as the log's hash says"),
  handover: readOne(
    "trades",
    "/v1/trades/:id/handover",
    "How far the goods of a trade have come",
    handoverDocument,
  ),
} as const satisfies Record<string, Route>;
