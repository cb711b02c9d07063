import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { addTags, checkName, listTags, readPath, removeTags, showTags } from "../input.ts";
import { arnOf, keyOf, maxServerCertificates, uniqueId } from "../model.ts";
import type { ServerCertificate } from "../model.ts";
import { page } from "../paging.ts";
import type { Sdk } from "../sdk.ts";
import { checkServerCertificate } from "../server-certificate-pem.ts";
import { tables } from "../store.ts";

function showMetadata(certificate: ServerCertificate) {
  return {
    Path: certificate.path,
    ServerCertificateName: certificate.name,
    ServerCertificateId: certificate.id,
    Arn: certificate.arn,
    UploadDate: new Date(certificate.uploadedAt),
    Expiration: new Date(certificate.expiresAt),
  };
}

function find(ctx: Context, name: string): ServerCertificate {
  const found = ctx.table(tables.serverCertificates).get(keyOf(name));
  if (found === undefined) throw errors.NoSuchEntity(`The Server Certificate with name ${name} cannot be found.`);
  return found;
}

function save(ctx: Context, certificate: ServerCertificate): void {
  ctx.table(tables.serverCertificates).put(keyOf(certificate.name), certificate);
}

function checkIsNew(ctx: Context, name: string): void {
  checkName("serverCertificateName", name, 128);
  if (ctx.table(tables.serverCertificates).has(keyOf(name)))
    throw errors.EntityAlreadyExists(`The Server Certificate with name ${name} already exists.`);
}

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadServerCertificate.html */
export const uploadServerCertificate: Handler<Sdk, "uploadServerCertificate"> = (ctx, input) => {
  const name = input.ServerCertificateName;
  checkIsNew(ctx, name);
  const path = readPath(input.Path);
  const expiresAt = checkServerCertificate(input.CertificateBody, input.PrivateKey, input.CertificateChain);
  if ([...ctx.table(tables.serverCertificates).keys()].length >= maxServerCertificates)
    throw errors.LimitExceeded(`Cannot exceed quota for ServerCertificatesPerAccount: ${maxServerCertificates}`);
  const certificate: ServerCertificate = {
    name,
    path,
    id: uniqueId(ctx, "server-certificate"),
    arn: arnOf(ctx, "server-certificate", path, name),
    uploadedAt: ctx.now,
    expiresAt: expiresAt.getTime(),
    body: input.CertificateBody,
    chain: input.CertificateChain,
    privateKey: input.PrivateKey,
    tags: addTags({}, input.Tags),
  };
  save(ctx, certificate);
  return { ServerCertificateMetadata: showMetadata(certificate), Tags: showTags(certificate.tags) };
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServerCertificate.html */
export const getServerCertificate: Handler<Sdk, "getServerCertificate"> = (ctx, input) => {
  const certificate = find(ctx, input.ServerCertificateName);
  return {
    ServerCertificate: {
      ServerCertificateMetadata: showMetadata(certificate),
      CertificateBody: certificate.body,
      CertificateChain: certificate.chain,
      Tags: showTags(certificate.tags),
    },
  };
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListServerCertificates.html */
export const listServerCertificates: Handler<Sdk, "listServerCertificates"> = (ctx, input) => {
  const found = [...ctx.table(tables.serverCertificates).values()].filter(({ path }) =>
    path.startsWith(input.PathPrefix ?? "/"),
  );
  const { items, ...rest } = page(found, input);
  return { ServerCertificateMetadataList: items.map(showMetadata), ...rest };
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateServerCertificate.html */
export const updateServerCertificate: Handler<Sdk, "updateServerCertificate"> = (ctx, input) => {
  const certificate = find(ctx, input.ServerCertificateName);
  const { NewServerCertificateName: name = certificate.name, NewPath } = input;
  const path = NewPath === undefined ? certificate.path : readPath(NewPath);
  if (keyOf(name) !== keyOf(certificate.name)) checkIsNew(ctx, name);
  ctx.table(tables.serverCertificates).delete(keyOf(certificate.name));
  save(ctx, { ...certificate, name, path, arn: arnOf(ctx, "server-certificate", path, name) });
  return {};
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteServerCertificate.html */
export const deleteServerCertificate: Handler<Sdk, "deleteServerCertificate"> = (ctx, input) => {
  ctx.table(tables.serverCertificates).delete(keyOf(find(ctx, input.ServerCertificateName).name));
  return {};
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagServerCertificate.html */
export const tagServerCertificate: Handler<Sdk, "tagServerCertificate"> = (ctx, input) => {
  const certificate = find(ctx, input.ServerCertificateName);
  save(ctx, { ...certificate, tags: addTags(certificate.tags, input.Tags) });
  return {};
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagServerCertificate.html */
export const untagServerCertificate: Handler<Sdk, "untagServerCertificate"> = (ctx, input) => {
  const certificate = find(ctx, input.ServerCertificateName);
  save(ctx, { ...certificate, tags: removeTags(certificate.tags, input.TagKeys) });
  return {};
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListServerCertificateTags.html */
export const listServerCertificateTags: Handler<Sdk, "listServerCertificateTags"> = (ctx, input) => {
  const { items, ...rest } = page(listTags(find(ctx, input.ServerCertificateName).tags), input);
  return { Tags: items, ...rest };
};

/** The certificate of that ARN with its chain, and its key. */
export function findCertificatePair(ctx: Context, arn: string) {
  if (!arn.includes(":server-certificate/")) return undefined;
  const found = ctx.table(tables.serverCertificates).get(keyOf(arn.slice(arn.lastIndexOf("/") + 1)));
  if (found?.arn !== arn) return undefined;
  const certificate = found.chain === undefined ? found.body : `${found.body.trimEnd()}\n${found.chain}`;
  return { certificate, privateKey: found.privateKey };
}
