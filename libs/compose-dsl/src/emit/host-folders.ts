/**
 * Folders of the host in emitted Compose files. Read by stock Compose beside the files they are the files' own
 * neighbours; `jlam deploy` sets the variables.
 */
import { isReleased, type EnvironmentNode } from "../model/environment.ts";

/** Configuration that stays where it is from release to release, so that a container whose files didn't change isn't made anew. */
export const liveFolderVariable = "JLAM_LIVE";
/** Files of one release, for the colour that it starts: what an older colour mounts is never written again. */
export const releaseFolderVariable = "JLAM_RELEASE";
/** Secret files that stay where they are from release to release. */
export const secretsFolderVariable = "JLAM_SECRETS";
/** Secret files of one release, for the colour that it starts. */
export const releaseSecretsVariable = "JLAM_RELEASE_SECRETS";

/** Where secret files are; those of a coloured service go back with its image. */
export const secretsFolder = (coloured: boolean): string => `\${${coloured ? releaseSecretsVariable : secretsFolderVariable}:-../.secrets}`;

/** Where emitted configuration is mounted from. */
export function configurationFolder(coloured: boolean, environment: Pick<EnvironmentNode, "images">): string {
  if (coloured) return `\${${releaseFolderVariable}:-.}`;
  return isReleased(environment) ? `\${${liveFolderVariable}:-.}` : ".";
}
