// The rows that a voter keeps on disk: their keys and codecs.
import {
  encode,
  fixed,
  type Hex,
  hash,
  list,
  signature,
  struct,
  type TypeOf,
  toHex,
  uint,
  union,
} from "../../base/index.js";
import { taggedHash } from "../../crypto/index.js";
import { MAX_CATCH_UP_ENTRIES, MAX_DESCENDANTS } from "./limits.js";
import { type Certificate, certificate, header, type MarkKind, type VoteKind } from "./message.js";

/** Terms and heights in keys, so that keys sort as numbers do. */
const digits = (value: number): string => String(value).padStart(16, "0");

/** Where each kind of row lives. Own votes, and nothing else, are under `own`. */
export const PREFIX = {
  own: "quorum/own/",
  cert: "quorum/cert/",
  entry: "quorum/entry/",
  justify: "quorum/justify/",
  root: "quorum/root/",
} as const;

export const KEY = {
  /** how many batches signed something (spec/persistence#U2); compared with the guard */
  seq: "quorum/seq",
  /** the barrier that amnesia's release set */
  barrier: "quorum/barrier",
  /** present while in amnesia: since when, by the own clock */
  amnesia: "quorum/amnesia",
  /** why this member stopped for ever */
  halt: "quorum/halt",
  own: (term: number, kind: MarkKind): string => `${PREFIX.own}${digits(term)}/${kind}`,
  cert: (term: number, kind: VoteKind): string => `${PREFIX.cert}${digits(term)}/${kind}`,
  /** by term of the entry that needs it */
  justify: (term: number): string => `${PREFIX.justify}${digits(term)}`,
  entry: (hex: string): string => `${PREFIX.entry}${hex}`,
  root: (height: number): string => `${PREFIX.root}${digits(height)}`,
} as const;

export const counterRow = uint();
export const rootRow = hash;
export const ownProposalRow = struct({ entryId: [0, hash], leaderSig: [1, signature] });
export const justifyRow = struct({ justifyHash: [0, hash], skips: [1, list(certificate, 1 << 24)] });

/** The reason why a member stopped, with its proof (R12, X2). */
export const haltRow = union({
  fork: [
    0,
    struct({
      certs: [0, list(certificate, 2, 1)],
      headers: [1, list(header, MAX_DESCENDANTS + MAX_CATCH_UP_ENTRIES)],
    }),
  ],
  corrupt: [1, struct({ height: [0, uint()], own: [1, fixed(32)], finalised: [2, fixed(32)] })],
});

export type HaltRow = TypeOf<typeof haltRow>;

export const encodeCertificate = (value: Certificate): Uint8Array => encode(certificate, value);

/** The name of a certificate: the hash of all of it, signatures included. */
export const certificateName = (value: Certificate): Hex =>
  toHex(taggedHash("msg", encodeCertificate(value)));
