const mark = 0x1e;

/** What a build's shell tells between the output of its commands: a verb and a value. */
export interface Frame {
  readonly verb: string;
  readonly value: string;
}

/**
 * Parts what the shell tells from what its commands write. Both come through one pipe, so that their order is kept. A
 * frame is `␞nonce verb value nonce␞`; the nonce is a secret of the shell's driver, so that no output looks like one.
 */
export function frameReader(
  nonce: string,
  on: { readonly text: (chunk: Buffer) => void; readonly frame: (frame: Frame) => void },
) {
  const opening = Buffer.concat([Buffer.of(mark), Buffer.from(`${nonce} `)]);
  const closing = Buffer.concat([Buffer.from(` ${nonce}`), Buffer.of(mark)]);
  let held: Buffer = Buffer.alloc(0);

  const tell = (chunk: Buffer) => {
    if (chunk.length > 0) on.text(chunk);
  };

  return {
    push(chunk: Buffer): void {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      for (;;) {
        const start = held.indexOf(opening);
        if (start === -1) break;
        const end = held.indexOf(closing, start + opening.length - 1);
        tell(held.subarray(0, start));
        held = held.subarray(start);
        if (end === -1) return;
        const content = held.toString("utf8", opening.length, Math.max(opening.length, end - start));
        const space = content.indexOf(" ");
        on.frame(
          space === -1
            ? { verb: content, value: "" }
            : { verb: content.slice(0, space), value: content.slice(space + 1) },
        );
        held = held.subarray(end - start + closing.length);
      }
      // The end may be the beginning of a frame: kept until more has come.
      const last = held.lastIndexOf(mark);
      const isPrefix = last !== -1 && opening.subarray(0, held.length - last).equals(held.subarray(last));
      const told = isPrefix ? last : held.length;
      tell(held.subarray(0, told));
      held = held.subarray(told);
    },
    /** The output has ended: what was held back is text. */
    end(): void {
      tell(held);
      held = Buffer.alloc(0);
    },
  };
}
