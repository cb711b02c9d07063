const titles: Readonly<Record<number, string>> = {
  301: "Moved Permanently",
  302: "Found",
  304: "Not Modified",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  412: "Precondition Failed",
  416: "Requested Range Not Satisfiable",
  500: "Internal Server Error",
};

/** What a page tells of an error: its code, its message, and more. */
export type ErrorDetails = Readonly<Record<string, string>>;

const escape = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const list = (details: ErrorDetails) =>
  `<ul>\n${Object.entries(details)
    .map(([name, value]) => `<li>${escape(name)}: ${escape(value)}</li>\n`)
    .join("")}</ul>\n`;

/**
 * The page that a website shows where it has none of its own.
 *
 * @param documentError - why the site's own error document could not be shown, if it has one
 */
export function errorPage(status: number, details: ErrorDetails, documentError?: ErrorDetails): string {
  const title = `${status} ${titles[status] ?? "Error"}`;
  const second =
    documentError === undefined
      ? ""
      : `<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>\n${list(documentError)}`;
  return `<html>\n<head><title>${title}</title></head>\n<body>\n<h1>${title}</h1>\n${list(details)}${second}<hr/>\n</body>\n</html>\n`;
}
