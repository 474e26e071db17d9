// An offer is judged by each thing that it must say, and nothing is taken of one that is not what was wanted.
import { describe, expect, it } from "vitest";
import { agentKey } from "../../node/crypto/signer.js";
import { SignatureVerifier } from "../../node/crypto/verifier.js";
import { decode, encode } from "../../src/base/index.js";
import {
  CHUNK_BYTES,
  chunksOf,
  giverOf,
  isNews,
  isSaid,
  judgeOffer,
  knockDigest,
  MAX_GOODS_BYTES,
  MAX_MANIFEST_BYTES,
  MAX_PRESENCE_BYTES,
  type Manifest,
  manifest,
  manifestHash,
  presence,
  presenceDigest,
  SEALED_KEY_BYTES,
  takerOf,
  tellable,
  type Wanted,
} from "../../src/handover/index.js";
import { vectors } from "../vectors.js";
import { filled, manifestOf, NETWORK, someBytes, TRADE } from "./goods.js";

const verifier = new SignatureVerifier();
const performer = agentKey(filled(40));
const buyer = agentKey(filled(41));
const parties = { performer: performer.publicKey, buyer: buyer.publicKey };
const GOODS = manifestOf(someBytes(CHUNK_BYTES + 1));

const wanted: Wanted = { ...NETWORK, trade: TRADE, part: "output", parties, hash: manifestHash(GOODS) };
const offered = (value: Manifest, key = performer) => ({
  manifest: encode(manifest, value),
  sealedKey: new Uint8Array(SEALED_KEY_BYTES),
  sig: key.sign(manifestHash(value)),
});

describe("an offer", () => {
  it("that is what was wanted gives its manifest", () => {
    expect(judgeOffer(offered(GOODS), wanted, verifier)).toEqual({
      manifest: GOODS,
      hash: manifestHash(GOODS),
    });
  });

  it.each([
    ["of another trade", { trade: filled(7) }],
    ["of another chain", { chain: filled(7) }],
    ["of another market", { market: filled(7) }],
    ["of the other part", { part: "input" }],
  ] as const)("%s is refused, though its agent signed it", (_, other) => {
    const free = { ...wanted, hash: null };
    expect(judgeOffer(offered({ ...GOODS, ...other }), free, verifier)).toBe("OTHER_GOODS");
  });

  it("that the log does not name is refused; where the log says nothing, its giver's signature decides", () => {
    const other = { ...GOODS, salt: filled(8, 16) };
    expect(judgeOffer(offered(other), wanted, verifier)).toBe("WRONG_HASH");
    expect(judgeOffer(offered(other), { ...wanted, hash: null }, verifier)).toMatchObject({
      manifest: other,
    });
    expect(judgeOffer(offered(other, buyer), { ...wanted, hash: null }, verifier)).toBe("BAD_SIGNATURE");
  });

  it("whose chunks are too few or too many for its size is no manifest", () => {
    for (const chunks of [[], [...GOODS.chunks, filled(1)]])
      expect(() => encode(manifest, { ...GOODS, chunks })).toThrow();
    const bytes = encode(manifest, GOODS);
    const wrong = { ...offered(GOODS), manifest: bytes.subarray(0, bytes.length - 34) };
    expect(judgeOffer(wrong, wanted, verifier)).toBe("NO_MANIFEST");
  });

  it("of the greatest goods fits its bound", () => {
    const most = {
      ...GOODS,
      size: MAX_GOODS_BYTES,
      chunks: Array(chunksOf(MAX_GOODS_BYTES)).fill(filled(1)),
    };
    const bytes = encode(manifest, { ...most, media: "m".repeat(100) });
    expect(bytes.length).toBeLessThanOrEqual(MAX_MANIFEST_BYTES);
    expect(decode(manifest, bytes, MAX_MANIFEST_BYTES).ok).toBe(true);
    expect(() => encode(manifest, { ...most, size: MAX_GOODS_BYTES + 1 })).toThrow();
  });
});

describe("parties", () => {
  it("give and take one part each", () => {
    expect([giverOf("input", parties), takerOf("input", parties)]).toEqual([
      parties.buyer,
      parties.performer,
    ]);
    expect([giverOf("output", parties), takerOf("output", parties)]).toEqual([
      parties.performer,
      parties.buyer,
    ]);
  });
});

const said = {
  agent: performer.publicKey,
  peer: "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA",
  addresses: ["/ip4/127.0.0.1/tcp/4001"],
  seq: 1_700_000_000_000,
};

describe("a presence", () => {
  const signed = { said, sig: performer.sign(presenceDigest(NETWORK.chain, NETWORK.market, said)) };

  it("counts as its agent's own word on its own network alone", () => {
    const { chain, market } = NETWORK;
    expect(isSaid(chain, market, signed, verifier)).toBe(true);
    expect(isSaid(market, chain, signed, verifier)).toBe(false);
    for (const other of [{ seq: said.seq + 1 }, { peer: "x" }, { addresses: [] }, { agent: buyer.publicKey }])
      expect(isSaid(chain, market, { ...signed, said: { ...said, ...other } }, verifier)).toBe(false);
  });

  it("is news only with a greater number", () => {
    expect([isNews(said, undefined), isNews(said, signed)]).toEqual([true, false]);
    expect(isNews({ seq: said.seq + 1 }, signed)).toBe(true);
  });

  it("at its longest fits its bound, and holds no longer address", () => {
    const long = { ...said, peer: "p".repeat(64), addresses: tellable(Array(9).fill("a".repeat(128))) };
    const bytes = encode(presence, { said: { ...long, seq: Number.MAX_SAFE_INTEGER }, sig: filled(1, 64) });
    expect(bytes.length).toBeLessThanOrEqual(MAX_PRESENCE_BYTES);
    expect(tellable(["a".repeat(129), "b"])).toEqual(["b"]);
  });
});

const opening = {
  ...NETWORK,
  trade: TRADE,
  openerPeer: filled(10),
  responderPeer: filled(11),
  openerAgent: filled(12),
  responderAgent: filled(13),
  openerBox: filled(14),
  responderBox: filled(15),
  openerNonce: filled(16),
  responderNonce: filled(17),
};

describe("a proof at the opening", () => {
  it("is bound to its side and to each thing that the two have told each other", () => {
    const digests = new Set<string>();
    const add = (digest: Uint8Array) => digests.add(Buffer.from(digest).toString("hex"));
    add(knockDigest("opener", opening));
    add(knockDigest("responder", opening));
    for (const field of Object.keys(opening)) add(knockDigest("opener", { ...opening, [field]: filled(99) }));
    expect(digests.size).toBe(2 + Object.keys(opening).length);
  });
});

vectors("handover", () => ({
  about:
    "A manifest of 256 KiB + 1 byte, encoded, and its hash; what each side of an opening signs (all fields 32 bytes); what an agent says of its peer, and what it signs.",
  manifest: { value: GOODS, encoded: encode(manifest, GOODS), hash: manifestHash(GOODS) },
  opening: {
    ...opening,
    openerSigns: knockDigest("opener", opening),
    responderSigns: knockDigest("responder", opening),
  },
  presence: { said, signs: presenceDigest(NETWORK.chain, NETWORK.market, said) },
}));
