import * as fs from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { lockAnew } from './lock-errors';
import { type LockRequest } from './lock-request';
import type { LayerRequirements, LocalPackage, LockedPackage } from './locked';
import { unique } from '../base/collections';
import { type ArtifactError, refusal } from '../base/error';
import { markerEnvironment } from '../lambda/target';
import { evaluateMarker } from '../pep/marker';
import { wheelTags, parseWheelName, isUrl } from '../pep/wheel-name';
import { tagsFit } from '../pep/wheel-tags';

/** A file that a lock lists. */
export interface LockedFile {
  readonly name: string;
  readonly hash?: string;
  /** Bytes. */
  readonly size?: number;
}

/** Of a file, as TOML has it: small numbers or large ones. */
export function readSize(value: unknown): number | undefined {
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined;
}

interface Found {
  /** Normalised. */
  readonly name: string;
  readonly version: string;
  readonly wantedBy?: string;
}

/** Collects what a file has for the target. */
export class LockContent {
  readonly locked = new Map<string, LockedPackage>();
  readonly local = new Map<string, LocalPackage>();
  readonly unlocked = new Set<string>();
  readonly constraints = new Set<string>();
  readonly args = new Set<string>();
  /** Names of packages that need not be there as pyproject.toml requires them: the tool was told otherwise. */
  readonly exempt = new Set<string>();
  isOpen = false;
  readonly #indexes = new Set<string>();
  readonly #fitting = new Map<string, boolean>();
  readonly #environment: Readonly<Record<string, string>>;

  constructor(readonly request: LockRequest) {
    this.#environment = markerEnvironment(request.platform);
  }

  /** Whether a marker holds on the target; none does. */
  holds(marker: unknown, extras?: ReadonlySet<string>, groups?: ReadonlySet<string>): boolean {
    return typeof marker !== 'string' || marker === '' || evaluateMarker(marker, { environment: this.#environment, extras, groups });
  }

  /** @param markers of which one has to hold; none: any environment will do */
  refuseOtherEnvironment(markers: readonly string[]): void {
    if (markers.length === 0 || markers.some((marker) => this.holds(marker))) return;
    const { file, platform } = this.request;
    throw refusal('lock-for-other-environment',
      `${path.basename(file)} is not for ${platform.runtime} on Linux, ${platform.machine}`, markers,
      `add an environment such as "sys_platform == 'linux'" to the tool's settings, and ${lockAnew(this.request)}`,
    );
  }

  /** By the files that the lock lists. Those of other targets are left out, unless there are no others: they are shown then. */
  addFiles({ wantedBy, ...found }: Found, files: readonly LockedFile[], url?: string): void {
    const wheels = files.filter(({ name }) => name.endsWith('.whl'));
    const fitting = wheels.filter(({ name }) => (name.includes('linux') || name.endsWith('-any.whl')) && this.#fits(name)); // few do: lists are long
    const kept = fitting.length > 0 ? fitting : wheels;
    const sizes = kept.flatMap(({ size }) => size ?? []);
    this.#add({
      ...found,
      ...sizes.length > 0 && { size: Math.min(...sizes) },
      hashes: unique(kept.flatMap(({ hash }) => hash ?? [])),
      wheels: unique(kept.map(({ name }) => name)),
      ...url !== undefined && { url },
      ...wantedBy !== undefined && { wantedBy },
    });
  }

  /** By hashes of which is not said what files they are of. */
  addHashes({ name, version }: Found, hashes: readonly string[]): void {
    this.#add({ name, version, hashes: unique(hashes) });
  }

  /** A wheel at a place of its own. @param place a URL, or a path relative to the file's folder */
  addArchive({ name, wantedBy }: Omit<Found, 'version'>, place: string, hashes: readonly string[]): void {
    const wheel = parseWheelName(place);
    if (!wheel) throw this.refuseSource(name, place);
    const { fileName, version } = wheel;
    const url = isUrl(place) ? place : pathToFileURL(this.#resolve(place)).href;
    this.addFiles({ name, version, wantedBy }, hashes.length === 0 ? [{ name: fileName }] : hashes.map((hash) => ({ name: fileName, hash })), url);
  }

  /** @param folder relative to the file's unless absolute */
  addLocal(name: string | undefined, folder: string): void {
    const absolute = this.#resolve(folder);
    if (this.isProject(name, absolute)) return;
    if (!fs.existsSync(absolute)) {
      throw refusal('local-folder-missing', `${path.basename(this.request.file)} has ${name ?? 'a package'} in a folder that is not there`, absolute, `restore the folder, or ${lockAnew(this.request)}`);
    }
    this.local.set(absolute, { ...name !== undefined && { name }, folder: absolute });
  }

  /** The project itself: not in its layer. */
  isProject(name: string | undefined, folder?: string): boolean {
    return folder === this.request.folder || (name !== undefined && name === this.request.manifest?.name);
  }

  /** @param folder of wheels, relative to the file's unless absolute */
  addFindLinks(folder: string): void {
    this.args.add(`--find-links=${this.#resolve(folder)}`);
  }

  addIndex(url: string): void {
    const index = url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, '$1').replace(/\/+$/, '');
    if (!/^https:\/\/pypi\.(python\.)?org\/simple$/.test(index)) this.#indexes.add(index);
  }

  refuseSource(name: string, got: unknown): ArtifactError {
    return refusal('not-a-wheel',
      `${name} is not a wheel in ${path.basename(this.request.file)}, and a layer is made of wheels`, got,
      'publish a wheel of it, or copy its source into a folder and make that a path dependency',
    );
  }

  result(): LayerRequirements {
    const { file, format } = this.request;
    const { locked, local, unlocked, constraints, args, isOpen } = this;
    return {
      file,
      format,
      locked: unique(locked.keys()).map((name) => locked.get(name)!),
      unlocked: unique(unlocked),
      constraints: unique(constraints),
      local: unique(local.keys()).map((folder) => local.get(folder)!),
      indexes: unique(this.#indexes),
      args: [...args], // their order matters
      isOpen,
    };
  }

  #add(found: LockedPackage): void {
    const other = this.locked.get(found.name);
    if (other && (other.version !== found.version || other.url !== found.url)) {
      throw refusal('lock-ambiguous',
        `${path.basename(this.request.file)} has more than one ${found.name} for the target`,
        unique([other, found].map(({ version, url }) => url ?? version)),
        `leave out one of the extras or groups that require them, or ${lockAnew(this.request)}`,
      );
    }
    this.locked.set(found.name, other ?? found);
  }

  #fits(fileName: string): boolean {
    const tags = wheelTags(fileName);
    if (tags === undefined) return false;
    const fits = this.#fitting.get(tags) ?? tagsFit(tags, this.request.platform);
    this.#fitting.set(tags, fits);
    return fits;
  }

  #resolve(place: string): string {
    return path.resolve(path.dirname(this.request.file), place);
  }
}
