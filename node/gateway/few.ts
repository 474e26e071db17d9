// Values by word where there are hardly ever more than three: less to make and to forget than a `Map`, and made for each event of a stream.

interface Entry<T> {
  readonly word: string;
  value: T;
  readonly next: Entry<T> | null;
}

export class Few<T> {
  private last: Entry<T> | null = null;

  get(word: string): T | undefined {
    return this.entry(word)?.value;
  }

  has(word: string): boolean {
    return this.entry(word) !== null;
  }

  set(word: string, value: T): void {
    const entry = this.entry(word);
    if (entry === null) this.last = { word, value, next: this.last };
    else entry.value = value;
  }

  private entry(word: string): Entry<T> | null {
    let entry = this.last;
    while (entry !== null && entry.word !== word) entry = entry.next;
    return entry;
  }
}
