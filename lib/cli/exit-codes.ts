import type { TroubleCode } from '../pipeline/api';

/** The exit codes, by which scripts can tell how the command ended. */
export const EXIT_CODES = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  build: 3,
  conflict: 4,
  aws: 5,
} as const satisfies Record<TroubleCode | 'ok' | 'unexpected', number>;

/** For `--help`. */
export const EXIT_CODE_HELP = `Exit codes:
  0    done; an upload of what is published already is done too
  1    unexpected: a bug of ours, or the machine's fault (disk full)
  2    usage: an option or the project is wrong, or no Python with pip was found
  3    the build failed, or its outcome cannot run in Lambda
  4    conflict: other content is published under this version, or verify found a difference
  5    AWS failed: no credentials, no bucket, wrong region, denied, not reached
  130  interrupted (128 and the number of the signal)`;
