import * as path from 'node:path';
import { statIfThere } from '../base/files';

// of pip and uv: variables whose value is one path, and those whose words are paths or URLs
const ONE_PATH = /^(PIP_(CONFIG_FILE|CERT|CLIENT_CERT|CACHE_DIR|LOG|LOG_FILE|SRC|BUILD|REPORT)|UV_(CONFIG_FILE|CACHE_DIR|PYTHON_INSTALL_DIR)|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|NETRC)$/;
const WORDS = /^(PIP_((BUILD_)?CONSTRAINT|REQUIREMENT|FIND_LINKS|INDEX_URL|EXTRA_INDEX_URL)|UV_((BUILD_)?CONSTRAINT|OVERRIDE|EXCLUDE|FIND_LINKS|INDEX|DEFAULT_INDEX|INDEX_URL|EXTRA_INDEX_URL))$/;

// and their options with such a value; a short one may have it right behind
const LONG = '--(?:(?:build-)?constraints?|requirements?|overrides?|excludes?|find-links|(?:extra-)?index-url|(?:default-)?index|'
  + 'config-file|(?:client-)?cert|cache-dir|log|log-file|src|report)';
const JOINED = new RegExp(`^(${LONG}=|-[cfrbi]=?)(.+)$`);
const ALONE = new RegExp(`^(${LONG}|-[cfrbi])$`);

/**
 * Relative paths mean what they mean where the user runs the app: pip and uv run in other folders.
 *
 * @param folders where they may be; the first is that of the user, and counts for what is nowhere
 */
export function absoluteVariables(env: NodeJS.ProcessEnv, folders: readonly string[] = [process.cwd()]): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => {
    if (value && ONE_PATH.test(name)) return [name, absolute(value, folders)];
    if (value && WORDS.test(name)) return [name, value.replace(/[^\s,]+/g, (word) => absolute(word, folders))];
    return [name, value];
  }));
}

/** As `absoluteVariables`, for arguments of pip and uv. */
export function absoluteArguments(args: readonly string[], folders: readonly string[] = [process.cwd()]): string[] {
  return args.map((argument, i) => {
    if (i > 0 && ALONE.test(args[i - 1])) return absolute(argument, folders);
    const [, option, value] = JOINED.exec(argument) ?? [];
    return value === undefined ? argument : option + absolute(value, folders);
  });
}

function absolute(place: string, folders: readonly string[]): string {
  const isRelative = !path.isAbsolute(place) && !/^(~|-|\$\{|[a-z][a-z0-9+.-]+:)/i.test(place);
  if (!isRelative || place.includes('=')) return place; // uv's <name>=<index>
  return folders.map((folder) => path.resolve(folder, place)).find((file) => statIfThere(file)) ?? path.resolve(folders[0], place);
}
