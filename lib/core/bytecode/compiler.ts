/** A Python that compiles. */
export interface Compiler {
  readonly file: string;
  /** `3.13.1` */
  readonly version: string;
  /** `sys.version`: two builds of a release may compile differently. */
  readonly build: string;
  readonly minor: number;
}

// what an interpreter may need to start, and none of PYTHON*
const NEEDED = /^(PATH|LD_LIBRARY_PATH|DYLD_\w+|SYSTEMROOT|WINDIR|TEMP|TMP|TMPDIR|HOME|PYENV_\w+)$/i;

/** The hash seed decides on the order of sets in code of older Pythons. */
export function compilerVariables(): NodeJS.ProcessEnv {
  const needed = Object.entries(process.env).filter(([name]) => NEEDED.test(name));
  return { ...Object.fromEntries(needed), PYTHONHASHSEED: '0' };
}
