// Every citation of the specification, `spec/<chapter>#<anchor>`, names a rule that is there.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const SPEC = "docs/spec";
const CITING = ["src", "node", "testnet", "test", "docs", "scripts", "README.md", "CONTRIBUTING.md"];
const CITATION = /\bspec\/([a-z]+)(?:#([\w-]+))?/g;
const LINK = /\]\((?:([a-z]+)\.md)?(?:#([\w-]+))?\)/g;

const chapters = readdirSync(SPEC)
  .filter((file) => file.endsWith(".md") && file !== "README.md")
  .map((file) => file.slice(0, -".md".length));
/** What README lists; a chapter of it that is not here yet is linked to all the same. */
const listed = [...readFileSync(`${SPEC}/README.md`, "utf8").matchAll(/^\| \[([a-z]+)\]/gm)].map(
  ([, chapter]) => chapter!,
);
const textOf = (chapter: string): string => readFileSync(`${SPEC}/${chapter}.md`, "utf8");

/** A heading as GitHub makes an anchor of it. */
const slugOf = (heading: string): string =>
  heading
    .replaceAll(/<[^>]*>/g, "")
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(/\s/g, "-");

const headingsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^#{2,} (.+)$/gm)].map(([, heading]) => slugOf(heading!));
const rulesOf = (text: string): readonly string[] =>
  [...text.matchAll(/<a id="([^"]+)"><\/a>/g)].map(([, id]) => id!);

/** What can be cited of a chapter: its headings and its numbered rules. */
const anchorsOf = (text: string): readonly string[] => [...headingsOf(text), ...rulesOf(text)];

const ANCHORS: ReadonlyMap<string, readonly string[]> = new Map(
  chapters.map((chapter) => [chapter, anchorsOf(textOf(chapter))]),
);

function resolves(chapter: string, anchor: string | undefined): boolean {
  const anchors = ANCHORS.get(chapter);
  return anchors !== undefined && (anchor === undefined || anchors.includes(anchor));
}

/** The citations in a text that lead nowhere. A file of tests is named `spec/…` too, so only chapters and anchors count. */
const deadIn = (text: string): readonly string[] =>
  [...text.matchAll(CITATION)]
    .filter(([, chapter, anchor]) => anchor !== undefined || ANCHORS.has(chapter!))
    .filter(([, chapter, anchor]) => !resolves(chapter!, anchor))
    .map(([citation]) => citation);

function filesUnder(path: string): readonly string[] {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(ts|mjs|md)$/.test(name) && !name.includes("node_modules"))
    .map((name) => join(path, name));
}

describe("citations of the specification", () => {
  const files = CITING.flatMap(filesUnder).filter((path) => !path.endsWith("spec-citations.test.ts"));

  it("name chapters and rules that there are", () => {
    const dead = files.flatMap((path) => deadIn(readFileSync(path, "utf8")).map((one) => `${path}: ${one}`));
    expect(files.length).toBeGreaterThan(500);
    expect(dead).toEqual([]);
  });

  it("are found dead where the chapter or the rule is missing", () => {
    const text =
      "by spec/log#R5 and spec/encoding#header, not spec/log#R99, spec/logs#R5 or spec/encoding#Header";
    expect(deadIn(text)).toEqual(["spec/log#R99", "spec/logs#R5", "spec/encoding#Header"]);
  });
});

describe("docs/spec", () => {
  it("is listed whole by its README", () => {
    expect(chapters.filter((chapter) => !listed.includes(chapter))).toEqual([]);
  });

  it.each(chapters)("%s.md has each heading and each rule's number once", (chapter) => {
    for (const anchors of [headingsOf(textOf(chapter)), rulesOf(textOf(chapter))]) {
      expect(anchors.filter((one, i) => anchors.indexOf(one) !== i)).toEqual([]);
    }
  });

  it.each([...chapters, "README"])("%s.md links to what there is", (chapter) => {
    const isHere = (file: string): boolean => chapters.includes(file) || !listed.includes(file);
    const dead = [...textOf(chapter).matchAll(LINK)]
      .map(([, file, anchor]) => [file ?? chapter, anchor] as const)
      .filter(([file, anchor]) => isHere(file) && !resolves(file, anchor));
    expect(dead.map(([file, anchor]) => `${file}.md#${anchor ?? ""}`)).toEqual([]);
  });
});
