/** A template, or what it was given, is wrong. The message is what AWS tells, and names the place. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
}

/** A template that does not have the form of one. */
export function formatError(message: string): TemplateError {
  return new TemplateError(`Template format error: ${message}`);
}

/** A template whose functions do not make sense. */
export function templateError(message: string): TemplateError {
  return new TemplateError(`Template error: ${message}`);
}
