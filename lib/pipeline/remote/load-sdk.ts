import { ArtifactError } from '../../core/base/error';

/** Load a part of the SDK, which the project has that uses the API. */
export async function loadOr<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    if (!['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'].includes((cause as NodeJS.ErrnoException).code ?? '')) throw cause;
    throw new ArtifactError({
      reference: 'sdk-missing', problem: 'the AWS SDK is not installed', got: name, advice: `add it to your project: npm install ${name}`,
    }, undefined, { cause });
  }
}
