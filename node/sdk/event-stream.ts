// Server-sent events as the HTML standard has them read, with the one thing that readers of events alone pass over: an
// id without data, by which the daemon tells how far its stream has come.

/** What stands between two blank lines, and has an id. */
export interface Frame {
  readonly id: string;
  /** lines of data, joined by line feeds; null: there are none */
  readonly data: string | null;
}

/** Reads a stream piece by piece, wherever it is cut. */
export class EventStream {
  /** the beginning of a line whose end has not come */
  private rest = "";
  private id: string | null = null;
  private data: string[] = [];

  /** The frames that end within `text`. */
  feed(text: string): Frame[] {
    const all = this.rest + text;
    // A carriage return at the end may be the first half of a line's end.
    const cut = all.endsWith("\r") ? all.length - 1 : all.length;
    const lines = all.slice(0, cut).split(/\r\n|\r|\n/);
    this.rest = lines.pop()! + all.slice(cut);
    return lines.flatMap((line) => (line === "" ? this.frame() : this.field(line)));
  }

  /** How much has come of a frame that has not ended, in letters. */
  get pending(): number {
    return this.data.reduce((sum, line) => sum + line.length, this.rest.length);
  }

  private frame(): Frame[] {
    const { id, data } = this;
    this.id = null;
    this.data = [];
    return id === null ? [] : [{ id, data: data.length === 0 ? null : data.join("\n") }];
  }

  private field(line: string): [] {
    const [, name, value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line)!;
    if (name === "data") this.data.push(value);
    if (name === "id" && !value.includes("\0")) this.id = value;
    return [];
  }
}
