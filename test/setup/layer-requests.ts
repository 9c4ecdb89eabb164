import * as path from 'node:path';
import { temporaryFolder, writeFiles } from './projects';
import { writeWheel, type WheelOptions } from './wheels';
import type { LayerRequirements, LockedPackage } from '../../lib/core/lock/locked';
import type { LayerRequest } from '../../lib/core/plan/layer-request';

/** A folder with a requirements file, and beside it wheels: of version 1.0, if it is not said otherwise. */
export async function wheelsFolder(...wheels: (Partial<WheelOptions> & Pick<WheelOptions, 'name'>)[]): Promise<string> {
  const folder = writeFiles(temporaryFolder(), { 'requirements.txt': '', 'wheels/readme': '' });
  for (const wheel of wheels) await writeWheel(path.join(folder, 'wheels'), { version: '1.0', ...wheel });
  return folder;
}

export const ARM = { runtime: 'python3.13', architecture: 'arm64' };

/** For the target `ARM`, from the wheels in the folder. */
export function layerRequest(folder: string, requirements: Partial<LayerRequirements>, more: Partial<LayerRequest> = {}): LayerRequest {
  return {
    requirements: {
      file: path.join(folder, 'requirements.txt'),
      format: 'requirements.txt',
      locked: [],
      unlocked: [],
      constraints: [],
      local: [],
      indexes: [],
      args: ['--no-index', '--find-links', 'wheels'],
      isOpen: true,
      direct: [],
      exempt: [],
      redefined: [],
      ...requirements,
    },
    target: ARM,
    ...more,
  };
}

export const locked = (name: string, more: Partial<LockedPackage> = {}): LockedPackage => ({ name, version: '1.0', hashes: [], ...more });
