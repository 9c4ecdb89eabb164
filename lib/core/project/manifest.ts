import * as fs from 'node:fs';
import * as path from 'node:path';
import { reach } from '../base/collections';
import { ArtifactError, refusal } from '../base/error';
import { isTable, readToml, tableOf, textOf, type Table } from '../base/toml';
import { markerEnvironment, type TargetPlatform } from '../lambda/target';
import { evaluateMarker } from '../pep/marker';
import { normaliseName, parseRequirement, type Requirement } from '../pep/requirement';

/** A project's pyproject.toml. */
export interface Manifest {
  readonly file: string;
  readonly toml: Table;
  /** Normalised; `undefined` if the project has no name. */
  readonly name?: string;
}

export function readManifest(folder: string): Manifest | undefined {
  const file = path.join(folder, 'pyproject.toml');
  if (!fs.existsSync(file)) return undefined;
  const toml = readToml(file);
  const name = textOf(tableOf(toml.project).name) ?? textOf(tableOf(tableOf(toml.tool).poetry).name);
  return { file, toml, name: name === undefined ? undefined : normaliseName(name) };
}

/** Whether Poetry's own table is all that tells of a project's requirements: other tools find none. */
export function isOfPoetryAlone(manifest: Manifest | undefined): boolean {
  const { project, tool } = manifest?.toml ?? {};
  const { poetry, uv } = tableOf(tool);
  return project === undefined && poetry !== undefined && tableOf(uv).workspace === undefined;
}

/** A requirement of a project. */
export interface ProjectRequirement extends Requirement {
  /** The requirement as it is written. */
  readonly text: string;
}

/** The part of a project's requirements that is asked for. Names are normalised. */
export interface Wanted {
  readonly extras: readonly string[];
  readonly groups: readonly string[];
  readonly platform: TargetPlatform;
}

/**
 * The requirements in the standard tables of pyproject.toml that hold on the target, those of the extras and groups included.
 *
 * @see https://packaging.python.org/en/latest/specifications/pyproject-toml/#dependencies-optional-dependencies
 * @see https://packaging.python.org/en/latest/specifications/dependency-groups/
 */
export function projectRequirements({ file, toml, name }: Manifest, { extras, groups, platform }: Wanted): ProjectRequirement[] {
  const project = tableOf(toml.project);
  const lines = new Map<string, unknown>([
    [DEPENDENCIES, project.dependencies],
    ...entriesOf(project['optional-dependencies'], ofExtra),
    ...entriesOf(toml['dependency-groups'], ofGroup),
  ]);
  const environment = markerEnvironment(platform);
  const where = path.basename(file);
  const found: ProjectRequirement[] = [];
  /** Collects a line's requirement. @returns the sections that the line includes */
  const readItem = (item: unknown, section: string): string[] => {
    const group = isTable(item) && typeof item['include-group'] === 'string' ? ofGroup(item['include-group']) : undefined;
    if (group !== undefined && lines.has(group)) return [group];
    if (typeof item !== 'string') throw notText(section, item);
    const requirement = parseLine(item, where);
    if (requirement.marker !== undefined && !evaluateMarker(requirement.marker, { environment })) return [];
    if (requirement.name === name) {
      if (requirement.extras.length === 0) throw requiresItself(where, item);
      return requirement.extras.map(ofExtra);
    }
    found.push({ ...requirement, text: item });
    return [];
  };
  reach([DEPENDENCIES, ...extras.map(ofExtra), ...groups.map(ofGroup)], (section) => {
    const list = lines.get(section) ?? [];
    if (!Array.isArray(list)) throw notList(section, list);
    return list.flatMap((item) => readItem(item, section));
  });
  return found;
}

function notList(section: string, got: unknown): ArtifactError {
  return refusal('requirements-not-list', `${section} of pyproject.toml is not a list`, got, 'write it as ["<package>", …]');
}

function notText(section: string, got: unknown): ArtifactError {
  const problem = `${section} of pyproject.toml has an item that is no requirement`;
  return refusal('requirement-not-text', problem, got, 'write "<package>", or { include-group = "<group>" } in a group');
}

const DEPENDENCIES = '[project].dependencies';

function ofExtra(name: string): string {
  return `[project.optional-dependencies].${normaliseName(name)}`;
}

function ofGroup(name: string): string {
  return `[dependency-groups].${normaliseName(name)}`;
}

function entriesOf(table: unknown, sectionOf: (name: string) => string): [string, unknown][] {
  return Object.entries(tableOf(table)).map(([name, lines]) => [sectionOf(name), lines]);
}

/** @param where the line is written, for the message */
export function parseLine(text: string, where: string): Requirement {
  try {
    return parseRequirement(text);
  } catch (cause) {
    throw refusal('requirement-malformed', `${where} has a malformed requirement`, text, `correct it: ${(cause as Error).message}`);
  }
}

/** @param where the requirement is written */
export function requiresItself(where: string, text: string): ArtifactError {
  const advice = 'remove it, or name the extras that it is for: a layer holds what the project requires';
  return refusal('requires-itself', `${where} requires the project itself`, text, advice);
}
