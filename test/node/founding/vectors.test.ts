// Vectors of member files: the JSON, the bytes that it stands for, and what its keys sign (spec/founding#F1).
import { describe, expect, it } from "vitest";
import { memberIn } from "../../../node/founding/member-json.js";
import { encode, toHex } from "../../../src/base/index.js";
import { memberFile, memberHash } from "../../../src/ledger/index.js";
import { vectors } from "../../vectors.js";
import { memberOf } from "./members.js";

interface MemberVector {
  readonly file: object;
  readonly bytes: string;
  readonly hash: string;
}

const { members } = vectors<{ members: readonly MemberVector[] }>("member_files", () => ({
  about:
    "Member files as they travel, what they encode to, and the hash that their three keys sign; spec/founding#F1",
  members: [memberOf("alice"), memberOf("bob", { network: "render", bond: 200_000_000n, port: 4002 })].map(
    ({ file, json }) => ({ file: json, bytes: encode(memberFile, file), hash: memberHash(file) }),
  ),
}));

describe("a member file", () => {
  it.each(members)("is read from its JSON alone", ({ file: json, bytes, hash }) => {
    const { file } = memberIn(json, "a vector");
    expect([toHex(encode(memberFile, file)), toHex(memberHash(file))]).toEqual([bytes, hash]);
  });
});
