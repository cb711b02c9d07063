import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Listener } from "../model.ts";
import { pageOfAll } from "../paging.ts";
import type { Sdk } from "../sdk.ts";
import { findListener, tables } from "../store.ts";

/** @throws AwsError `CertificateNotFound` */
export function checkCertificate(ctx: Context, arn: string): void {
  if (ctx.certificate(arn) === undefined) throw errors.CertificateNotFound(`Certificate '${arn}' not found`);
}

function findHttpsListener(ctx: Context, arn: string): Listener {
  const listener = findListener(ctx, arn);
  if (listener.protocol !== "HTTPS")
    throw errors.OperationNotPermitted("Certificates can only be added to and removed from HTTPS listeners");
  return listener;
}

function putCertificates(ctx: Context, listener: Listener, certificates: readonly string[]): void {
  ctx.table(tables.listeners).put([listener.loadBalancer, listener.id], { ...listener, certificates });
}

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AddListenerCertificates.html */
export const addListenerCertificates: Handler<Sdk, "addListenerCertificates"> = (ctx, input) => {
  const listener = findHttpsListener(ctx, input.ListenerArn);
  const added = input.Certificates.map(({ CertificateArn: arn, IsDefault: isDefault }) => {
    if (arn === undefined) throw errors.ValidationError("A certificate ARN must be specified");
    if (isDefault !== undefined) throw errors.ValidationError("You cannot set IsDefault in this request");
    checkCertificate(ctx, arn);
    return arn;
  });
  const certificates = [...new Set([...listener.certificates, ...added])];
  // The default one does not count.
  const max = limits["certificates-per-application-load-balancer"];
  if (certificates.length - 1 > max)
    throw errors.TooManyCertificates(`The maximum number of certificates for a load balancer is '${max}'`);
  putCertificates(ctx, listener, certificates);
  return { Certificates: added.map((arn) => ({ CertificateArn: arn, IsDefault: arn === certificates[0] })) };
};

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RemoveListenerCertificates.html */
export const removeListenerCertificates: Handler<Sdk, "removeListenerCertificates"> = (ctx, input) => {
  const listener = findHttpsListener(ctx, input.ListenerArn);
  const gone = new Set(input.Certificates.map(({ CertificateArn }) => CertificateArn));
  const [first, ...more] = listener.certificates;
  if (first !== undefined && gone.has(first))
    throw errors.OperationNotPermitted("The default certificate of a listener cannot be removed");
  const kept = more.filter((arn) => !gone.has(arn));
  putCertificates(ctx, listener, first === undefined ? kept : [first, ...kept]);
  return {};
};

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeListenerCertificates.html */
export const describeListenerCertificates: Handler<Sdk, "describeListenerCertificates"> = (ctx, input) => {
  const { certificates } = findListener(ctx, input.ListenerArn);
  const all = certificates.map((arn, index) => ({ CertificateArn: arn, IsDefault: index === 0 }));
  const { items, NextMarker } = pageOfAll(all, input);
  return { Certificates: items, NextMarker };
};
