/** How much of a pipeline's and an artifact's name is in a key. */
const pipelineLetters = 20;
const artifactLetters = 10;
const suffixLetters = 7;
const lettersAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/**
 * The key of an artifact's object: `MyGitHubPipeline/SourceArti/gZkH2iH`.
 *
 * @param random - gives that many characters of an alphabet
 */
export function artifactKey(
  pipeline: string,
  artifact: string,
  random: (length: number, alphabet: string) => string,
): string {
  return `${pipeline.slice(0, pipelineLetters)}/${artifact.slice(0, artifactLetters)}/${random(suffixLetters, lettersAndDigits)}`;
}
