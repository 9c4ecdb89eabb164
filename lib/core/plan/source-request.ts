import type { ProjectSettings } from '../project/settings';

/** The options of an artifact: plain data, so that it can be sent to the builder process. */
export interface ArtifactRequest {
  /** The project's folder. */
  readonly entry: string;
  readonly version?: string;
  readonly python?: string;
  readonly pipArgs?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly exclude?: readonly string[];
  readonly installer?: InstallerKind;
  /** Whether bytecode is in the archive. @default "auto" */
  readonly bytecode?: 'auto' | 'required' | 'none';
  /** Lambda's name of the Python that runs it; unless it is said, that of the Python that builds. */
  readonly runtime?: string;
  /** Build twice, and fail if the results differ. */
  readonly verifyReproducible?: boolean;
}

/** The program that fills the build environment, and installs the project if its backend alone cannot build it. */
export type InstallerKind = 'pip' | 'uv';

/** The request with what the project's own settings add: an option that is given goes before. */
export function withSettings(request: ArtifactRequest, settings: ProjectSettings): ArtifactRequest {
  return {
    ...request,
    exclude: request.exclude ?? settings.exclude,
    installer: request.installer ?? settings.installer,
    pipArgs: request.pipArgs ?? settings.pipArgs,
    environment: request.environment ?? settings.environment,
  };
}
