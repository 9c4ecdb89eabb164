import * as path from 'node:path';
import { readTextIfThere } from '../base/files';
import { tableOf, tablesOf, textOf, type Table } from '../base/toml';

/** The files of AWS SAM, CloudFormation and the Serverless Framework. */
const FILES = ['template.yaml', 'template.yml', 'template.json', 'serverless.yml', 'serverless.yaml', 'serverless.json'];

/** A handler as a template names it. */
interface NamedHandler {
  readonly handler: string;
  /** The folder of the code, relative to the template's; `undefined` if it is not told. */
  readonly folder?: string;
}

/**
 * The handlers of Python functions that the templates of a project name, with the folder of their code in front: `orders/app.handler`.
 * Those above the project count as far as they name functions whose code is in it.
 *
 * @param limit the folder up to which templates are looked for, the project's own by default
 */
export async function namedHandlers(entry: string, limit = entry): Promise<string[]> {
  const found: string[] = [];
  for (let folder = entry; ; folder = path.dirname(folder)) {
    for (const named of await handlersIn(folder)) {
      const place = path.relative(entry, path.join(folder, named.folder ?? '.')).split(path.sep).join('/');
      if (!place.startsWith('..') && (folder === entry || named.folder !== undefined)) found.push(path.posix.join(place, named.handler));
      else if (folder !== entry && named.folder === undefined) found.push(...below(path.relative(folder, entry), named.handler));
    }
    if (folder === limit || folder === path.dirname(folder)) return [...new Set(found)];
  }
}

/** `services/orders/app.handler`, from the folder `services/orders`. */
function below(place: string, handler: string): string[] {
  const start = `${place.split(path.sep).join('/')}/`;
  return handler.startsWith(start) ? [handler.slice(start.length)] : [];
}

async function handlersIn(folder: string): Promise<NamedHandler[]> {
  const texts = FILES.flatMap((name) => readTextIfThere(path.join(folder, name)) ?? []).filter((text) => /handler/i.test(text));
  if (texts.length === 0) return [];
  const { readYaml } = await import('./read-yaml.js'); // most projects have no template
  return texts.map((text) => tableOf(readYaml(text))).flatMap((file) => 'Resources' in file ? ofResources(file) : ofServerless(file));
}

/** @see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html */
function ofResources({ Resources: resources, Globals: globals }: Table): NamedHandler[] {
  const common = tableOf(tableOf(globals).Function);
  return Object.values(tableOf(resources)).map(tableOf).flatMap(({ Type: type, Properties: own }) => {
    if (type !== 'AWS::Serverless::Function' && type !== 'AWS::Lambda::Function') return [];
    const { Handler: handler, Runtime: runtime, CodeUri: code, Code: asset } = { ...common, ...tableOf(own) };
    return isOfPython(runtime) && typeof handler === 'string' ? [{ handler, folder: textOf(code) ?? textOf(asset) }] : [];
  }).map(({ handler, folder }) => ({ handler, folder: folder !== undefined && /^[a-z0-9]+:|\.zip$/i.test(folder) ? undefined : folder }));
}

/** @see https://www.serverless.com/framework/docs/providers/aws/guide/functions */
function ofServerless({ functions, provider }: Table): NamedHandler[] {
  const lists = Array.isArray(functions) ? tablesOf(functions) : [tableOf(functions)];
  return lists.flatMap((list) => Object.values(list)).map(tableOf).flatMap(({ handler, runtime, module }) => {
    if (typeof handler !== 'string' || !isOfPython(runtime ?? tableOf(provider).runtime)) return [];
    return [{ handler, folder: textOf(module) }]; // serverless-python-requirements packages a module by itself
  });
}

/** Of a runtime that is not told it is assumed. */
function isOfPython(runtime: unknown): boolean {
  return typeof runtime !== 'string' || !/^(nodejs|java|go|dotnet|ruby|provided)/.test(runtime);
}
