import { isatty } from "node:tty";

/** Where a command writes, and how. */
export interface Terminal {
  /** Results, one line each. */
  line(text?: string): void;
  /** Messages to the person beside the results: progress, warnings. Nothing with `--json`. */
  note(text: string): void;
  readonly style: Style;
  /** True where the output is a screen that lines can be rewritten on. */
  readonly isLive: boolean;
  readonly columns: number;
  readonly rows: number;
  /** Writes to the screen as it is, control sequences included. */
  raw(text: string): void;
}

/** Colours, or nothing where they would be in the way. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  blue(text: string): string;
}

const codes = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
} as const;

export function styleOf(hasColours: boolean): Style {
  const paint = (name: keyof typeof codes) => (text: string) =>
    hasColours && text !== "" ? `\u001B[${codes[name][0]}m${text}\u001B[${codes[name][1]}m` : text;
  return {
    bold: paint("bold"),
    dim: paint("dim"),
    red: paint("red"),
    green: paint("green"),
    yellow: paint("yellow"),
    blue: paint("blue"),
  };
}

/**
 * Whether to colour: on a terminal, unless `NO_COLOR` is set (to anything but nothing) or the terminal is a dumb one.
 * `FORCE_COLOR` colours anywhere.
 *
 * @see https://no-color.org
 */
export function wantsColours(environment: Readonly<Record<string, string | undefined>>, isTerminal: boolean): boolean {
  if ((environment["NO_COLOR"] ?? "") !== "") return false;
  const forced = environment["FORCE_COLOR"] ?? "";
  if (forced !== "") return forced !== "0";
  return isTerminal && environment["TERM"] !== "dumb";
}

/** The process's own output. @param isQuiet - leaves the notes out, for `--json` */
export function processTerminal({ isQuiet = false }: { readonly isQuiet?: boolean } = {}): Terminal {
  const isTerminal = isatty(1);
  return {
    line: (text = "") => void process.stdout.write(`${text}\n`),
    note: (text) => {
      if (!isQuiet) process.stderr.write(`${text}\n`);
    },
    style: styleOf(wantsColours(process.env, isTerminal)),
    isLive: isTerminal && process.env["TERM"] !== "dumb" && !isQuiet,
    get columns() {
      // Some terminals tell 0: they do not know.
      return process.stdout.columns > 0 ? process.stdout.columns : 80;
    },
    get rows() {
      return process.stdout.rows > 0 ? process.stdout.rows : 24;
    },
    raw: (text) => void process.stdout.write(text),
  };
}
