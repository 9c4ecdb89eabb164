import type { Finding } from '../base/error';

/** The meaning of a pattern, and the remedy. */
type Explanation = Pick<Finding, 'reference' | 'advice'> & { readonly hint: string };

// an index refuses pip or uv
const WITHOUT_CREDENTIALS = /40[13] (Client )?Error|Unauthorized|403 Forbidden|User for .*:\s*$/m;

// no index answers
const OUT_OF_REACH = anyOf('i', [
  /Failed to establish a new connection|NewConnectionError|Connection refused|Connection aborted|Max retries exceeded|ReadTimeout/,
  /Temporary failure in name resolution|dns error/,
  /ProxyError|SSLError|CERTIFICATE_VERIFY_FAILED/,
  /error sending request/,
]);

const NO_VERSION = anyOf('i', [
  /must contain \['version'\]|'version' is a required/,
  /field .*`?version`?.* (is )?(required|missing)/,
  /"?project\.version"?.*(missing|required|dynamic)/,
  /No version (found|specified)|missing .*version/,
]);

function anyOf(flags: string, patterns: readonly RegExp[]): RegExp {
  return new RegExp(patterns.map(({ source }) => source).join('|'), flags);
}

export const DISK_FULL = /No space left on device|Disk quota exceeded|ENOSPC|EDQUOT/;

// the output of a failed installation; the first pattern that matches explains it
const EXPLANATIONS: readonly (readonly [RegExp, Explanation])[] = [
  [/requires a different Python|requires-python|does not satisfy Python/i, {
    reference: 'install-python',
    advice: 'build with a Python that the project admits',
    hint: 'set {python} to an interpreter that fits the project\'s requires-python; the one of the Lambda runtime is best',
  }],
  [DISK_FULL, {
    reference: 'disk-full',
    advice: 'make room, or set TMPDIR to a folder that has some',
    hint: 'a project is built from a copy: leave large files out of it with {exclude}',
  }],
  [/No module named pip\b/, {
    reference: 'pip-missing',
    advice: 'give this Python a pip',
    hint: 'python -m ensurepip, or set {python} to another interpreter',
  }],
  [WITHOUT_CREDENTIALS, {
    reference: 'index-credentials',
    advice: 'give pip credentials for the index',
    hint: 'renew the token of the index (PIP_INDEX_URL, pip.conf or netrc)',
  }],
  [OUT_OF_REACH, {
    reference: 'index-unreachable',
    advice: 'make the package index reachable',
    hint: 'an isolated build takes its build backend from the index: check the network and PIP_INDEX_URL, '
      + 'or install the backend and set {pipArgs=["--no-build-isolation"]}',
  }],
  [/No matching distribution found for|Could not find a version that satisfies|was not found in the package registry|No solution found/i, {
    reference: 'build-requirement-missing',
    advice: 'correct [build-system].requires, or make the index reachable that pip asks',
    hint: 'what the build needs is not on the index, or pip did not reach it: '
      + 'look for a misspelt name in [build-system].requires, and at PIP_INDEX_URL',
  }],
  [/BackendUnavailable|Cannot import '|ModuleNotFoundError|No module named/, {
    reference: 'backend-import',
    advice: 'add what the build imports to [build-system].requires',
    hint: 'the build runs in an environment of its own that holds only [build-system].requires; check build-backend for a misspelling too',
  }],
  [/Multiple top-level (packages|modules) discovered/, {
    reference: 'packages-ambiguous',
    advice: 'tell setuptools which packages to install',
    hint: 'set [tool.setuptools] packages, or move the package below src/',
  }],
  [/setuptools-scm was unable to detect version|LookupError: .*version|Unable to determine version|NoVersionError/i, {
    reference: 'version-from-git',
    advice: 'set {version}, or build from a git checkout with tags',
    hint: 'a shallow clone has no tags: git fetch --unshallow --tags',
  }],
  [NO_VERSION, {
    reference: 'version-not-built',
    advice: 'give the project a version',
    hint: 'set [project].version in pyproject.toml',
  }],
];

/** Explain why an installation failed. */
export function explainInstall(output: string): Explanation {
  return EXPLANATIONS.find(([pattern]) => pattern.test(output))?.[1] ?? {
    reference: 'install-failed',
    advice: 'correct what its output names',
    hint: 'the same error comes from: python -m pip install --no-deps --target /tmp/check .',
  };
}

/** The last line of the last traceback among pip's many lines. */
export function lastException(output: string): string | undefined {
  return [...output.matchAll(/^\s*((?:\w+\.)*\w*(?:Error|Exception|Exit): .+)$/gm)].pop()?.[1].trim();
}

type Reason = Explanation & { readonly problem?: string };

// the output of a failed download; the first pattern that matches explains it
const CAUSES: readonly (readonly [RegExp, Reason])[] = [
  [/DO NOT MATCH THE HASHES|Hash mismatch for/, {
    reference: 'hash-mismatch',
    problem: 'a file is not the one that was locked',
    advice: 'find out who changed it before anything else; if it is right, lock the requirements again',
    hint: 'the hash tells a file that was locked from one that was tampered with, or is of another index',
  }],
  [/Hashes are required in --require-hashes mode|must have a hash|must have their versions? pinned/, {
    reference: 'hashes-incomplete',
    problem: 'some requirements have hashes and others have none',
    advice: 'lock them all with hashes, with what they require',
    hint: 'uv pip compile --generate-hashes, or pip-compile --generate-hashes',
  }],
  [/does not let its markers be evaluated for another machine|No module named 'pip\._vendor/, {
    reference: 'pip-unknown',
    problem: 'this pip cannot resolve requirements for another machine',
    advice: 'lock the requirements, or set {installer} to uv',
    hint: 'pip 21 to 26 can: this one is inside another than those',
  }],
  [/invalid value '[\w-]+' for '--python-platform|unexpected argument '--python-platform'/, {
    reference: 'uv-outdated',
    problem: 'this uv does not know the platforms of Lambda',
    advice: 'take a newer uv',
    hint: 'uv 0.6 does',
  }],
  [WITHOUT_CREDENTIALS, {
    reference: 'index-credentials',
    advice: 'give it credentials for the index',
    hint: 'renew the token of the index: PIP_INDEX_URL, UV_INDEX_URL, pip.conf or netrc',
  }],
  [OUT_OF_REACH, {
    reference: 'index-unreachable',
    advice: 'make the package index reachable',
    hint: 'check the network, and which index is asked: PIP_INDEX_URL, UV_INDEX_URL, pip.conf',
  }],
  [/is not a supported wheel on this platform|dependency is incompatible with the current platform/, {
    reference: 'wheel-url-platform',
    problem: 'a wheel that is required by its URL does not run on the target',
    advice: 'name the wheel for the target',
    hint: 'the end of its name is the platform that it is for',
  }],
  [/Wheel '.*' .*is invalid\.$|has an invalid package format|BadZipFile|Failed to (unzip|extract)|[Bb]ad CRC/m, {
    reference: 'wheel-damaged',
    problem: 'a wheel is damaged',
    advice: 'renew it where it comes from, or download it anew',
    hint: 'pip cache purge and uv cache clean remove what was downloaded before',
  }],
];

/** Explain why a download failed. `undefined` if no pattern matches. */
export function causeOf(output: string): Reason | undefined {
  return CAUSES.find(([pattern]) => pattern.test(output))?.[1];
}

const CONFLICT = /ResolutionImpossible|conflicting dependencies|No solution found|are incompatible/;

/** The reason if versions are in conflict. To be asked last: uv says the same when a wheel is missing. */
export function conflictOf(output: string): Reason | undefined {
  return CONFLICT.test(output) ? {
    reference: 'versions-conflict',
    problem: 'no versions fit together that satisfy all requirements on the target',
    advice: 'loosen one of the requirements that the output names',
    hint: 'versions without a wheel for the target do not count',
  } : undefined;
}

/** The packages with another hash than the locked one. */
export function mismatched(output: string): string[] | undefined {
  const mismatches = output.matchAll(/^\s+(\S+)(?: from .*)?:\n\s+Expected sha|Hash mismatch for `(.+?)`/gm);
  const found = [...mismatches].map(([, pip, uv]) => pip ?? uv);
  return found.length > 0 ? found : undefined;
}
