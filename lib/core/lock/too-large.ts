import * as path from 'node:path';
import type { LayerRequirements } from './locked';
import { mebibytes } from '../base/bytes';
import { ArtifactError } from '../base/error';
import { MAX_UNZIPPED_SIZE } from '../lambda/limits';

/**
 * Refuse a layer whose wheels are too large even before they are unpacked, by the sizes that a lock lists: nothing has to be fetched.
 *
 * @param sure the packages that the layer is sure to hold
 */
export function refuseTooLarge({ locked, file }: LayerRequirements, sure: 'all' | readonly string[], maxSize = MAX_UNZIPPED_SIZE): void {
  const wheels = locked.filter(({ name }) => sure === 'all' || sure.includes(name))
    .map(({ name, version, size = 0 }) => ({ name, version, size }));
  const total = wheels.reduce((sum, { size }) => sum + size, 0);
  if (total <= maxSize) return;
  const largest = wheels.sort((a, b) => b.size - a.size).filter(({ size }) => size > 0).slice(0, 10)
    .map(({ name, version, size }) => `${name} ${version} (${mebibytes(size)})`);
  throw new ArtifactError({
    reference: 'wheels-too-large',
    problem: `the wheels of the layer are larger than Lambda's ${mebibytes(maxSize)} unzipped, before they are unpacked`,
    got: mebibytes(total),
    advice: 'exclude packages that the function does not import, or that the runtime brings',
    hint: `the largest wheels, by ${path.basename(file)}: ${largest.join(', ')}`,
  });
}
