/** The signs of the page of a rollout: they tell what colours tell too. */
export interface Signs {
  readonly done: string;
  readonly failed: string;
  readonly running: string;
  readonly pending: string;
  readonly undoing: string;
  readonly undone: string;
  /** Instances. */
  readonly healthy: string;
  readonly starting: string;
  readonly ill: string;
  readonly leaving: string;
  /** Running, and nobody asks for its health. */
  readonly idle: string;
  /** Of a bar. */
  readonly full: string;
  readonly empty: string;
  readonly more: string;
}

export const signs: Signs = {
  done: "✓",
  failed: "✗",
  running: "▶",
  pending: "·",
  undoing: "↶",
  undone: "■",
  healthy: "●",
  starting: "◐",
  ill: "✗",
  leaving: "◌",
  idle: "○",
  full: "█",
  empty: "░",
  more: "…",
};

export const asciiSigns: Signs = {
  done: "+",
  failed: "x",
  running: ">",
  pending: ".",
  undoing: "<",
  undone: "-",
  healthy: "O",
  starting: "?",
  ill: "x",
  leaving: "_",
  idle: "o",
  full: "#",
  empty: ".",
  more: "...",
};

/**
 * The signs that the terminal can show: those of ASCII where the locale says that it knows no others, and on a dumb one. A locale
 * that says nothing is taken for one of UTF-8, as the rest of the command line does.
 */
export function signsFor(environment: Readonly<Record<string, string | undefined>>): Signs {
  const locale = [environment["LC_ALL"], environment["LC_CTYPE"], environment["LANG"]].find(
    (value) => value !== undefined && value !== "",
  );
  const isNarrow = locale !== undefined && !/utf-?8/i.test(locale);
  return isNarrow || environment["TERM"] === "dumb" ? asciiSigns : signs;
}
