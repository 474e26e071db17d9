// Groups: the paths of a table's rows by something that they have in common.
import { sortedEntries } from "../base/index.js";
import type { Index } from "./table.js";

const NONE: ReadonlySet<string> = new Set();

export class Groups<Row> implements Index<Row> {
  private readonly groups = new Map<string, Set<string>>();
  private readonly groupOf = new Map<string, string>();

  /** @param name of the group that a row belongs to; null: to none */
  constructor(private readonly name: (row: Row, path: string) => string | null) {}

  /** Paths of the rows in a group, in no particular order. */
  of(group: string): ReadonlySet<string> {
    return this.groups.get(group) ?? NONE;
  }

  /** All of it, in order: what a restored peer's must equal. */
  sorted(): readonly (readonly [group: string, paths: readonly string[]])[] {
    return sortedEntries(this.groups).map(([group, paths]) => [group, [...paths].sort()] as const);
  }

  set(path: string, row: Row): void {
    const group = this.name(row, path);
    if (this.groupOf.get(path) === group) return;
    this.delete(path);
    if (group === null) return;
    this.groupOf.set(path, group);
    const paths = this.groups.get(group);
    if (paths === undefined) this.groups.set(group, new Set([path]));
    else paths.add(path);
  }

  delete(path: string): void {
    const group = this.groupOf.get(path);
    if (group === undefined) return;
    this.groupOf.delete(path);
    const paths = this.groups.get(group)!;
    paths.delete(path);
    if (paths.size === 0) this.groups.delete(group);
  }
}
