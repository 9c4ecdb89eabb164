import { mebibytes } from '../base/bytes';
import { ArtifactError } from '../base/error';
import type { LayerPackage } from '../cache/records';
import { MAX_UNZIPPED_SIZE } from '../lambda/limits';
import type { LayerRequest } from '../plan/layer-request';

export type SizedPackage = Pick<LayerPackage, 'name' | 'version' | 'size'>;

/** Refuse a layer that Lambda would not take. */
export function refuseLayer(
  packages: readonly SizedPackage[], { exclude = [], requirements }: LayerRequest, maxSize = MAX_UNZIPPED_SIZE,
): void {
  if (packages.length === 0) {
    throw new ArtifactError({
      reference: 'layer-empty',
      problem: `nothing is left of ${requirements.format} for the layer`,
      got: exclude.length > 0 ? exclude : undefined,
      advice: exclude.length > 0 ? 'take packages out of {exclude}, or do without the layer' : 'add requirements, or do without the layer',
    });
  }
  const size = packages.reduce((sum, item) => sum + item.size, 0);
  if (size <= maxSize) return;
  const largest = [...packages].sort((a, b) => b.size - a.size).slice(0, 10);
  throw new ArtifactError({
    reference: 'layer-too-large',
    problem: `the layer is larger than Lambda's ${mebibytes(maxSize)} unzipped`,
    got: mebibytes(size),
    advice: 'exclude packages that the function does not import, or that the runtime brings',
    hint: `the largest packages: ${largest.map((item) => `${item.name} ${item.version} (${mebibytes(item.size)})`).join(', ')}`,
  });
}
