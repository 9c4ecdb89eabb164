import * as fs from 'node:fs';
import * as path from 'node:path';
import { ArtifactError, refusal } from '../base/error';
import { isTable, readToml, tableOf, textOf, type Table } from '../base/toml';
import { markerEnvironment, type TargetPlatform } from '../lambda/target';
import { evaluateMarker } from '../pep/marker';
import { normaliseName, parseRequirement, type Requirement } from '../pep/requirement';

/** A project's pyproject.toml. */
export interface Manifest {
  readonly file: string;
  readonly toml: Table;
  /** Normalised; not there if it has none. */
  readonly name?: string;
}

export function readManifest(folder: string): Manifest | undefined {
  const file = path.join(folder, 'pyproject.toml');
  if (!fs.existsSync(file)) return undefined;
  const toml = readToml(file);
  const name = textOf(tableOf(toml.project).name) ?? textOf(tableOf(tableOf(toml.tool).poetry).name);
  return { file, toml, name: name === undefined ? undefined : normaliseName(name) };
}

/** A requirement of a project, and as it is written. */
export interface ProjectRequirement extends Requirement {
  readonly text: string;
}

/** What is asked for of a project's requirements; names are normalised. */
export interface Wanted {
  readonly extras: readonly string[];
  readonly groups: readonly string[];
  readonly platform: TargetPlatform;
}

/**
 * What the standard tables of pyproject.toml require on the target, with the extras and groups that are asked for.
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
  const found: ProjectRequirement[] = [];
  const sections = new Set([DEPENDENCIES, ...extras.map(ofExtra), ...groups.map(ofGroup)]);
  for (const section of sections) { // and those that are added meanwhile
    const list = lines.get(section) ?? [];
    if (!Array.isArray(list)) throw refusal('requirements-not-list', `${section} of pyproject.toml is not a list`, list, 'write it as ["<package>", …]');
    for (const text of list) {
      const included = isTable(text) && typeof text['include-group'] === 'string' ? ofGroup(text['include-group']) : '';
      if (lines.has(included)) {
        sections.add(included);
      } else if (typeof text === 'string') {
        const requirement = parseLine(text, path.basename(file));
        if (requirement.marker !== undefined && !evaluateMarker(requirement.marker, { environment })) continue;
        if (requirement.name !== name) found.push({ ...requirement, text });
        else if (requirement.extras.length === 0) throw requiresItself(path.basename(file), text);
        else requirement.extras.forEach((extra) => sections.add(ofExtra(extra)));
      } else {
        throw refusal('requirement-not-text', `${section} of pyproject.toml has an item that is no requirement`, text, 'write "<package>", or { include-group = "<group>" } in a group');
      }
    }
  }
  return found;
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

/** @param where it is written, for the message */
export function parseLine(text: string, where: string): Requirement {
  try {
    return parseRequirement(text);
  } catch (cause) {
    throw refusal('requirement-malformed', `${where} has a malformed requirement`, text, `correct it: ${(cause as Error).message}`);
  }
}

/** @param where it is written */
export function requiresItself(where: string, text: string): ArtifactError {
  return refusal('requires-itself', `${where} requires the project itself`, text, 'remove it, or name the extras that it is for: a layer holds what the project requires');
}
