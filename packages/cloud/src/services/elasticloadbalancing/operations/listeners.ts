import type { Certificate, Listener as Shown } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { readActions } from "../actions.ts";
import { arnOf } from "../arns.ts";
import { errors } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Listener } from "../model.ts";
import { page } from "../paging.ts";
import type { Sdk } from "../sdk.ts";
import { defaultSslPolicy, findSslPolicy } from "../ssl-policies.ts";
import { findListener, findLoadBalancer, listenersOf, rulesOf, tables } from "../store.ts";
import { putTags } from "../tagging.ts";
import { dropUses, setUses } from "../uses.ts";
import { checkCertificate } from "./listener-certificates.ts";

export function showListener(listener: Listener): Shown {
  const [defaultCertificate] = listener.certificates;
  return {
    ListenerArn: listener.arn,
    LoadBalancerArn: listener.loadBalancerArn,
    Port: listener.port,
    Protocol: listener.protocol,
    Certificates: defaultCertificate === undefined ? undefined : [{ CertificateArn: defaultCertificate }],
    SslPolicy: listener.sslPolicy,
    DefaultActions: [...listener.defaultActions],
    MutualAuthentication: listener.protocol === "HTTPS" ? { Mode: "off" } : undefined,
  };
}

interface ListenerInput {
  readonly Protocol?: string | undefined;
  readonly Port?: number | undefined;
  readonly SslPolicy?: string | undefined;
  readonly Certificates?: readonly Certificate[] | undefined;
  readonly AlpnPolicy?: readonly string[] | undefined;
  readonly MutualAuthentication?: { readonly Mode?: string | undefined } | undefined;
}

/** Protocol, port and what TLS needs, as they are after the request. */
function readEndpoint(
  ctx: Context,
  input: ListenerInput,
  before: Pick<Listener, "protocol" | "port" | "sslPolicy" | "certificates"> | undefined,
): Pick<Listener, "protocol" | "port" | "sslPolicy" | "certificates"> {
  const protocol = input.Protocol ?? before?.protocol;
  const port = input.Port ?? before?.port;
  if (protocol === undefined) throw errors.ValidationError("A listener protocol must be specified");
  if (port === undefined) throw errors.ValidationError("A listener port must be specified");
  if (protocol !== "HTTP" && protocol !== "HTTPS") {
    throw errors.UnsupportedProtocol(
      `The protocol '${protocol}' is not supported by application load balancers: it must be one of 'HTTP, HTTPS'`,
    );
  }
  if (port < 1 || port > 65_535) throw errors.ValidationError(`The port '${port}' must be between 1 and 65535`);
  if ((input.AlpnPolicy?.length ?? 0) > 0)
    throw errors.ValidationError("ALPN policies are not supported by application load balancers");
  const { Mode: mode = "off" } = input.MutualAuthentication ?? {};
  if (mode !== "off")
    throw errors.ValidationError(
      "Trysail's load balancers do not verify clients' certificates: MutualAuthentication must be 'off'.",
    );
  const given = input.Certificates ?? [];
  if (protocol === "HTTP") {
    if (given.length > 0) throw errors.ValidationError("A certificate cannot be specified for HTTP listeners");
    if (input.SslPolicy !== undefined)
      throw errors.ValidationError("An SSL policy cannot be specified for HTTP listeners");
    return { protocol, port, sslPolicy: undefined, certificates: [] };
  }
  if (given.length > 1) throw errors.ValidationError("You can specify only one certificate for a listener");
  const certificate = given[0]?.CertificateArn ?? before?.certificates[0];
  if (certificate === undefined) throw errors.ValidationError("A certificate must be specified for HTTPS listeners");
  checkCertificate(ctx, certificate);
  const policy = findSslPolicy(input.SslPolicy ?? before?.sslPolicy ?? defaultSslPolicy);
  if (policy.SslProtocols?.includes("TLSv1.2") !== true)
    throw errors.ValidationError(
      `Trysail's load balancers speak TLS 1.2 and 1.3 always: the SSL policy '${policy.Name}' is not supported.`,
    );
  const more = (before?.certificates ?? []).slice(1).filter((arn) => arn !== certificate);
  return { protocol, port, sslPolicy: policy.Name, certificates: [certificate, ...more] };
}

function checkPort(ctx: Context, loadBalancer: string, balancerArn: string, port: number, self?: string): void {
  if (listenersOf(ctx, loadBalancer).some((other) => other.port === port && other.arn !== self))
    throw errors.DuplicateListener(`A listener already exists on this port for this load balancer '${balancerArn}'`);
}

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html */
export const createListener: Handler<Sdk, "createListener"> = (ctx, input) => {
  const balancer = findLoadBalancer(ctx, input.LoadBalancerArn);
  const endpoint = readEndpoint(ctx, input, undefined);
  const defaultActions = readActions(input.DefaultActions, endpoint.protocol);
  checkPort(ctx, balancer.name, balancer.arn, endpoint.port);
  const max = limits["listeners-per-application-load-balancer"];
  if (listenersOf(ctx, balancer.name).length >= max)
    throw errors.TooManyListeners(`The maximum number of listeners for a load balancer is '${max}'`);
  const id = ctx.ids.hex(16);
  const arn = arnOf(ctx, `listener/${balancer.fullName}/${id}`);
  setUses(ctx, arn, balancer, [], defaultActions);
  const listener: Listener = {
    arn,
    loadBalancer: balancer.name,
    id,
    loadBalancerArn: balancer.arn,
    ...endpoint,
    defaultRuleArn: arnOf(ctx, `listener-rule/${balancer.fullName}/${id}/${ctx.ids.hex(16)}`),
    defaultActions,
    attributes: {},
  };
  ctx.table(tables.listeners).put([balancer.name, id], listener);
  putTags(ctx, arn, input.Tags);
  return { Listeners: [showListener(listener)] };
};

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyListener.html */
export const modifyListener: Handler<Sdk, "modifyListener"> = (ctx, input) => {
  const listener = findListener(ctx, input.ListenerArn);
  const balancer = findLoadBalancer(ctx, listener.loadBalancerArn);
  const endpoint = readEndpoint(ctx, input, listener);
  const defaultActions =
    input.DefaultActions === undefined ? listener.defaultActions : readActions(input.DefaultActions, endpoint.protocol);
  checkPort(ctx, balancer.name, balancer.arn, endpoint.port, listener.arn);
  setUses(ctx, listener.arn, balancer, listener.defaultActions, defaultActions);
  const changed: Listener = { ...listener, ...endpoint, defaultActions };
  ctx.table(tables.listeners).put([listener.loadBalancer, listener.id], changed);
  return { Listeners: [showListener(changed)] };
};

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeListeners.html */
export const describeListeners: Handler<Sdk, "describeListeners"> = (ctx, input) => {
  const { LoadBalancerArn: balancerArn, ListenerArns: arns = [] } = input;
  if (arns.length > 0) {
    if (balancerArn !== undefined)
      throw errors.ValidationError("A load balancer ARN and listener ARNs cannot be specified at the same time");
    return { Listeners: arns.map((arn) => showListener(findListener(ctx, arn))) };
  }
  if (balancerArn === undefined)
    throw errors.ValidationError("You must specify either listener ARNs or a load balancer ARN");
  const { name } = findLoadBalancer(ctx, balancerArn);
  const { items, NextMarker } = page(
    (after: { after?: [string, string] }) => ctx.table(tables.listeners).entries({ prefix: [name], ...after }),
    input,
  );
  return { Listeners: items.map(showListener), NextMarker };
};

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteListener.html */
export const deleteListener: Handler<Sdk, "deleteListener"> = (ctx, input) => {
  removeListener(ctx, findListener(ctx, input.ListenerArn));
  return {};
};

/** Removes a listener with its rules. */
export function removeListener(ctx: Context, listener: Listener): void {
  for (const rule of rulesOf(ctx, listener)) {
    dropUses(ctx, rule.arn, rule.actions);
    ctx.table(tables.rules).delete([rule.loadBalancer, rule.listenerId, rule.id]);
    ctx.table(tables.tags).delete(rule.arn);
  }
  dropUses(ctx, listener.arn, listener.defaultActions);
  ctx.table(tables.listeners).delete([listener.loadBalancer, listener.id]);
  ctx.table(tables.tags).delete(listener.arn);
  ctx.table(tables.tags).delete(listener.defaultRuleArn);
}
