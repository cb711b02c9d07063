import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { passwordClasses } from "../model.ts";
import type { Sdk } from "../sdk.ts";

const longestPassword = 4096;

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html */
export const getRandomPassword: Handler<Sdk, "getRandomPassword"> = (ctx, input) => {
  const length = input.PasswordLength ?? 32;
  const wanted = passwordClasses({
    excludeLowercase: input.ExcludeLowercase ?? false,
    excludeUppercase: input.ExcludeUppercase ?? false,
    excludeNumbers: input.ExcludeNumbers ?? false,
    excludePunctuation: input.ExcludePunctuation ?? false,
    includeSpace: input.IncludeSpace ?? false,
    excludeCharacters: input.ExcludeCharacters ?? "",
  });
  const all = wanted.join("");
  const required = input.RequireEachIncludedType === false ? [] : wanted;
  if (length < 1 || length > longestPassword || length < required.length || all === "") {
    throw errors.InvalidParameterException(
      `No password of length ${length} can be made of these characters: it must be 1 to ${longestPassword} long and hold one of each included type.`,
    );
  }
  // Drawn until each type is in it: placing one of each would make some passwords likelier than others.
  for (;;) {
    const password = ctx.ids.text(length, all);
    if (required.every((characters) => [...password].some((c) => characters.includes(c))))
      return { RandomPassword: password };
  }
};
