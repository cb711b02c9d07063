import { chmod, mkdir, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { promisify } from "node:util";
import { crc32 } from "node:zlib";
import yauzl from "yauzl";
import { errors } from "../errors.ts";
import { limits } from "../limits.ts";

const linkType = 0o120000;
const typeMask = 0o170000;

/** So many entries are unpacked at the same time. */
const entriesAtOnce = 16;

const openZip = promisify<Buffer, yauzl.Options, yauzl.ZipFile>((bytes, options, done) =>
  yauzl.fromBuffer(bytes, options, done as never),
);

function unreadable() {
  return errors.InvalidParameterValueException(
    "Could not unzip uploaded file. Please check your file, then try to upload again.",
    { Type: "User" },
  );
}

function leadsOut(name: string) {
  return errors.InvalidParameterValueException(`The entry ${name} leads out of the deployment package.`, {
    Type: "User",
  });
}

interface OpenArchive {
  readonly zip: yauzl.ZipFile;
  readonly entries: readonly yauzl.Entry[];
}

async function open(bytes: Buffer): Promise<OpenArchive> {
  try {
    const zip = await openZip(bytes, { lazyEntries: true, autoClose: false, validateEntrySizes: true });
    const entries: yauzl.Entry[] = [];
    await new Promise<void>((done, reject) => {
      zip.on("entry", (entry: yauzl.Entry) => {
        entries.push(entry);
        zip.readEntry();
      });
      zip.on("end", () => done());
      zip.on("error", reject);
      zip.readEntry();
    });
    return { zip, entries };
  } catch {
    throw unreadable();
  }
}

/**
 * Checks a deployment package: that it is a zip archive, unpacks to no more than it may, and to nowhere else.
 *
 * @throws AwsError `InvalidParameterValueException`
 */
export async function checkArchive(bytes: Buffer): Promise<void> {
  const { entries } = await open(bytes);
  // What an entry claims is also what it may unpack to: it is held to it when it is unpacked.
  const unzippedBytes = entries.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0);
  if (unzippedBytes >= limits.unzippedBytes) {
    throw errors.InvalidParameterValueException(`Unzipped size must be smaller than ${limits.unzippedBytes} bytes`, {
      Type: "User",
    });
  }
  for (const { fileName } of entries) if (!isInside("/task", resolve("/task", fileName))) throw leadsOut(fileName);
}

/**
 * Unpacks a deployment package into a folder, over what is there. Files are read-only, as a function finds them in AWS;
 * nothing is written outside of the folder.
 *
 * @throws AwsError `InvalidParameterValueException`
 */
export async function unpackArchive(bytes: Buffer, into: string): Promise<void> {
  const { zip, entries } = await open(bytes);
  await mkdir(into, { recursive: true });
  const folder = await realpath(into);
  const files = entries.filter((entry) => !entry.fileName.endsWith("/") && !isLink(entry));
  for (const path of new Set(entries.map(({ fileName }) => folderOf(folder, fileName))))
    await mkdir(path, { recursive: true });
  let next = 0;
  const work = async () => {
    for (let entry = files[next++]; entry !== undefined; entry = files[next++]) await writeEntry(zip, entry, folder);
  };
  await Promise.all(Array.from({ length: entriesAtOnce }, work));
  // Links come last, so that no file is written through one.
  for (const entry of entries.filter(isLink)) await writeLink(zip, entry, folder);
}

const modeOf = ({ externalFileAttributes }: yauzl.Entry) => externalFileAttributes >>> 16;
const isLink = (entry: yauzl.Entry) => (modeOf(entry) & typeMask) === linkType;

function folderOf(folder: string, name: string): string {
  const path = resolve(folder, name);
  if (!isInside(folder, path)) throw leadsOut(name);
  return name.endsWith("/") ? path : dirname(path);
}

async function writeEntry(zip: yauzl.ZipFile, entry: yauzl.Entry, folder: string): Promise<void> {
  const path = resolve(folder, entry.fileName);
  const content = await contentOf(zip, entry);
  // A layer's file may lie where an earlier layer has one, which cannot be written to.
  await rm(path, { force: true });
  await writeFile(path, content);
  const mode = modeOf(entry) & 0o777;
  await chmod(path, mode === 0 ? 0o444 : (mode | 0o444) & ~0o222);
}

async function writeLink(zip: yauzl.ZipFile, entry: yauzl.Entry, folder: string): Promise<void> {
  const path = resolve(folder, entry.fileName);
  const target = (await contentOf(zip, entry)).toString("utf8");
  if (isAbsolute(target) || !isInside(folder, resolve(dirname(path), target))) throw leadsOut(relative(folder, path));
  await rm(path, { force: true });
  await symlink(target, path);
}

async function contentOf(zip: yauzl.ZipFile, entry: yauzl.Entry): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    const stream = await new Promise<NodeJS.ReadableStream>((done, reject) =>
      zip.openReadStream(entry, (error, opened) => (error === null ? done(opened) : reject(error))),
    );
    for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  } catch {
    throw unreadable();
  }
  const content = Buffer.concat(chunks);
  if (crc32 !== undefined && crc32(content) !== entry.crc32) throw unreadable();
  return content;
}

function isInside(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : join(folder, sep));
}
