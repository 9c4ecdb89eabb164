import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { readRequirementsFile, type RequirementLine } from './file';
import { refusal } from '../../../base/error';
import { nameWithExtras, normaliseName, parseRequirement, type Requirement } from '../../../pep/requirement';
import { isUrl, parseWheelName } from '../../../pep/wheel-name';
import { parseLine, readManifest, requiresItself } from '../../../project/manifest';
import { LockContent } from '../../lock-content';
import { lockAnew, refuseUnknown } from '../../lock-errors';
import { type LockRequest } from '../../lock-request';
import { pinnedVersion } from '../../pinned';
import { isFolder, localFile, OpenRequirements } from '../pyproject';

/** A line that holds on the target: a requirement by name, a place, or both. */
interface Wanted extends RequirementLine {
  readonly requirement?: Requirement;
  readonly place?: string;
  readonly extras: readonly string[];
}

/**
 * Read a requirements file. If a line has hashes, the file is complete, because pip would refuse it otherwise. If none has, it is resolved.
 *
 * @see https://pip.pypa.io/en/stable/topics/secure-installs/#hash-checking-mode
 */
export function readRequirementsTxt(request: LockRequest): LockContent {
  refuseUnknown('extra', request, []);
  refuseUnknown('group', request, []);
  const { lines, args, requiresHashes } = readRequirementsFile(request.file, request.env);
  const content = new LockContent(request);
  for (const arg of args) content.args.add(arg);
  const wanted = lines.filter(({ isConstraint }) => !isConstraint).flatMap((line) => readLine(line, content));
  const isHashed = requiresHashes || wanted.some(({ hashes }) => hashes.length > 0);
  tellDirect(wanted, content);
  if (isHashed) for (const line of wanted) addLocked(line, content);
  else addOpen(wanted, lines.filter(({ isConstraint }) => isConstraint), content);
  return content;
}

/** The lines that, by their comments, something else requires than a package of the file: the project, or another file. */
function tellDirect(lines: readonly Wanted[], { direct }: LockContent): void {
  const names = new Set(lines.flatMap(({ requirement }) => requirement?.name ?? []));
  for (const { requirement, via } of lines) {
    const isDirect = via.some((by) => !/^(-c|--constraint)\b/.test(by) && !names.has(normaliseName(by)));
    if (requirement && (isDirect || requirement.extras.length > 0 && via.length === 0)) direct.add(nameWithExtras(requirement));
  }
}

/** A list with the line; empty if the target does not need it. */
function readLine(line: RequirementLine, content: LockContent): Wanted[] {
  const place = readPlace(line.text);
  if (place) return content.holds(place.marker) ? [{ ...line, ...place }] : [];
  const requirement = parseLine(line.text, line.where);
  return content.holds(requirement.marker) ? [{ ...line, requirement, place: requirement.url, extras: requirement.extras }] : [];
}

/** A path or a URL without a name. */
interface Place {
  readonly place: string;
  readonly extras: string[];
  readonly marker?: string;
}

/** Read `./folder[extra] ; marker`; `undefined` if the text is not a place. A path may have blanks in it. */
function readPlace(text: string): Place | undefined {
  const [, place, extras = '', marker] = /^(\S.*?)(?:\[([^\]]*)\])?(?:#egg=[^\s;]*)?(?:(?:\s+;\s*|;\s+)(.*))?$/.exec(text) ?? [];
  if (place === undefined || !(isUrl(place) || path.isAbsolute(place) || /^\.|^[^\s@;]*[\\/]|^[^@;]*\.whl$/.test(place))) return undefined;
  return { place, extras: extras.split(',').map((extra) => normaliseName(extra.trim())).filter(Boolean), marker };
}

function addLocked({ requirement, place, hashes, where, text }: Wanted, content: LockContent): void {
  const { request } = content;
  if (place !== undefined) {
    const file = localFile(place, request.folder);
    const url = file === undefined ? place : pathToFileURL(file).href;
    if (file !== undefined && isFolder(file)) content.addLocal(requirement?.name ?? readManifest(file)?.name, file);
    else content.addArchive({ name: requirement?.name ?? parseWheelName(url)?.name ?? place }, url, hashes);
    return;
  }
  const { name, specifier } = requirement!;
  const version = pinnedVersion(specifier);
  if (content.isProject(name)) throw requiresItself(where, text);
  if (version === undefined || hashes.length === 0) {
    const missing = version === undefined ? 'pinned version' : 'hash';
    throw refusal('hash-missing', `${where} has no ${missing}, but others have hashes`, text, lockAnew(request));
  }
  content.addHashes({ name, version }, hashes);
}

function addOpen(wanted: readonly Wanted[], constraints: readonly RequirementLine[], content: LockContent): void {
  const requirements = new OpenRequirements(content);
  const base = content.request.folder;
  for (const { requirement, place, extras } of wanted) {
    if (requirement) requirements.add(requirement, base);
    else requirements.addPlace(place!, extras, base);
  }
  for (const { text, where } of constraints) {
    const { name, specifier, url, marker } = parseLine(text, where);
    if (content.holds(marker)) content.constraints.add(url === undefined ? name + specifier : `${name} @ ${url}`);
  }
  const lines = [...content.unlocked, ...content.constraints].map((line) => parseRequirement(line));
  const isPinned = ({ url, specifier }: Requirement) => url !== undefined || pinnedVersion(specifier) !== undefined;
  const pinned = new Set(lines.filter(isPinned).map(({ name }) => name));
  content.isOpen = lines.some(({ name }) => !pinned.has(name));
}
