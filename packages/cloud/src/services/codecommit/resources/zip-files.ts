import { buffer } from "node:stream/consumers";
import { fromBuffer } from "yauzl";
import type { Entry, ZipFile } from "yauzl";

/** A file out of an archive. */
export interface ZippedFile {
  readonly path: string;
  readonly isExecutable: boolean;
  readonly content: Buffer;
}

/** Reads every file of a zip archive that is small enough for memory. Folders are left out. */
export async function readZip(archive: Buffer): Promise<ZippedFile[]> {
  const zip = await new Promise<ZipFile>((resolve, reject) => {
    fromBuffer(archive, { lazyEntries: true }, (error, opened) => (error === null ? resolve(opened) : reject(error)));
  });
  const files: ZippedFile[] = [];
  await new Promise<void>((resolve, reject) => {
    const take = async (entry: Entry) => {
      if (!entry.fileName.endsWith("/")) files.push(await readEntry(zip, entry));
      zip.readEntry();
    };
    zip.on("entry", (entry: Entry) => void take(entry).catch(reject));
    zip.on("end", resolve);
    zip.on("error", reject);
    zip.readEntry();
  });
  return files;
}

async function readEntry(zip: ZipFile, entry: Entry): Promise<ZippedFile> {
  const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    zip.openReadStream(entry, (error, opened) => (error === null ? resolve(opened) : reject(error)));
  });
  const mode = entry.externalFileAttributes >>> 16;
  return { path: entry.fileName, isExecutable: (mode & 0o111) !== 0, content: await buffer(stream) };
}
