// What one entry costs a member on the wire and on the disk, by size alone, as four real members were seen to do it.
import { createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from "node:crypto";
import type { Bytes } from "../../../src/base/index.js";
import type { Write } from "../../../src/peer/index.js";

/** Bytes of the messages; a PROPOSE and its entry hold their operations besides. */
export const FRAME_BYTES = { vote: 150, cert: 286, propose: 919, final: 564 } as const;
export const QUORUM = 3;
export const MAX_OPS = 2000;
export const MAX_UNFINALISED = 4;
export const BATCH_MS = 20;

const NOISE = new Uint8Array(randomBytes(1024 * 1024 + 4096));
const ENTRY_ROW_BYTES = 350;
const LOG_ROW_BYTES = 568;
/** what the codec puts around each operation in an entry */
const PER_OPERATION_BYTES = 3;
const GUARD = { one: 77, two: 119 } as const;

let rows = 0;
const put = (keyBytes: number, valueBytes: number, key = String(rows++)): Write => ({
  kind: "put",
  key: key.padStart(keyBytes, "0"),
  value: NOISE.subarray(0, valueBytes),
});
const deleted = (keyBytes: number, key = String(rows++)): Write => ({
  kind: "delete",
  key: key.padStart(keyBytes, "0"),
});
const guard = (bytes: number): Write => ({ kind: "guard", record: NOISE.subarray(0, bytes) });

export const noise = (length: number): Bytes => NOISE.subarray(0, length);

/** The bytes of so many operations within an entry. */
export const bytesOfAll = (operations: readonly Bytes[]): number =>
  operations.reduce((sum, one) => sum + one.length + PER_OPERATION_BYTES, 0);

/** P10: an own operation, before anyone hears of it. */
export const takenRow = (key: string, operation: Bytes): Write => put(78, operation.length, key);

/** P2 and P3: PROPOSE and the leader's own ACK in one batch. */
export const proposedRows = (opsBytes: number): Write[] => [
  guard(GUARD.two),
  put(10, 1, "seq"),
  put(35, 103),
  put(77, ENTRY_ROW_BYTES + opsBytes),
  put(31, 146),
];

/** P3 */
export const ackedRows = (opsBytes: number): Write[] => [
  guard(GUARD.one),
  put(10, 1, "seq"),
  put(77, ENTRY_ROW_BYTES + opsBytes),
  put(31, 146),
];

/** P6 and P4: the AckCert and the COMMIT that follows from it. */
export const committedRows = (): Write[] => [guard(GUARD.one), put(10, 1, "seq"), put(32, 282), put(34, 146)];

/** P6 and P7: the CommitCert, the log row, what executing it wrote; own operations wait no more. */
export const finalRows = (opsBytes: number, operations: number, own: readonly string[]): Write[] => [
  put(35, 282),
  deleted(77),
  deleted(28),
  deleted(28),
  put(20, LOG_ROW_BYTES + opsBytes),
  // Each author's account, and the payee's.
  ...Array.from({ length: operations + 1 }, (_, i) => put(78, 23, `account/${i}`)),
  put(12, 17, "tree"),
  ...own.map((key) => deleted(78, key)),
  put(28, 34),
  put(3, 73, "tip"),
];

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const CHECKED = createPublicKey(publicKey.export({ format: "pem", type: "spki" }));
const MESSAGE = new Uint8Array(randomBytes(32));
const SIGNATURE = sign(null, MESSAGE, privateKey);

export const signOne = (): void => void sign(null, MESSAGE, privateKey);

/** One verification on the thread pool, where the daemons make theirs. */
export const verifyOne = (): Promise<void> =>
  new Promise((resolve) => verify(null, MESSAGE, CHECKED, SIGNATURE, () => resolve()));
