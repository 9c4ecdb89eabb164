import * as fs from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { lockAnew } from './lock-errors';
import { type LockRequest } from './lock-request';
import type { LayerRequirements, LocalPackage, LockedPackage } from './locked';
import { memo, unique } from '../base/collections';
import { type ArtifactError, refusal } from '../base/error';
import { markerEnvironment } from '../lambda/target';
import { evaluateMarker } from '../pep/marker';
import { fileNameOf, isUrl, parseWheelName, wheelTags } from '../pep/wheel-name';
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

const SOURCE = /\.(tar\.\w+|tgz|zip)$/;

/** A package as a lock file names it. */
interface Found {
  /** Normalised. */
  readonly name: string;
  readonly version: string;
  readonly wantedBy?: string;
  readonly requires?: readonly string[];
}

/** Collects the packages of a lock file that the target needs. */
export class LockContent {
  readonly locked = new Map<string, LockedPackage>();
  readonly local = new Map<string, LocalPackage>();
  readonly unlocked = new Set<string>();
  readonly constraints = new Set<string>();
  readonly args = new Set<string>();
  /** Names of packages that need not fit pyproject.toml, because the tool was told to override its requirements. */
  readonly exempt = new Set<string>();
  /** Names of packages whose own requirements do not count, because the tool was told others. */
  readonly redefined = new Set<string>();
  /** Requirements of the project itself, as `name[extra]`. */
  readonly direct = new Set<string>();
  isOpen = false;
  readonly #indexes = new Set<string>();
  /** Whether a wheel's tags fit the target. Lock files list thousands of wheels with the same few. */
  readonly #tagsFit = memo((tags: string) => tagsFit(tags, this.request.platform), 10_000);
  readonly #environment: Readonly<Record<string, string>>;

  constructor(readonly request: LockRequest) {
    this.#environment = markerEnvironment(request.platform);
  }

  /** Whether a marker holds on the target. A missing marker holds. */
  holds(marker: unknown, extras?: ReadonlySet<string>, groups?: ReadonlySet<string>): boolean {
    if (typeof marker !== 'string' || marker === '') return true;
    return evaluateMarker(marker, { environment: this.#environment, extras, groups });
  }

  /** @param markers of the environments that the lock is for: at least one must hold; an empty list accepts every environment */
  refuseOtherEnvironment(markers: readonly string[]): void {
    if (markers.length === 0 || markers.some((marker) => this.holds(marker))) return;
    const { file, platform } = this.request;
    throw refusal('lock-for-other-environment',
      `${path.basename(file)} is not for ${platform.runtime} on Linux, ${platform.machine}`, markers,
      `add an environment such as "sys_platform == 'linux'" to the tool's settings, and ${lockAnew(this.request)}`,
    );
  }

  /** Add a package with the files that the lock lists. */
  addFiles({ wantedBy, requires, ...found }: Found, files: readonly LockedFile[], url?: string): void {
    const wheels = this.#wheelsForTarget(files);
    const sources = wheels.length > 0 ? [] : files.filter(({ name }) => SOURCE.test(name));
    const sizes = wheels.flatMap(({ size }) => size ?? []);
    this.#add({
      ...found,
      ...sizes.length > 0 && { size: Math.min(...sizes) },
      hashes: unique([...wheels, ...sources].flatMap(({ hash }) => hash ?? [])),
      ...sources.length > 0 && { isSource: true },
      wheels: unique(wheels.map(({ name }) => name)),
      ...url !== undefined && { url },
      ...wantedBy !== undefined && { wantedBy },
      ...requires !== undefined && { requires },
    });
  }

  /** Add a package with hashes, if the lock does not tell which file each is of. */
  addHashes({ name, version }: Found, hashes: readonly string[]): void {
    this.#add({ name, version, hashes: unique(hashes) });
  }

  /**
   * Add a wheel that is not on an index, or a source distribution, if its hash is known.
   *
   * @param place a URL, or a path relative to the lock file's folder
   * @param found the version is that of the file's name, if the lock does not tell it
   */
  addArchive(found: Omit<Found, 'version'> & Partial<Found>, place: string, hashes: readonly string[], subfolder?: string): void {
    const wheel = parseWheelName(place);
    const fileName = fileNameOf(place);
    if (!wheel && (hashes.length === 0 || !SOURCE.test(fileName))) throw this.refuseSource(found.name, place);
    const ofSource = /-(\d[^-]*?)\.(?:tar\.\w+|tgz|zip)$/.exec(fileName)?.[1];
    const version = wheel?.version ?? found.version ?? ofSource ?? '';
    const url = isUrl(place) ? place : pathToFileURL(this.#resolve(place)).href;
    const files = hashes.length === 0 ? [{ name: fileName }] : hashes.map((hash) => ({ name: fileName, hash }));
    const isInside = wheel === undefined && subfolder !== undefined && subfolder !== '.';
    this.addFiles({ ...found, version }, files, isInside ? `${url.replace(/#.*/, '')}#subdirectory=${subfolder}` : url);
  }

  /** Add a package in a folder. @param folder absolute, or relative to the lock file's folder */
  addLocal(name: string | undefined, folder: string): void {
    const absolute = this.#resolve(folder);
    if (this.isProject(name, absolute)) return;
    if (!fs.existsSync(absolute)) {
      const problem = `${path.basename(this.request.file)} has ${name ?? 'a package'} in a folder that is not there`;
      throw refusal('local-folder-missing', problem, absolute, `restore the folder, or ${lockAnew(this.request)}`);
    }
    this.local.set(absolute, { ...name !== undefined && { name }, folder: absolute });
  }

  /** Whether a package is the project itself, which is not in its layer. */
  isProject(name: string | undefined, folder?: string): boolean {
    return folder === this.request.folder || (name !== undefined && name === this.request.manifest?.name);
  }

  /** @param folder of wheels: absolute, or relative to the lock file's folder */
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
    const { locked, local, unlocked, constraints, args, isOpen, direct, exempt, redefined } = this;
    return {
      file,
      format,
      locked: unique(locked.keys()).map((name) => locked.get(name)!),
      unlocked: unique(unlocked),
      constraints: unique(constraints),
      local: unique(local.keys()).map((folder) => local.get(folder)!),
      indexes: unique(this.#indexes),
      args: [...args], // not sorted: their order matters
      isOpen,
      direct: unique(direct),
      exempt: unique(exempt),
      redefined: unique(redefined),
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

  /** The wheels that run on the target. If none does, all wheels: the message shows them. */
  #wheelsForTarget(files: readonly LockedFile[]): readonly LockedFile[] {
    const wheels = files.filter(({ name }) => name.endsWith('.whl'));
    const fitting = wheels.filter(({ name }) => this.#fits(name));
    return fitting.length > 0 ? fitting : wheels;
  }

  #fits(wheel: string): boolean {
    if (!wheel.includes('linux') && !wheel.endsWith('-any.whl')) return false; // most wheels of long lists end here
    const tags = wheelTags(wheel);
    return tags !== undefined && this.#tagsFit(tags);
  }

  #resolve(place: string): string {
    return path.resolve(path.dirname(this.request.file), place);
  }
}
