import { createHash } from "node:crypto";
import { mkdir, rename, rm, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Host } from "../../../kernel/host.ts";
import type { BlobId } from "../../../store/blobs.ts";
import type { Code } from "../model.ts";
import { unpackArchive } from "./archive.ts";

/** Where a package's files are. */
export function codeFolder(host: Host, blob: BlobId): string {
  return host.workspace("lambda", "code", blob);
}

/** Where the files of some layers are, merged. */
function layersFolder(host: Host, layers: readonly Code[]): string {
  const name = createHash("sha256").update(JSON.stringify(layers.map(({ blob }) => blob)));
  return host.workspace("lambda", "layers", name.digest("hex").slice(0, 32));
}

/** Folders that are being unpacked, so that many environments that start at once unpack once. */
const unpacking = new WeakMap<Host, Map<string, Promise<void>>>();

/** Makes a folder that holds what `archives` unpack to, one over the other, unless it is there. */
async function unpackOnce(host: Host, folder: string, archives: readonly Code[]): Promise<string> {
  const running = unpacking.get(host) ?? new Map<string, Promise<void>>();
  unpacking.set(host, running);
  let unpacked = running.get(folder);
  if (unpacked === undefined) {
    unpacked = unpackInto(host, folder, archives).finally(() => running.delete(folder));
    running.set(folder, unpacked);
  }
  await unpacked;
  return folder;
}

async function unpackInto(host: Host, folder: string, archives: readonly Code[]): Promise<void> {
  if ((await stat(folder).catch(() => undefined)) !== undefined) return;
  // Under another name until it is whole: what a crash has left is no package.
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  for (const { blob } of archives) await unpackArchive(await host.blobs.readAll(blob), partial);
  await rename(partial, folder);
}

/** A function's files, unpacked once for all environments. */
export async function unpackedCode(host: Host, code: Code): Promise<string> {
  return unpackOnce(host, codeFolder(host, code.blob), [code]);
}

/** The files of layers, as a function finds them in /opt; undefined if there are none. */
export async function unpackedLayers(host: Host, layers: readonly Code[]): Promise<string | undefined> {
  return layers.length === 0 ? undefined : unpackOnce(host, layersFolder(host, layers), layers);
}

/**
 * AWS's nodejs runtimes have AWS's SDK. Here functions find what this machine has of it: the packages beside Trysail's
 * own, in a folder above the functions' code, where Node looks by itself. Nothing else of Trysail's is in it.
 */
export async function offerSdk(host: Host): Promise<void> {
  const modules = host.workspace("lambda", "node_modules");
  const scopes = installedScopes();
  await rm(modules, { recursive: true, force: true });
  await mkdir(modules, { recursive: true });
  for (const scope of scopes) await symlink(scope, join(modules, scope.slice(scope.lastIndexOf("@"))), "dir");
}

/** The folders `@aws-sdk` and `@smithy` that Trysail itself would load from. */
function installedScopes(): readonly string[] {
  try {
    const manifest = createRequire(import.meta.url).resolve("@aws-sdk/client-s3/package.json");
    const scope = dirname(dirname(manifest));
    return [scope, join(dirname(scope), "@smithy")];
  } catch {
    return [];
  }
}
