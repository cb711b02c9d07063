import { pageOf } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { isUnder } from "../model.ts";
import type { Parameter, ParameterVersion } from "../model.ts";
import { isPublic, publicParameters } from "../public-parameters.ts";
import { readVersion } from "../reading.ts";
import type { Sdk } from "../sdk.ts";
import { arnOf, findVersion, requireVersion, tables } from "../store.ts";

/** @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html */
export const getParameter: Handler<Sdk, "getParameter"> = async (ctx, input) => ({
  Parameter: await readVersion(ctx, requireVersion(ctx, input.Name), input.WithDecryption === true, input.Name),
});

/** @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html */
export const getParameters: Handler<Sdk, "getParameters"> = async (ctx, input) => {
  if (input.Names.length > 10)
    throw errors.ValidationException(
      "1 validation error detected: Value at 'names' failed to satisfy constraint: Member must have length less than or equal to 10.",
    );
  const asked = input.Names.map((name) => ({ name, version: findVersion(ctx, name) }));
  return {
    Parameters: await Promise.all(
      asked.flatMap(({ name, version }) =>
        version === undefined ? [] : [readVersion(ctx, version, input.WithDecryption === true, name)],
      ),
    ),
    InvalidParameters: asked.filter(({ version }) => version === undefined).map(({ name }) => name),
  };
};

/** @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html */
export const getParametersByPath: Handler<Sdk, "getParametersByPath"> = async (ctx, input) => {
  if (!input.Path.startsWith("/")) {
    throw errors.ValidationException(
      `The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash "/". It can't be prefixed with "aws" or "ssm" (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.`,
    );
  }
  function* under(options: { after?: string }): Generator<[string, Parameter]> {
    for (const entry of named(options)) {
      if (isUnder(input.Path, entry[0], input.Recursive === true) && matchesFilters(entry[1])) yield entry;
    }
  }
  function* named({ after }: { after?: string }): Generator<[string, Parameter]> {
    const startsWith = input.Path;
    if (!isPublic(startsWith))
      yield* ctx.table(tables.parameters).entries({ startsWith, ...(after !== undefined && { after }) });
    else
      for (const name of [...publicParameters(ctx).keys()].toSorted())
        if (after === undefined || name > after) yield [name, { name, latest: 1, tags: {} }];
  }
  const matchesFilters = ({ name }: Parameter): boolean =>
    (input.ParameterFilters ?? []).every(({ Key, Values = [] }) => {
      const version = findVersion(ctx, name);
      if (Key === "Type") return version !== undefined && Values.includes(version.type);
      if (Key === "KeyId") return version?.keyId !== undefined && Values.includes(version.keyId);
      if (Key === "Label") return version?.labels.some((label) => Values.includes(label)) === true;
      throw errors.InvalidFilterKey(
        `The following filter key is not valid: ${Key}. Valid filter keys include: [Type, KeyId, Label].`,
      );
    });
  const { items, next } = pageOf(under, input.NextToken, Math.min(input.MaxResults ?? 10, 10), errors.InvalidNextToken);
  return {
    Parameters: await Promise.all(
      items.map(({ name }) => readVersion(ctx, requireVersion(ctx, name), input.WithDecryption === true, name)),
    ),
    NextToken: next,
  };
};

/** @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameterHistory.html */
export const getParameterHistory: Handler<Sdk, "getParameterHistory"> = async (ctx, input) => {
  const { name } = requireVersion(ctx, input.Name);
  const { items, next } = pageOf(
    (options: { after?: [string, number] }) => ctx.table(tables.versions).entries({ ...options, prefix: [name] }),
    input.NextToken,
    input.MaxResults ?? 50,
    errors.InvalidNextToken,
  );
  const Parameters = await Promise.all(
    items.map(async (version) => {
      const { Value, Type, DataType, LastModifiedDate } = await readVersion(
        ctx,
        version,
        input.WithDecryption === true,
        name,
      );
      return {
        ...metadataOf(version),
        Value,
        Type,
        DataType,
        LastModifiedDate,
        Labels: [...version.labels],
        Version: version.version,
      };
    }),
  );
  return { Parameters, NextToken: next };
};

function metadataOf(version: ParameterVersion) {
  return {
    Name: version.name,
    Type: version.type,
    KeyId: version.keyId,
    LastModifiedDate: new Date(version.modifiedAt),
    LastModifiedUser: version.modifiedBy,
    Description: version.description,
    AllowedPattern: version.allowedPattern,
    Version: version.version,
    Tier: version.tier,
    DataType: version.dataType,
  };
}

/** @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html */
export const describeParameters: Handler<Sdk, "describeParameters"> = (ctx, input) => {
  const filters = [
    ...(input.ParameterFilters ?? []),
    ...(input.Filters ?? []).map(({ Key, Values }) => ({ Key, Option: undefined, Values })),
  ];
  const matches = (parameter: Parameter): boolean => {
    const version = findVersion(ctx, parameter.name);
    return filters.every(({ Key = "", Option: option, Values: values = [] }) => {
      if (Key.startsWith("tag:")) {
        const tag = parameter.tags[Key.slice(4)];
        return tag !== undefined && (values.length === 0 || values.includes(tag));
      }
      switch (Key) {
        case "Name":
          return values.some((value) =>
            option === "BeginsWith"
              ? parameter.name.startsWith(value)
              : option === "Contains"
                ? parameter.name.includes(value)
                : parameter.name === value,
          );
        case "Path":
          return values.some((value) => isUnder(value, parameter.name, option === "Recursive"));
        case "Type":
          return version !== undefined && values.includes(version.type);
        case "KeyId":
          return version?.keyId !== undefined && values.includes(version.keyId);
        case "Tier":
          return version !== undefined && values.includes(version.tier);
        case "DataType":
          return version !== undefined && values.includes(version.dataType);
        default:
          throw errors.InvalidFilterKey(
            `The following filter key is not valid: ${Key}. Valid filter keys include: [Path, Name, Type, KeyId, Tier, DataType, tag:<Tag Name>].`,
          );
      }
    });
  };
  function* matching(options: { after?: string }): Generator<[string, Parameter]> {
    for (const entry of ctx.table(tables.parameters).entries(options)) if (matches(entry[1])) yield entry;
  }
  const { items, next } = pageOf(
    matching,
    input.NextToken,
    Math.min(input.MaxResults ?? 50, 50),
    errors.InvalidNextToken,
  );
  return {
    Parameters: items.map(({ name }) => ({
      ...metadataOf(requireVersion(ctx, name)),
      ARN: arnOf(ctx, name),
      Policies: [],
    })),
    NextToken: next,
  };
};
